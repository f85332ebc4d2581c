import type { Actor } from '#lib/domain/member/member.ts';
import type { Notification } from '#lib/domain/notification/notification.ts';
import type { Audience } from '#lib/domain/thread/audience.ts';
import type { Id } from '#lib/domain/values.ts';
import { memberStream } from '#lib/protocol/streams.ts';
import type { App } from '../../app.ts';
import { notifications } from '../../store/kinds/disputes.ts';
import type { Tx } from '../../store/port.ts';
import { eventOf } from '../account-event.ts';
import { command, type CommandMeta, type Now } from '../command.ts';

const AT_ONCE = 200;
const AT_MOST = 1_000;

/**
 * Marks one's own notifications as read, on all one's screens. Those of others, and those already read, are passed over.
 *
 * @param input ids; empty: all of them (the last thousand)
 * @returns how many were marked
 */
export function readNotifications(
  app: App,
  actor: Actor,
  input: { ids: Id[] },
  meta: CommandMeta,
): Promise<{ read: number }> {
  return command(app, actor, meta, { name: 'notification.read', input }, async (tx, now) => {
    const docs = tx.docs(notifications);
    if (input.ids.length > 0) return { read: await mark(tx, now, actor, await docs.getMany(input.ids)) };
    let read = 0;
    for (let last = AT_ONCE; last === AT_ONCE && read < AT_MOST; read += last) {
      const unread = { memberId: actor.memberId, read: false };
      last = await mark(tx, now, actor, (await docs.find(unread, { sort: ['-at'], limit: AT_ONCE })).docs);
    }
    return { read };
  });
}

/**
 * Marks as read what a member was told of a thread: they have seen it there.
 *
 * @param audience of the thread
 */
export async function readOfThread(
  tx: Tx,
  now: Now,
  actor: Pick<Actor, 'memberId'>,
  disputeId: Id,
  audience: Audience,
): Promise<void> {
  const page = await tx
    .docs(notifications)
    .find({ memberId: actor.memberId, disputeId, read: false }, { limit: AT_ONCE });
  await mark(
    tx,
    now,
    actor,
    page.docs.filter((one) => one.messageId !== null && one.audience === audience),
  );
}

async function mark(tx: Tx, now: Now, actor: Pick<Actor, 'memberId'>, found: readonly Notification[]): Promise<number> {
  const fresh = found.filter((one) => one.memberId === actor.memberId && !one.read);
  if (fresh.length === 0) return 0;
  await tx.docs(notifications).replaceMany(fresh.map((one) => ({ ...one, read: true, readAt: now.at })));
  const ids = fresh.map((one) => one.id);
  await tx.append(memberStream(actor.memberId), [eventOf(now, actor, 'notice.read', { ids })]);
  return fresh.length;
}
