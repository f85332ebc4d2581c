import type { Account } from '#lib/domain/account/account.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import { ASKING_KINDS, type Notification, type NotificationKind } from '#lib/domain/notification/notification.ts';
import type { Audience } from '#lib/domain/thread/audience.ts';
import type { Id } from '#lib/domain/values.ts';
import { memberStream } from '#lib/protocol/streams.ts';
import { newId } from '../store/id.ts';
import { notifications } from '../store/kinds/disputes.ts';
import type { Tx, Value } from '../store/port.ts';
import { eventOf } from './account-event.ts';
import type { Colleagues } from './colleagues.ts';
import type { Now } from './command.ts';

/** What members are told of. It points at things; it never repeats what somebody wrote in them. */
export interface Notice {
  kind: NotificationKind;
  account?: Pick<Account, 'id' | 'number' | 'name'> | null;
  disputeId?: Id | null;
  taskId?: Id | null;
  messageId?: Id | null;
  /** Of the message: judged again each time that the notification is shown. */
  audience?: Audience | null;
  /** Facts beside (`change`, `gains`, `reaction`): never words that somebody typed. */
  data?: Notification['data'];
  /** Why the account was taken away or the claim broken, said once to whom it happens to; not kept in the notification. */
  reason?: string | null;
}

/** Not members, though they stand where a member's id may stand. */
const NOBODY: readonly string[] = ['system', 'none', ''];

/**
 * Tells members what somebody else did that concerns them: for each a notification that waits in the inbox, and an
 * event `notice.posted` on the member's own stream, in the transaction of the fact. Nobody is told of their own acts,
 * nobody twice. Who may know of it is for the caller to judge now; it is judged again when it is read.
 *
 * @param memberIds whom to tell; null, the system and the actor are passed over
 */
export async function notify(
  tx: Tx,
  now: Now,
  actor: Pick<Actor, 'memberId'>,
  memberIds: Iterable<Id | null>,
  notice: Notice,
): Promise<void> {
  const {
    kind,
    account = null,
    disputeId = null,
    taskId = null,
    messageId = null,
    audience = null,
    data = {},
  } = notice;
  const told = new Set<Id>();
  for (const id of memberIds) if (id !== null && id !== actor.memberId && !NOBODY.includes(id)) told.add(id);
  for (const memberId of told) {
    const pointers = { accountId: account?.id ?? null, disputeId, taskId, messageId, audience };
    const notification: Notification = {
      id: newId(now.ms),
      version: 1,
      memberId,
      kind,
      at: now.at,
      by: actor.memberId,
      ...pointers,
      data,
      read: false,
      readAt: null,
      mailed: false,
    };
    await tx.docs(notifications).insert(notification);
    const said = { kind, notificationId: notification.id, by: actor.memberId, ...pointers, ...data };
    await tx.append(memberStream(memberId), [eventOf(now, actor, 'notice.posted', said, personalOf(notice))]);
  }
}

/**
 * The same; and what asks something of somebody who is away is told to whoever stands for them too (rule OWN-3), as far as
 * those may know of it themselves. They are told in whose place.
 *
 * @param reads whether a member may know of it
 */
export async function notifyAndStandIns(
  tx: Tx,
  now: Now,
  actor: Pick<Actor, 'memberId'>,
  memberIds: readonly (Id | null)[],
  notice: Notice,
  { colleagues, reads }: { colleagues: Pick<Colleagues, 'standIn'>; reads: (memberId: Id) => boolean },
): Promise<void> {
  await notify(tx, now, actor, memberIds, notice);
  if (!ASKING_KINDS.includes(notice.kind)) return;
  const told = new Set(memberIds);
  for (const id of memberIds) {
    const standIn = id === null ? null : colleagues.standIn(id);
    if (standIn === null || told.has(standIn) || !reads(standIn)) continue;
    told.add(standIn);
    await notify(tx, now, actor, [standIn], { ...notice, data: { ...notice.data, insteadOf: id } });
  }
}

/** Whoever loses an account or a claim cannot look it up any more: it is named to them once. */
function personalOf({ kind, account = null, reason = null }: Notice): { [key: string]: Value } | null {
  if (!kind.startsWith('case.') && kind !== 'bulk.finished') return null;
  const personal: { [key: string]: Value } = {};
  if (account !== null) Object.assign(personal, { number: account.number, name: account.name });
  if (reason !== null) personal.reason = reason;
  return Object.keys(personal).length > 0 ? personal : null;
}
