import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addDays } from '../calendar/calendar.ts';
import { ITEM_KINDS, isCredit } from '../item/item.ts';
import { agedBalanceOf, type DueGroup } from './aged-balance.ts';
import { balancesOf, type OpenItem } from './balances-of.ts';

const UNDISPUTED = { disputed: false, flagTaken: false, disputedCents: 0, awaitingCents: 0, einvoice: null };

describe('aged balance', () => {
  test('[AGE-8] credits stand apart, settled groups weigh nothing, currencies are not added', () => {
    const group = (more: Partial<DueGroup>): DueGroup => ({
      currency: 'EUR',
      dueDay: '2026-10-01',
      itemKind: 'invoice',
      cents: 100,
      ...more,
    });
    expect(
      agedBalanceOf(
        [
          group({}),
          group({ dueDay: '2026-12-01', cents: 40 }),
          group({ itemKind: 'payment', cents: -30 }),
          group({ currency: 'USD', cents: 0 }),
        ],
        '2026-11-20',
      ),
    ).toEqual([
      {
        currency: 'EUR',
        buckets: { not_due: 40, d1_30: 0, d31_60: 100, d61_90: 0, over_90: 0 },
        creditCents: -30,
        overdueCents: 100,
        openCents: 110,
      },
    ]);
  });

  test('[AGE-8] grouped movements and open items give the same figures', () => {
    const items = fc.array(
      fc
        .record({
          kind: fc.constantFrom(...ITEM_KINDS),
          dueDay: fc.integer({ min: -120, max: 30 }).map((days) => addDays('2026-11-20', days)),
          currency: fc.constantFrom('EUR', 'USD'),
          cents: fc.integer({ min: 1, max: 9999 }),
        })
        .map(({ cents, ...rest }): OpenItem => ({
          ...rest,
          ...UNDISPUTED,
          state: 'open',
          openCents: isCredit(rest.kind) ? -cents : cents,
        })),
    );
    fc.assert(
      fc.property(items, (list) => {
        const groups = list.map((item) => ({ ...item, itemKind: item.kind, cents: item.openCents }));
        const account = { id: 'a', access: [], ownerId: null, salesRepId: null };
        const expected = balancesOf(account, list, '2026-11-20').map(
          ({ currency, buckets, creditCents, overdueCents, openCents }) => ({
            currency,
            buckets,
            creditCents,
            overdueCents,
            openCents,
          }),
        );
        expect(agedBalanceOf(groups, '2026-11-20')).toEqual(expected);
      }),
    );
  });
});
