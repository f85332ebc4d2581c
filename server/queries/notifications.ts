import type { Dispute } from '#lib/domain/dispute/dispute.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import { insteadOf, usualSettings, type NotificationSettings } from '#lib/domain/notification/notification.ts';
import { excerptOf } from '#lib/domain/text/excerpt.ts';
import type { Id } from '#lib/domain/values.ts';
import type { DisputeBrief, NotificationPage, NotificationRow } from '#lib/protocol/views/inbox.ts';
import { storeOf, type App } from '../app.ts';
import { judgeNotifications, type Judged } from '../services/notifications/access-notifications.ts';
import { members } from '../store/kinds/installation.ts';
import { notifications, notificationSettings as settings } from '../store/kinds/disputes.ts';

const COUNTED = 100;

/** What of a dispute stands in one line. */
export function briefOf(dispute: Dispute): DisputeBrief {
  const { id, version, number, state, reason, rootCause, department, currency, disputedCents, dueDay } = dispute;
  const { accountId, accountNumber, accountName } = dispute;
  return {
    id,
    version,
    number,
    state,
    reason,
    rootCause,
    department,
    currency,
    disputedCents,
    dueDay,
    accountId,
    accountNumber,
    accountName,
  };
}

/** Names of members by id; whoever is not a member of the actor's workspace has none. */
export async function namesOf(app: App, workspaceId: Id, ids: Iterable<Id>): Promise<Map<Id, string>> {
  const found = await app.store.installation.docs(members).getMany([...new Set(ids)].filter((id) => id !== ''));
  return new Map(found.filter((one) => one.workspaceId === workspaceId).map((one) => [one.id, one.name]));
}

/**
 * One's own notifications, the newest first, each judged with the rights of this moment: what one may not see any more
 * is left out, so that a page may hold fewer than `limit`.
 */
export async function notificationList(
  app: App,
  actor: Actor,
  input: { unread: boolean; limit: number; after: string | null },
): Promise<NotificationPage> {
  const store = storeOf(app, actor);
  const filter = { memberId: actor.memberId, ...(input.unread ? { read: false } : {}) };
  const [page, unread] = await Promise.all([
    store.docs(notifications).find(filter, { sort: ['-at'], limit: input.limit, after: input.after }),
    unreadCount(app, actor),
  ]);
  const judged = await judgeNotifications(store, actor, page.docs);
  const names = await namesOf(
    app,
    actor.workspaceId,
    page.docs.flatMap((one) => [one.by, insteadOf(one)]),
  );
  return { notifications: judged.map((one) => rowOf(one, names)), next: page.next, unread };
}

/** Unread notifications that the actor may see now, counted up to 100. */
export async function unreadCount(app: App, actor: Actor): Promise<number> {
  const store = storeOf(app, actor);
  const unread = { memberId: actor.memberId, read: false };
  const page = await store.docs(notifications).find(unread, { sort: ['-at'], limit: COUNTED });
  return (await judgeNotifications(store, actor, page.docs)).length;
}

/** How I am told by mail. */
export async function notificationSettings(app: App, actor: Actor): Promise<Pick<NotificationSettings, 'mails'>> {
  const chosen = await storeOf(app, actor).docs(settings).get(actor.memberId);
  return { mails: (chosen ?? usualSettings(actor.memberId)).mails };
}

function rowOf({ notification, account, dispute, task, message }: Judged, names: Map<Id, string>): NotificationRow {
  const { version: _version, memberId: _member, mailed: _mailed, ...open } = notification;
  // What was taken away leads nowhere any more.
  const nowhere = { accountId: null, disputeId: null, taskId: null, messageId: null };
  return {
    ...open,
    ...(account === null && notification.accountId !== null ? nowhere : {}),
    byName: names.get(open.by) ?? '',
    forName: names.get(insteadOf(open)) ?? '',
    account: account === null ? null : { id: account.id, number: account.number, name: account.name },
    dispute: dispute === null ? null : briefOf(dispute),
    task:
      task === null
        ? null
        : {
            id: task.id,
            kind: task.kind,
            dueDay: task.dueDay,
            state: task.state,
            blockedCents: task.blockedCents,
            currency: task.currency,
          },
    excerpt: message?.state === 'posted' ? excerptOf(message.text) : null,
  };
}
