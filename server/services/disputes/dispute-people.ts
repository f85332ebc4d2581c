import type { Account } from '#lib/domain/account/account.ts';
import type { Dispute } from '#lib/domain/dispute/dispute.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { NotificationKind } from '#lib/domain/notification/notification.ts';
import type { Id } from '#lib/domain/values.ts';
import { may } from '#lib/policies/may.ts';
import type { Tx } from '../../store/port.ts';
import { mayOn, refuseField, type Colleagues } from '../colleagues.ts';
import type { Now } from '../command.ts';
import { notifyAndStandIns } from '../notices.ts';
import { makeFollowers } from '../threads/marks.ts';

/**
 * Refuses to give a dispute to somebody who is not there or whose role does not settle disputes.
 *
 * @throws AppError validation_failed at memberId: `unknown`, `no_access`
 */
export function ensureSettler(colleagues: Colleagues, memberId: Id | null): void {
  if (memberId === null) return;
  const member = colleagues.actor(memberId);
  if (member === null) refuseField('memberId', 'unknown');
  if (!may(member, 'dispute.answer')) refuseField('memberId', 'no_access');
}

/** Whether the dispute is the actor's to answer: of the owner department (or replacing there), its person, a manager. */
export function settles(actor: Actor, dispute: Pick<Dispute, 'department' | 'memberId'>): boolean {
  return (
    actor.role === 'manager' ||
    actor.departments.includes(dispute.department) ||
    (dispute.memberId !== null && actor.owners.includes(dispute.memberId))
  );
}

/** Those who may agree to a resolution on this account, the one who asked for it apart. */
export function approversOf(colleagues: Colleagues, account: Pick<Account, 'access'>, askedBy: Id): Id[] {
  return colleagues
    .all()
    .filter((id) => id !== askedBy && mayOn(colleagues.actor(id), 'dispute.approve', account.access));
}

/** Tells people of a dispute, of those who may see it; what was typed is never in it. */
export async function tellDispute(
  tx: Tx,
  now: Now,
  actor: Pick<Actor, 'memberId'>,
  given: {
    kind: NotificationKind;
    dispute: Dispute;
    account: Account;
    to: Iterable<Id | null>;
    colleagues: Colleagues;
  },
  data: { [key: string]: string | number | boolean | null } = {},
): Promise<void> {
  const { kind, dispute, account, colleagues } = given;
  const reads = (id: Id): boolean => mayOn(colleagues.actor(id), 'dispute.read', dispute.access);
  const readers = [...given.to].filter((id) => id !== null && reads(id));
  const notice = { kind, account, disputeId: dispute.id, data };
  await notifyAndStandIns(tx, now, actor, readers, notice, { colleagues, reads });
}

/** Whoever settles a dispute, or is asked something of it, follows what is written inside about it. */
export async function followDispute(tx: Tx, dispute: Dispute, memberIds: Iterable<Id | null>): Promise<void> {
  const thread = { disputeId: dispute.id, accountId: dispute.accountId, audience: 'internal' as const };
  const members: Id[] = [];
  for (const id of memberIds) if (id !== null && id !== 'system') members.push(id);
  await makeFollowers(tx, members, thread);
}
