import { LEASE_GRACE_MS, LEASE_MS, type Case, type Lease } from '#lib/domain/case/case.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Id, Instant } from '#lib/domain/values.ts';
import { AppError } from '#lib/protocol/errors.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import { cases, leases } from '../../store/kinds/workspace.ts';
import type { Tx } from '../../store/port.ts';
import { accountEvent } from '../account-event.ts';
import type { Now } from '../command.ts';

/** Who may be named in events when nobody acts. */
export const SYSTEM = { memberId: 'system' } as const;

/** Whether a lease has ended, the difference between clocks allowed for. */
export function isStale(lease: Pick<Lease, 'until'>, nowMs: number): boolean {
  return Date.parse(lease.until) + LEASE_GRACE_MS < nowMs;
}

/** Who holds the case and until when; null when it is free or the lease has ended. */
export async function holderOf(tx: Tx, now: Now, held: Case): Promise<{ memberId: Id; until: Instant } | null> {
  if (held.claimedBy === null) return null;
  const lease = await tx.docs(leases).get(held.id);
  return lease === null || isStale(lease, now.ms) ? null : { memberId: held.claimedBy, until: lease.until };
}

/**
 * Gives the case to a member for the length of a lease, unless somebody else holds it. A stale claim is expired
 * first, with its event.
 *
 * @returns the case as it is to be settled, and whether the claim is new
 * @throws AppError already_claimed with holderId and until
 */
export async function takeClaim(
  tx: Tx,
  now: Now,
  free: Case,
  memberId: Id,
): Promise<{ case: Case; until: Instant; taken: boolean }> {
  const current = await ensureFreeFor(tx, now, free, memberId);
  const until = await setLease(tx, now, current.id, memberId);
  if (current.claimedBy === memberId) return { case: current, until, taken: false };
  return { case: { ...current, claimedBy: memberId, claimedAt: now.at }, until, taken: true };
}

/**
 * Lets go on with a case that is free or held by this member.
 *
 * @returns the case, free if its claim was stale
 * @throws AppError already_claimed with holderId and until
 */
export async function ensureFreeFor(tx: Tx, now: Now, held: Case, memberId: Id): Promise<Case> {
  if (held.claimedBy === null || held.claimedBy === memberId) return held;
  const holder = await holderOf(tx, now, held);
  if (holder !== null) throw new AppError('already_claimed', { holderId: holder.memberId, until: holder.until });
  return expireClaim(tx, now, held);
}

/** Stores the end of a stale claim and says it. The caller settles the account. */
export async function expireClaim(tx: Tx, now: Now, held: Case): Promise<Case> {
  const freed = await tx.docs(cases).replace(dropClaim(held));
  await removeLease(tx, held.id);
  await tx.append(accountStream(held.id), [
    accountEvent(now, SYSTEM, 'case.claim_expired', { case: freed }, { data: { holderId: held.claimedBy } }),
  ]);
  return freed;
}

/** The case without its claim; its lease is removed by `removeLease` in the same transaction. */
export function dropClaim(held: Case): Case {
  return { ...held, claimedBy: null, claimedAt: null };
}

/** Takes the claim off and removes its lease. The caller settles the account and says why. */
export async function freeClaim(tx: Tx, held: Case): Promise<Case> {
  await removeLease(tx, held.id);
  return dropClaim(held);
}

async function removeLease(tx: Tx, caseId: Id): Promise<void> {
  const lease = await tx.docs(leases).get(caseId);
  if (lease !== null) await tx.docs(leases).remove(lease.id, lease.version);
}

/** Begins or prolongs a lease. */
export async function setLease(tx: Tx, now: Now, caseId: Id, memberId: Id): Promise<Instant> {
  const until = new Date(now.ms + LEASE_MS).toISOString();
  const lease = await tx.docs(leases).get(caseId);
  if (lease === null) await tx.docs(leases).insert({ id: caseId, version: 1, memberId, until });
  else await tx.docs(leases).replace({ ...lease, memberId, until });
  return until;
}
