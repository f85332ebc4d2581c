import { renewLease as prolong } from '#lib/domain/case/claim.ts';
import { LEASE_MS } from '#lib/domain/case/case.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Id, Instant } from '#lib/domain/values.ts';
import { storeOf, type App } from '../../app.ts';
import { cases, leases } from '../../store/kinds/workspace.ts';
import { VersionConflict } from '../../store/port.ts';

/** A lease with less of its time gone than this is left alone: presence of several tabs costs no writes. */
const FRESH_MS = 15_000;

/**
 * Prolongs the lease of the case that a member holds on an account where they are present. No event; nothing happens
 * when they do not hold it.
 *
 * @returns the end of the lease, or null when this member does not hold the case
 */
export async function renewLease(app: App, actor: Actor, accountId: Id): Promise<Instant | null> {
  const store = storeOf(app, actor);
  const seen = await store.docs(leases).get(accountId);
  if (seen === null || seen.memberId !== actor.memberId) return null;
  if (Date.parse(seen.until) - app.clock.ms() > LEASE_MS - FRESH_MS) return seen.until;
  try {
    return await store.transaction(async (tx) => {
      const lease = await tx.docs(leases).get(accountId);
      const held = await tx.docs(cases).get(accountId);
      if (lease === null || lease.memberId !== actor.memberId || held?.claimedBy !== actor.memberId) return null;
      const renewed = prolong(lease, app.clock.now());
      if (renewed.until !== lease.until) await tx.docs(leases).replace(renewed);
      return renewed.until;
    });
  } catch (error) {
    // Another of one's own tabs was faster, or the claim has just ended: the next presence will tell.
    if (error instanceof VersionConflict) return seen.until;
    throw error;
  }
}
