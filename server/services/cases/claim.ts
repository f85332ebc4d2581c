import { claimCase as decideClaim, isLeaseOver, withoutClaim } from '#lib/domain/case/claim.ts';
import type { Case, Lease } from '#lib/domain/case/case.ts';
import type { Id, Instant } from '#lib/domain/values.ts';
import { AppError } from '#lib/protocol/errors.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import { cases, leases } from '../../store/kinds/workspace.ts';
import type { Tx } from '../../store/port.ts';
import { accountEvent } from '../account-event.ts';
import type { Now } from '../command.ts';
import { SYSTEM } from '../system.ts';

/** Who holds the case and until when; null when it is free or the lease has ended. */
export async function holderOf(tx: Tx, now: Now, held: Case): Promise<{ memberId: Id; until: Instant } | null> {
  if (held.claimedBy === null) return null;
  const lease = await tx.docs(leases).get(held.id);
  return lease === null || isLeaseOver(lease, now.at) ? null : { memberId: held.claimedBy, until: lease.until };
}

/**
 * Gives the case to a member for the length of a lease, unless somebody else holds it (rules CLM-1 to CLM-3). A stale
 * claim is expired first, with its event.
 *
 * @returns the case as it is to be settled, and whether the claim is new
 * @throws AppError already_claimed with holderId and until
 */
export async function takeClaim(
  tx: Tx,
  now: Now,
  current: Case,
  memberId: Id,
): Promise<{ case: Case; until: Instant; taken: boolean }> {
  const lease = await tx.docs(leases).get(current.id);
  const claim = decideClaim(current, lease, memberId, now.at);
  if (!claim.ok) throw new AppError('already_claimed', { holderId: claim.heldBy, until: claim.until });
  if (claim.renewed) {
    await putLease(tx, lease, claim.lease);
    return { case: current, until: claim.lease.until, taken: false };
  }
  if (claim.expiredFrom !== null) {
    const freed = await expireClaim(tx, now, current);
    await tx.docs(leases).insert({ ...claim.lease, version: 1 });
    return { case: { ...claim.case, version: freed.version }, until: claim.lease.until, taken: true };
  }
  await putLease(tx, lease, claim.lease);
  return { case: claim.case, until: claim.lease.until, taken: true };
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

/** Stores the end of a stale claim and says it (rule CLM-7). The caller settles the account. */
export async function expireClaim(tx: Tx, now: Now, held: Case): Promise<Case> {
  const freed = await tx.docs(cases).replace(withoutClaim(held));
  await removeLease(tx, held.id);
  await tx.append(accountStream(held.id), [
    accountEvent(now, SYSTEM, 'case.claim_expired', { case: freed }, { data: { holderId: held.claimedBy } }),
  ]);
  return freed;
}

/** Takes the claim off and removes its lease. The caller settles the account and says why. */
export async function freeClaim(tx: Tx, held: Case): Promise<Case> {
  await removeLease(tx, held.id);
  return withoutClaim(held);
}

/** Removes the lease of a case, if there is one, by its version. */
export async function removeLease(tx: Tx, caseId: Id): Promise<void> {
  const lease = await tx.docs(leases).get(caseId);
  if (lease !== null) await tx.docs(leases).remove(lease.id, lease.version);
}

/** Stores a lease in place of the one that was read. */
export async function putLease(tx: Tx, before: Lease | null, lease: Lease): Promise<void> {
  if (before === null) await tx.docs(leases).insert({ ...lease, version: 1 });
  else await tx.docs(leases).replace({ ...lease, version: before.version });
}
