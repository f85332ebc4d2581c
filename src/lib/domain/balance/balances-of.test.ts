import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addDays, daysBetween } from '../calendar/calendar.ts';
import { ITEM_KINDS, isCredit } from '../item/item.ts';
import { parseAmount } from '../money/money.ts';
import type { Day } from '../values.ts';
import { balancesOf, bucketOf, bucketOfDays, netToChase, nextAgeingDay, type OpenItem } from './balances-of.ts';

interface GoldenItem {
  id: string;
  type: 'invoice' | 'credit_note' | 'unallocated_payment';
  dueDate?: Day | null;
  date?: Day;
  open: string;
  disputed?: boolean;
}

const golden = JSON.parse(
  readFileSync(new URL('../../../../test/fixtures/golden/aging.json', import.meta.url), 'utf8'),
) as {
  cases: {
    id: string;
    input: { asOf: Day; items: GoldenItem[] };
    expected: {
      details: { id: string; daysOverdue: number; bucket: string }[];
      invoicesOnly?: Record<string, string>;
      netTotal?: string;
      unallocatedCredits?: string;
      overdueInvoices?: string;
      disputedOpen?: string;
    };
  }[];
};

const cents = (text: string | undefined): number => parseAmount(text ?? '', '.')?.cents ?? NaN;

const account = { id: 'a1', access: ['owner:none'], ownerId: null, salesRepId: 'm9' };

const open = (item: Partial<OpenItem>): OpenItem => ({
  kind: 'invoice',
  dueDay: '2026-10-31',
  currency: 'EUR',
  openCents: 100,
  disputed: false,
  flagTaken: false,
  disputedCents: 0,
  awaitingCents: 0,
  einvoice: null,
  state: 'open',
  ...item,
});

const items = fc.array(
  fc
    .record({
      kind: fc.constantFrom(...ITEM_KINDS),
      dueDay: fc.integer({ min: -200, max: 60 }).map((days) => addDays('2026-10-31', days)),
      currency: fc.constantFrom('EUR', 'USD'),
      magnitude: fc.integer({ min: 1, max: 10_000_000 }),
      disputed: fc.boolean(),
      flagTaken: fc.boolean(),
      disputedShare: fc.constantFrom(0, 0, 0.3, 1),
      awaitingShare: fc.constantFrom(0, 0, 0.2, 0.7),
      state: fc.constantFrom('open' as const, 'open' as const, 'settled' as const, 'not_yet' as const),
    })
    .map(({ magnitude, disputedShare, awaitingShare, ...rest }): OpenItem => {
      const disputedCents = Math.floor(magnitude * disputedShare);
      const awaitingCents = Math.min(magnitude - disputedCents, Math.floor(magnitude * awaitingShare));
      const openCents = isCredit(rest.kind) ? -magnitude : magnitude;
      return { ...rest, disputedCents, awaitingCents, einvoice: null, openCents };
    }),
  { maxLength: 40 },
);

describe('ageing', () => {
  for (const { id, input, expected } of golden.cases) {
    test(`[AGE-2] golden ${id}: days and buckets`, () => {
      for (const detail of expected.details) {
        const item = input.items.find((one) => one.id === detail.id);
        if (typeof item?.dueDate !== 'string') continue;
        expect([daysBetween(item.dueDate, input.asOf), bucketOf(item.dueDate, input.asOf)]).toEqual([
          detail.daysOverdue,
          detail.bucket,
        ]);
      }
    });
  }

  test('[AGE-3] golden boundaries-and-credits: the balance', () => {
    const { input, expected } = golden.cases.find((one) => one.id === 'boundaries-and-credits') ?? golden.cases[0]!;
    const [balance] = balancesOf(
      account,
      input.items.map((item) =>
        open({
          kind: item.type === 'unallocated_payment' ? 'payment' : item.type,
          dueDay: item.dueDate ?? item.date ?? input.asOf,
          openCents: cents(item.open),
          disputed: item.disputed ?? false,
        }),
      ),
      input.asOf,
    );
    expect(balance).toMatchObject({
      openCents: cents(expected.netTotal),
      creditCents: cents(expected.unallocatedCredits),
      overdueCents: cents(expected.overdueInvoices),
      disputedCents: cents(expected.disputedOpen),
      contestedCents: cents(expected.disputedOpen),
      oldestDueDay: '2026-08-01',
      openItems: 12,
      overdueItems: 8,
      disputedItems: 1,
    });
    for (const [bucket, sum] of Object.entries(expected.invoicesOnly ?? {})) {
      expect([bucket, balance?.buckets[bucket as 'not_due']]).toEqual([bucket, cents(sum)]);
    }
  });

  test('[AGE-4] buckets and credits add up to open, which is the sum of the open items, per currency', () => {
    fc.assert(
      fc.property(items, (list) => {
        const balances = balancesOf(account, list, '2026-10-31');
        for (const balance of balances) {
          const own = list.filter((item) => item.currency === balance.currency && item.state === 'open');
          const aged = Object.values(balance.buckets).reduce((sum, value) => sum + value, 0);
          expect(balance.openCents).toBe(own.reduce((sum, item) => sum + item.openCents, 0));
          expect(aged + balance.creditCents).toBe(balance.openCents);
          expect(balance.overdueCents).toBe(aged - balance.buckets.not_due);
          expect(balance.creditCents).toBeLessThanOrEqual(0);
          expect(netToChase(balance)).toBeGreaterThanOrEqual(0);
          expect(balance.contestedCents).toBeLessThanOrEqual(balance.overdueCents);
          expect(balance.oldestDueDay === null).toBe(balance.contestedCents === balance.overdueCents);
        }
        expect(balances.map((balance) => balance.currency)).toEqual(
          [...new Set(list.filter((item) => item.state === 'open').map((item) => item.currency))].sort(),
        );
      }),
    );
  });

  test('[AGE-6] a disputed overdue debit is contested and does not give the oldest day', () => {
    const [balance] = balancesOf(
      account,
      [open({ dueDay: '2026-01-01', disputed: true }), open({ dueDay: '2026-10-01', openCents: 40 })],
      '2026-10-31',
    );
    expect(balance).toMatchObject({ overdueCents: 140, contestedCents: 100, oldestDueDay: '2026-10-01' });
    expect(balance && netToChase(balance)).toBe(40);
  });

  test('[AGE-6] of a partly disputed debit only that part is contested; the rest stays due and gives the oldest day', () => {
    const [balance] = balancesOf(
      account,
      [
        open({ dueDay: '2026-01-01', openCents: 1_000, disputedCents: 240, awaitingCents: 60 }),
        open({ dueDay: '2026-02-01', openCents: 50, disputedCents: 50 }),
        open({ dueDay: '2026-12-01', openCents: 80, awaitingCents: 80 }),
      ],
      '2026-10-31',
    );
    expect(balance).toMatchObject({
      openCents: 1_130,
      overdueCents: 1_050,
      contestedCents: 350,
      disputedCents: 430,
      disputedItems: 3,
      oldestDueDay: '2026-01-01',
    });
    expect(balance && netToChase(balance)).toBe(700);
  });

  test('[AGE-6] a refused or rejected invoice is not chased', () => {
    const ended = (state: 'refused' | 'rejected' | 'dispute'): OpenItem =>
      open({ einvoice: { state, code: '', at: '', announcedCents: null, announcedDay: null } });
    const [balance] = balancesOf(account, [ended('refused'), ended('rejected'), ended('dispute')], '2026-11-20');
    expect(balance).toMatchObject({ overdueCents: 300, contestedCents: 200 });
  });

  test('[QUE-2] unallocated credits reduce what is to chase, never below zero', () => {
    expect(netToChase({ overdueCents: 1000, contestedCents: 200, creditCents: -300 })).toBe(500);
    expect(netToChase({ overdueCents: 1000, contestedCents: 200, creditCents: -3000 })).toBe(0);
  });

  test('[AGE-7] the next ageing day is the first on which the balances come out otherwise', () => {
    fc.assert(
      fc.property(items, (list) => {
        const today = '2026-10-31';
        const figures = (day: Day): string =>
          JSON.stringify(balancesOf(account, list, day).map((balance) => ({ ...balance, computedFor: '' })));
        const next = nextAgeingDay(list, today);
        const horizon = next ?? addDays(today, 300);
        for (let day = addDays(today, 1); day < horizon; day = addDays(day, 1))
          expect(figures(day)).toBe(figures(today));
        if (next !== null) expect(figures(next)).not.toBe(figures(today));
      }),
      { numRuns: 40 },
    );
  });

  test('[AGE-2] buckets of days', () => {
    expect([-3, 0, 1, 30, 31, 60, 61, 90, 91].map(bucketOfDays)).toEqual([
      'not_due',
      'not_due',
      'd1_30',
      'd1_30',
      'd31_60',
      'd31_60',
      'd61_90',
      'd61_90',
      'over_90',
    ]);
  });

  test('[AGE-5] five thousand items take one pass', () => {
    const many = Array.from({ length: 5000 }, (_, index) =>
      open({ dueDay: addDays('2026-10-31', (index % 400) - 300), openCents: index + 1 }),
    );
    const started = performance.now();
    const [balance] = balancesOf(account, many, '2026-10-31');
    expect(balance?.openCents).toBe((5000 * 5001) / 2);
    expect(performance.now() - started).toBeLessThan(250);
  });
});
