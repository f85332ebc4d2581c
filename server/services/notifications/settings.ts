import type { Actor } from '#lib/domain/member/member.ts';
import { usualSettings, type MailPace, type NotificationSettings } from '#lib/domain/notification/notification.ts';
import type { Id } from '#lib/domain/values.ts';
import type { App } from '../../app.ts';
import { notificationSettings } from '../../store/kinds/disputes.ts';
import type { Tx, WorkspaceStore } from '../../store/port.ts';
import { command, type CommandMeta } from '../command.ts';

/** How a member wants to be told: by mail at once, unless they chose otherwise. */
export async function settingsOf(reader: Tx | WorkspaceStore, memberId: Id): Promise<NotificationSettings> {
  return (await reader.docs(notificationSettings).get(memberId)) ?? usualSettings(memberId);
}

/** Chooses how one is told by mail: at once, once a day, or not at all. */
export function changeNotificationSettings(
  app: App,
  actor: Actor,
  input: { mails: MailPace },
  meta: CommandMeta,
): Promise<{ mails: MailPace }> {
  return command(app, actor, meta, { name: 'notification.change', input }, async (tx) => {
    const docs = tx.docs(notificationSettings);
    const found = await docs.get(actor.memberId);
    if (found === null) await docs.insert({ ...usualSettings(actor.memberId), mails: input.mails });
    else if (found.mails !== input.mails) await docs.replace({ ...found, mails: input.mails });
    return { mails: input.mails };
  });
}
