import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addDays } from '../calendar/calendar.ts';
import { parseAmount } from '../money/money.ts';
import type { Day } from '../values.ts';
import { judgePromise, settlePromise, withdrawPromise, type PromiseEvent, type PromiseTerms } from './judge-promise.ts';
import { promiseEventsOf, type MoneyMovement } from './promise-events.ts';
import type { PromiseState, PromiseToPay } from './promise.ts';

const golden = JSON.parse(
  readFileSync(new URL('../../../../test/fixtures/golden/promises.json', import.meta.url), 'utf8'),
) as {
  cases: {
    id: string;
    input: {
      promise: { amount: string; dueDate: Day; createdOn: Day; tolerance: string; graceDays: number };
      events: { type: 'payment' | 'reversal' | 'withdrawn'; date: Day; amount?: string }[];
    };
    expected: { asOf: Day; state: PromiseState; keptAmount: string }[];
  }[];
};

const cents = (text: string): number => parseAmount(text, '.')?.cents ?? NaN;

const terms: PromiseTerms = {
  cents: 100_000,
  dueDay: '2026-11-10',
  createdOn: '2026-11-03',
  graceDays: 2,
  toleranceCents: 100,
};

const promise: PromiseToPay = {
  ...terms,
  id: 'p1',
  version: 1,
  accountId: 'a1',
  currency: 'EUR',
  createdBy: 'm1',
  state: 'open',
  keptCents: 0,
  judgedOn: null,
};

describe('promises', () => {
  for (const { id, input, expected } of golden.cases) {
    test.each(expected)(`[PRO-1] golden ${id} as of $asOf: $state`, ({ asOf, state, keptAmount }) => {
      const given: PromiseTerms = {
        cents: cents(input.promise.amount),
        dueDay: input.promise.dueDate,
        createdOn: input.promise.createdOn,
        graceDays: input.promise.graceDays,
        toleranceCents: cents(input.promise.tolerance),
      };
      const events = input.events.map((event): PromiseEvent =>
        event.type === 'withdrawn'
          ? { type: 'withdrawn', day: event.date }
          : { type: event.type, day: event.date, cents: cents(event.amount ?? '') },
      );
      const outcome = judgePromise(given, events, asOf);
      expect([outcome.state, outcome.keptCents]).toEqual([state, cents(keptAmount)]);
    });
  }

  test.each([
    ['by a credit note alone', [{ type: 'credit_note', day: '2026-11-08', cents: 100_000 }], 'cleared_otherwise'],
    [
      'by money and a credit note',
      [
        { type: 'payment', day: '2026-11-08', cents: 60_000 },
        { type: 'credit_note', day: '2026-11-08', cents: 40_000 },
      ],
      'cleared_otherwise',
    ],
    ['in part by a credit note', [{ type: 'credit_note', day: '2026-11-08', cents: 40_000 }], 'broken'],
  ] as const)('[PRO-3] cleared %s', (_, events, state) => {
    expect(judgePromise(terms, events, '2026-11-13').state).toBe(state);
  });

  test('[PRO-5] money after the grace leaves it broken and is told', () => {
    const outcome = judgePromise(terms, [{ type: 'payment', day: '2026-11-13', cents: 100_000 }], '2026-11-20');
    expect(outcome).toEqual({ state: 'broken', keptCents: 0, lateCents: 100_000 });
  });

  test('[PRO-2] an old ledger breaks nothing', () => {
    expect(settlePromise(promise, [], '2026-11-12', '2026-12-24')).toBe(promise);
    expect(settlePromise(promise, [], '2026-11-13', '2026-12-24')).toMatchObject({
      state: 'broken',
      judgedOn: '2026-12-24',
    });
  });

  test('[PRO-4] a debit sent back breaks a kept promise; judging again the same day changes nothing', () => {
    const paid: PromiseEvent = { type: 'payment', day: '2026-11-09', cents: 100_000 };
    const kept = settlePromise(promise, [paid], '2026-11-10', '2026-11-11');
    expect(kept).toMatchObject({ state: 'kept', keptCents: 100_000, judgedOn: '2026-11-11' });
    expect(settlePromise(kept, [paid], '2026-11-10', '2026-11-15')).toBe(kept);
    const back: PromiseEvent = { type: 'reversal', day: '2026-11-20', cents: 100_000 };
    expect(settlePromise(kept, [paid, back], '2026-11-21', '2026-11-22')).toMatchObject({
      state: 'broken',
      keptCents: 0,
      judgedOn: '2026-11-22',
    });
  });

  test('[PRO-7] only an open promise is withdrawn, and it stays so', () => {
    const result = withdrawPromise(promise, '2026-11-05');
    expect(result).toMatchObject({ ok: true, promise: { state: 'withdrawn', judgedOn: '2026-11-05' } });
    if (!result.ok) return;
    expect(withdrawPromise(result.promise, '2026-11-06')).toEqual({ ok: false, code: 'promise_closed' });
    expect(settlePromise(result.promise, [], '2026-12-01', '2026-12-01')).toBe(result.promise);
  });

  test('[PRO-1] more money in time never makes the outcome worse', () => {
    const ranks: PromiseState[] = ['broken', 'partially_kept', 'open', 'cleared_otherwise', 'kept'];
    const events = fc.array(
      fc.record({
        type: fc.constantFrom('payment' as const, 'reversal' as const, 'credit_note' as const),
        day: fc.integer({ min: -10, max: 10 }).map((days) => addDays('2026-11-08', days)),
        cents: fc.integer({ min: 1, max: 120_000 }),
      }),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(events, fc.integer({ min: 0, max: 10 }), (list, days) => {
        const asOf = addDays('2026-11-08', days);
        const before = judgePromise(terms, list, asOf);
        const after = judgePromise(terms, [...list, { type: 'payment', day: '2026-11-05', cents: 30_000 }], asOf);
        expect(ranks.indexOf(after.state)).toBeGreaterThanOrEqual(ranks.indexOf(before.state));
        expect(before.keptCents).toBeLessThanOrEqual(terms.cents);
        expect(before.keptCents).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe('money in movements', () => {
  const move = (
    day: Day,
    value: number,
    kind: MoneyMovement['kind'],
    itemKind: MoneyMovement['itemKind'],
  ): MoneyMovement => ({
    day,
    cents: value,
    kind,
    itemKind,
    currency: 'EUR',
  });

  test.each<[string, MoneyMovement[], PromiseEvent[]]>([
    [
      'an invoice that closed is a payment on its day',
      [move('2026-11-01', 500, 'issued', 'invoice'), move('2026-11-08', -500, 'settled', 'invoice')],
      [{ type: 'payment', day: '2026-11-08', cents: 500 }],
    ],
    [
      'a payment used later counts once, on its own day',
      [
        move('2026-11-05', -500, 'issued', 'payment'),
        move('2026-11-08', -500, 'settled', 'invoice'),
        move('2026-11-08', 500, 'settled', 'payment'),
      ],
      [{ type: 'payment', day: '2026-11-05', cents: 500 }],
    ],
    [
      'what a credit note closes is no money',
      [
        move('2026-11-05', -200, 'issued', 'credit_note'),
        move('2026-11-08', -500, 'settled', 'invoice'),
        move('2026-11-08', 200, 'settled', 'credit_note'),
      ],
      [
        { type: 'payment', day: '2026-11-08', cents: 300 },
        { type: 'credit_note', day: '2026-11-08', cents: 200 },
      ],
    ],
    [
      'a credit note whose closing is dated otherwise is taken from the latest payment',
      [
        move('2026-11-05', -100, 'allocated', 'invoice'),
        move('2026-11-08', -500, 'settled', 'invoice'),
        move('2026-11-12', 200, 'settled', 'credit_note'),
      ],
      [
        { type: 'payment', day: '2026-11-05', cents: 100 },
        { type: 'payment', day: '2026-11-08', cents: 300 },
        { type: 'credit_note', day: '2026-11-08', cents: 200 },
      ],
    ],
    [
      'an invoice that opens again is a reversal; a corrected amount is nothing',
      [move('2026-11-12', 500, 'allocated', 'invoice'), move('2026-11-12', -70, 'corrected', 'invoice')],
      [{ type: 'reversal', day: '2026-11-12', cents: 500 }],
    ],
    ['another currency is another matter', [{ ...move('2026-11-08', -5, 'settled', 'invoice'), currency: 'USD' }], []],
  ])('[PRO-6] %s', (_, movements, events) => {
    expect(promiseEventsOf(movements, 'EUR')).toEqual(events);
  });
});
