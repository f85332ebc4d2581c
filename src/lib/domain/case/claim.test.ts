import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LEASE_GRACE_MS, LEASE_MS, type Case, type Lease } from './case.ts';
import { breakClaim, claimCase, expireClaim, handOver, instantAfter, isLeaseOver, releaseCase } from './claim.ts';
import { newCase } from './new-case.ts';

const NOW = '2026-11-22T09:00:00.000Z';
const free = newCase('a1');
const held: Case = { ...free, claimedBy: 'anne', claimedAt: NOW };
const lease: Lease = { id: 'a1', version: 4, memberId: 'anne', until: instantAfter(NOW, LEASE_MS) };
const later = (ms: number): string => instantAfter(NOW, ms);

describe('claims', () => {
  test('[CLM-1] a free case is taken with a lease of ten minutes', () => {
    expect(claimCase(free, null, 'anne', NOW)).toEqual({
      ok: true,
      case: held,
      lease: { id: 'a1', version: 1, memberId: 'anne', until: '2026-11-22T09:10:00.000Z' },
      renewed: false,
      expiredFrom: null,
    });
  });

  test('[CLM-1] the loser learns who holds it and until when', () => {
    expect(claimCase(held, lease, 'ben', later(1))).toEqual({ ok: false, heldBy: 'anne', until: lease.until });
  });

  test('[CLM-1] claiming what one holds renews the lease and nothing else', () => {
    const again = claimCase(held, lease, 'anne', later(60_000));
    expect(again).toEqual({
      ok: true,
      case: held,
      lease: { ...lease, until: later(LEASE_MS + 60_000) },
      renewed: true,
      expiredFrom: null,
    });
  });

  test('[CLM-2] a lease is over only after the grace', () => {
    expect(isLeaseOver(lease, later(LEASE_MS + LEASE_GRACE_MS))).toBe(false);
    expect(isLeaseOver(lease, later(LEASE_MS + LEASE_GRACE_MS + 1))).toBe(true);
  });

  test('[CLM-3] a stale claim is taken over and named, on the stored lease', () => {
    const at = later(LEASE_MS + LEASE_GRACE_MS + 1);
    expect(claimCase(held, lease, 'ben', at)).toMatchObject({
      ok: true,
      case: { claimedBy: 'ben', claimedAt: at },
      lease: { version: 4, memberId: 'ben' },
      expiredFrom: 'anne',
    });
  });

  test('[CLM-3] a claim whose lease is missing holds nobody off', () => {
    expect(claimCase(held, null, 'ben', NOW)).toMatchObject({ ok: true, expiredFrom: 'anne' });
  });

  test('[CLM-1] whatever the order of attempts, one holds it at any time', () => {
    const attempts = fc.array(
      fc.record({ who: fc.constantFrom('anne', 'ben', 'cleo'), after: fc.integer({ min: 0, max: 15 * 60_000 }) }),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(attempts, (list) => {
        let current = free;
        let stored: Lease | null = null;
        let at = NOW;
        for (const { who, after } of list) {
          at = instantAfter(at, after);
          const stillHeld = stored !== null && !isLeaseOver(stored, at) ? current.claimedBy : null;
          const result = claimCase(current, stored, who, at);
          expect(result.ok).toBe(stillHeld === null || stillHeld === who);
          if (!result.ok) {
            expect(result.heldBy).toBe(stillHeld);
            continue;
          }
          current = result.case;
          stored = result.lease;
          expect([current.claimedBy, stored.memberId]).toEqual([who, who]);
        }
      }),
    );
  });

  test('[CLM-4] only the holder releases', () => {
    expect(releaseCase(held, 'anne')).toEqual({ ok: true, case: free });
    expect(releaseCase(held, 'ben')).toEqual({ ok: false, code: 'held_by_other', heldBy: 'anne' });
    expect(releaseCase(free, 'ben')).toEqual({ ok: false, code: 'not_claimed' });
  });

  test('[CLM-5] the holder hands over with a full lease; others may not while it is held', () => {
    const at = later(5000);
    expect(handOver(held, lease, 'anne', 'ben', at)).toMatchObject({
      ok: true,
      case: { claimedBy: 'ben', claimedAt: at },
      lease: { memberId: 'ben', version: 4, until: later(LEASE_MS + 5000) },
    });
    expect(handOver(held, lease, 'cleo', 'ben', at)).toMatchObject({ ok: false, heldBy: 'anne' });
    expect(handOver(free, null, 'cleo', 'ben', at)).toMatchObject({ ok: true, case: { claimedBy: 'ben' } });
  });

  test('[CLM-6] breaking a claim needs a reason and names whose it was', () => {
    expect(breakClaim(held, '  ')).toEqual({ ok: false, code: 'reason_required' });
    expect(breakClaim(free, 'x')).toEqual({ ok: false, code: 'not_claimed' });
    expect(breakClaim(held, ' urgent ')).toEqual({ ok: true, case: free, brokenFrom: 'anne', reason: 'urgent' });
  });

  test('[CLM-7] a sweep ends only what is over, and only by the lease of the claim', () => {
    const at = later(LEASE_MS + LEASE_GRACE_MS + 1);
    expect(expireClaim(held, lease, later(LEASE_MS))).toBeNull();
    expect(expireClaim({ ...held, claimedBy: 'ben' }, lease, at)).toBeNull();
    expect(expireClaim(held, lease, at)).toEqual({ case: free, expiredFrom: 'anne' });
  });
});
