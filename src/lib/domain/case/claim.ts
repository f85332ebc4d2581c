import type { Id, Instant } from '../values.ts';
import { LEASE_GRACE_MS, LEASE_MS, type Case, type Lease } from './case.ts';

/** A claim that was taken or renewed: the documents as they are to be stored. */
export interface Claimed {
  ok: true;
  case: Case;
  lease: Lease;
  /** The member held it already: nothing to tell anybody, only the lease is longer. */
  renewed: boolean;
  /** Whose stale claim ended by this one; null when nobody's did. */
  expiredFrom: Id | null;
}

/** Somebody else holds the case. */
export interface Held {
  ok: false;
  heldBy: Id;
  until: Instant;
}

/** The instant `ms` milliseconds after another. */
export function instantAfter(now: Instant, ms: number): Instant {
  return new Date(Date.parse(now) + ms).toISOString();
}

/**
 * Whether a lease has run out for everybody, whatever their clock: its end lies more than LEASE_GRACE_MS back
 * (rule CLM-2).
 */
export function isLeaseOver(lease: Pick<Lease, 'until'>, now: Instant): boolean {
  return Date.parse(now) > Date.parse(lease.until) + LEASE_GRACE_MS;
}

/** A lease of LEASE_MS from now for the member. */
export function newLease(caseId: Id, memberId: Id, now: Instant): Lease {
  return { id: caseId, version: 1, memberId, until: instantAfter(now, LEASE_MS) };
}

/**
 * Takes the case for a member (rules CLM-1 to CLM-3): free, held by oneself (then the lease is renewed), or held by a
 * claim whose lease is over or missing. Needs no expected version of the case.
 *
 * @param lease the stored lease of the case, null when there is none
 */
export function claimCase(current: Case, lease: Lease | null, memberId: Id, now: Instant): Claimed | Held {
  if (current.claimedBy === memberId && lease !== null && lease.memberId === memberId && !isLeaseOver(lease, now)) {
    return { ok: true, case: current, lease: renewLease(lease, now), renewed: true, expiredFrom: null };
  }
  if (
    current.claimedBy !== null &&
    current.claimedBy !== memberId &&
    lease !== null &&
    lease.memberId === current.claimedBy &&
    !isLeaseOver(lease, now)
  ) {
    return { ok: false, heldBy: current.claimedBy, until: lease.until };
  }
  const fresh = newLease(current.id, memberId, now);
  return {
    ok: true,
    case: { ...current, claimedBy: memberId, claimedAt: now },
    lease: lease === null ? fresh : { ...fresh, version: lease.version },
    renewed: false,
    expiredFrom: current.claimedBy,
  };
}

/** The lease with LEASE_MS from now, never shortened. */
export function renewLease(lease: Lease, now: Instant): Lease {
  const until = instantAfter(now, LEASE_MS);
  return until > lease.until ? { ...lease, until } : lease;
}

/** The case without a claim, however it ended: released, finished, broken, run out. */
export function withoutClaim(current: Case): Case {
  return { ...current, claimedBy: null, claimedAt: null };
}

/** Who is refused what, when a claim is in the way. */
export type ClaimRefusal =
  | { ok: false; code: 'not_claimed' }
  | { ok: false; code: 'held_by_other'; heldBy: Id }
  | { ok: false; code: 'reason_required' };

/** Gives the case back (rule CLM-4): only its holder may. The lease goes with it. */
export function releaseCase(current: Case, memberId: Id): { ok: true; case: Case } | ClaimRefusal {
  if (current.claimedBy === null) return { ok: false, code: 'not_claimed' };
  if (current.claimedBy !== memberId) return { ok: false, code: 'held_by_other', heldBy: current.claimedBy };
  return { ok: true, case: withoutClaim(current) };
}

/**
 * Passes the claim to another member (rule CLM-5): the holder may, and anybody while it is free. The receiver gets a
 * full lease.
 */
export function handOver(
  current: Case,
  lease: Lease | null,
  fromId: Id,
  toId: Id,
  now: Instant,
): { ok: true; case: Case; lease: Lease } | ClaimRefusal {
  if (current.claimedBy !== null && current.claimedBy !== fromId && lease !== null && !isLeaseOver(lease, now)) {
    return { ok: false, code: 'held_by_other', heldBy: current.claimedBy };
  }
  return {
    ok: true,
    case: { ...current, claimedBy: toId, claimedAt: now },
    lease: { ...newLease(current.id, toId, now), version: lease?.version ?? 1 },
  };
}

/** Ends somebody's claim (rule CLM-6); who may is the policy's to say, a reason is required. */
export function breakClaim(
  current: Case,
  reason: string,
): { ok: true; case: Case; brokenFrom: Id; reason: string } | ClaimRefusal {
  if (current.claimedBy === null) return { ok: false, code: 'not_claimed' };
  const text = reason.trim();
  if (text === '') return { ok: false, code: 'reason_required' };
  return { ok: true, case: withoutClaim(current), brokenFrom: current.claimedBy, reason: text };
}

/** Ends a claim whose lease is over (rule CLM-7); null while it is not, or when the lease is not the claim's. */
export function expireClaim(current: Case, lease: Lease, now: Instant): { case: Case; expiredFrom: Id } | null {
  if (current.claimedBy === null || lease.memberId !== current.claimedBy || !isLeaseOver(lease, now)) return null;
  return { case: withoutClaim(current), expiredFrom: current.claimedBy };
}
