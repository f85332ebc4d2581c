import type { Account } from '#lib/domain/account/account.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import { memberStream } from '#lib/protocol/streams.ts';
import type { Tx, Value } from '../store/port.ts';
import { eventOf } from './account-event.ts';
import type { Now } from './command.ts';

export type NoticeKind =
  'case.reassigned' | 'case.handed_over' | 'case.claim_broken' | 'task.created' | 'bulk.finished';

/**
 * Tells a member, on that member's own stream, what somebody else did that concerns them. Nobody is told of their
 * own acts.
 */
export async function postNotice(
  tx: Tx,
  now: Now,
  actor: Actor,
  memberId: Id | null,
  kind: NoticeKind,
  account: Pick<Account, 'id' | 'number' | 'name'> | null,
  extra: { data?: { [key: string]: Value }; reason?: string | null } = {},
): Promise<void> {
  if (memberId === null || memberId === actor.memberId || memberId === 'system') return;
  const personal: { [key: string]: Value } = {};
  if (account !== null) Object.assign(personal, { number: account.number, name: account.name });
  if (extra.reason !== undefined && extra.reason !== null) personal.reason = extra.reason;
  const data = { kind, accountId: account?.id ?? null, by: actor.memberId, ...extra.data };
  await tx.append(memberStream(memberId), [
    eventOf(now, actor, 'notice.posted', data, Object.keys(personal).length > 0 ? personal : null),
  ]);
}
