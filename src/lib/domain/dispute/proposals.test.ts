import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildDisputable, TODAY } from '../../../../test/support/dispute-cases.ts';
import { addDays, daysBetween } from '../calendar/calendar.ts';
import type { Item } from '../item/item.ts';
import type { Cents, Day } from '../values.ts';
import type { DisputeProposal } from './dispute.ts';
import { EVIDENCE, settleProposals, supposeDisputes, type OpenPromise } from './proposals.ts';

const daysAgo = (days: number): Day => addDays(TODAY, -days);
let made = 0;
const invoice = (more: Partial<Item> = {}): Item => {
  made += 1;
  return buildDisputable({ id: `i${made}`, key: `k${made}`, number: `F${made}`, ...more });
};
const open = (late: number, more: Partial<Item> = {}): Item => invoice({ dueDay: daysAgo(late), ...more });
/** Due `ago` days ago, paid `after` days after that. */
const paid = (ago: number, after = 2, more: Partial<Item> = {}): Item =>
  open(ago, { state: 'settled', openCents: 0, settledOn: daysAgo(ago - after), ...more });
const later = (): Item[] => [paid(30), paid(25), paid(20)];
const left = (openCents: Cents, more: Partial<Item> = {}): Item => open(40, { cents: 100_000, openCents, ...more });
const credit = (openCents: Cents, more: Partial<Item> = {}): Item =>
  open(3, { kind: 'payment', cents: -200_000, openCents, ...more });
const promise = (more: Partial<OpenPromise> = {}): OpenPromise => ({ state: 'open', currency: 'EUR', ...more });
const kinds = (items: Item[], promises: OpenPromise[] = []): string[] =>
  supposeDisputes(items, promises, TODAY).map(({ kind }) => kind);

describe('a short payment', () => {
  test.each<[string, Item[], OpenPromise[], boolean]>([
    ['150 of 1,000 held back', [left(15_000)], [], true],
    ['a little less than a fifth', [left(19_999)], [], true],
    ['a fifth: paid in parts', [left(20_000)], [], false],
    ['one per cent: a bank charge or a rounding', [left(1_000)], [], false],
    ['a little more than one per cent', [left(1_001)], [], true],
    ['five units of a small invoice', [left(500, { cents: 3_000 })], [], false],
    ['more than five of a small invoice', [left(501, { cents: 3_000 })], [], true],
    ['more than fifty, however large the invoice', [left(5_001, { cents: 90_000_000 })], [], true],
    ['fifty of a large one', [left(5_000, { cents: 90_000_000 })], [], false],
    ['five days after its day', [left(15_000, { dueDay: daysAgo(5) })], [], true],
    ['four days after its day: the rest may be on its way', [left(15_000, { dueDay: daysAgo(4) })], [], false],
    ['an agreed instalment', [left(15_000, { instalment: '2' })], [], false],
    ['one other is paid in parts', [left(15_000), left(60_000)], [], true],
    ['two others are: this customer pays in parts', [left(15_000), left(60_000), left(50_000)], [], false],
    ['a promise is open', [left(15_000)], [promise()], false],
    ['a promise was broken', [left(15_000)], [promise({ state: 'broken' })], true],
    ['a promise in another currency', [left(15_000)], [promise({ currency: 'USD' })], true],
    ['money not matched yet covers it', [left(15_000), credit(-15_000)], [], false],
    ['money not matched yet covers a part of it', [left(15_000), credit(-14_999)], [], true],
    ['money of another currency', [left(15_000), credit(-15_000, { currency: 'USD' })], [], true],
    ['contested already', [left(15_000, { disputedCents: 1 })], [], false],
    ['a credit note is awaited', [left(15_000, { awaitingCents: 1 })], [], false],
    ['the ledger says it is contested', [left(15_000, { disputed: true })], [], false],
    ['the last file did not mention it', [left(15_000, { missingSince: TODAY })], [], false],
    ['not an invoice', [left(15_000, { kind: 'other_debit' })], [], false],
  ])('[DIS-12] %s', (_, items, promises, supposed) => {
    expect(kinds(items, promises)).toEqual(supposed ? ['short_payment'] : []);
  });
});

describe('an invoice left out', () => {
  const out = (late = 40, more: Partial<Item> = {}): Item => open(late, more);
  test.each<[string, Item[], OpenPromise[], boolean]>([
    ['three later ones are paid', [out(), ...later()], [], true],
    ['two are not enough', [out(), ...later().slice(1)], [], false],
    ['one transfer is one decision', [out(), paid(30, 20), paid(25, 15), paid(20, 10)], [], false],
    ['paid before its day', [out(16), paid(10, -10), paid(9, -9), paid(8, -20)], [], false],
    ['due before it', [out(), paid(50, 20), paid(45, 16), paid(44, 12)], [], false],
    ['of another currency', [out(), ...later().map((one): Item => ({ ...one, currency: 'USD' }))], [], false],
    ['credits are no payment', [out(), ...later().map((one): Item => ({ ...one, kind: 'credit_note' }))], [], false],
    ['fifteen days after its day', [out(15), paid(14, 1), paid(12, 1), paid(10, 1)], [], true],
    ['fourteen', [out(14), paid(13, 1), paid(12, 1), paid(10, 1)], [], false],
    ['as late as this customer often is', [out(18), ...[17, 16, 15, 90, 80].map((ago) => paid(ago, 18))], [], false],
    ['later than this customer often is', [out(19), ...[18, 17, 16, 90, 80].map((ago) => paid(ago, 15))], [], true],
    ['half of what followed is not paid either', [out(), ...later(), out(12), out(11), out(10)], [], false],
    ['a third of what followed is not paid', [out(60), ...later(), paid(19), out(12), out(11)], [], true],
    ['part paid', [out(40, { openCents: 60_000 }), ...later()], [], false],
    ['an agreed instalment', [out(40, { instalment: '1' }), ...later()], [], false],
    ['a promise is open', [out(), ...later()], [promise()], false],
    ['money not matched yet covers it', [out(), ...later(), credit(-100_000)], [], false],
    ['contested already', [out(40, { disputedCents: 40_000 }), ...later()], [], false],
  ])('[DIS-12] %s', (_, items, promises, supposed) => {
    expect(kinds(items, promises)).toEqual(supposed ? ['skipped_invoice'] : []);
  });

  test('[DIS-12] of an account where more is left out, the three oldest', () => {
    const skipped = [70, 60, 50, 45, 44].map((late) => out(late));
    const followed = Array.from({ length: 12 }, (_, at) => paid(40 - at));
    expect(supposeDisputes([...skipped, ...followed], [], TODAY).map(({ itemId }) => itemId)).toEqual(
      skipped.slice(0, 3).map(({ id }) => id),
    );
  });
});

const anyItem = fc
  .record({
    kind: fc.constantFrom('invoice' as const, 'invoice' as const, 'credit_note' as const, 'payment' as const),
    late: fc.integer({ min: -20, max: 90 }),
    cents: fc.integer({ min: 100, max: 1_000_000 }),
    part: fc.constantFrom(0, 0, 0.05, 0.15, 0.5, 1),
    after: fc.integer({ min: -10, max: 40 }),
    currency: fc.constantFrom('EUR', 'EUR', 'USD'),
    instalment: fc.constantFrom('', '', '', '1'),
    disputedCents: fc.constantFrom(0, 0, 0, 1),
    missing: fc.constantFrom(false, false, true),
  })
  .map(({ kind, late, cents, part, after, currency, instalment, disputedCents, missing }): Item => {
    const sign = kind === 'invoice' ? 1 : -1;
    const openCents = sign * Math.floor(cents * part);
    const settled = openCents === 0;
    return open(late, {
      kind,
      cents: sign * cents,
      openCents,
      state: settled ? 'settled' : 'open',
      settledOn: settled ? daysAgo(Math.max(0, late - after)) : null,
      currency,
      instalment,
      disputedCents: settled ? 0 : disputedCents,
      missingSince: missing ? TODAY : null,
    });
  });
const anyLedger = fc.array(anyItem, { maxLength: 25 });
const anyPromises = fc.array(
  fc.record({ state: fc.constantFrom('open' as const, 'kept' as const), currency: fc.constantFrom('EUR', 'USD') }),
  { maxLength: 1 },
);

describe('whatever the ledger', () => {
  test('[DIS-12] what is supposed is open, late, unexplained and told once, whatever order the lines come in', () => {
    let any = 0;
    fc.assert(
      fc.property(anyLedger, anyPromises, (items, promises) => {
        const found = supposeDisputes(items, promises, TODAY);
        any += found.length;
        expect(new Set(found.map(({ itemId }) => itemId)).size).toBe(found.length);
        expect(found.filter(({ kind }) => kind === 'skipped_invoice').length).toBeLessThanOrEqual(EVIDENCE.skippedMost);
        for (const one of found) {
          const item = items.find(({ id }) => id === one.itemId);
          expect(item).toMatchObject({ kind: 'invoice', state: 'open', disputedCents: 0, instalment: '' });
          expect(one.cents).toBe(item?.openCents);
          expect(daysBetween(item?.dueDay ?? TODAY, TODAY)).toBeGreaterThanOrEqual(EVIDENCE.shortAfterDays);
          expect(promises.some(({ state, currency }) => state === 'open' && currency === one.currency)).toBe(false);
        }
        expect(supposeDisputes([...items].reverse(), promises, TODAY)).toEqual(found);
      }),
      { numRuns: 400, seed: 12 },
    );
    expect(any).toBeGreaterThan(20);
  });

  test('[DIS-12] after any ledgers and answers: never twice for an item, never again once answered, waiting only with a reason', () => {
    const anyAnswers = fc.array(fc.constantFrom('dismissed' as const, 'confirmed' as const, null), { maxLength: 8 });
    fc.assert(
      fc.property(anyLedger, fc.array(fc.tuple(fc.nat(), anyAnswers), { maxLength: 5 }), (items, turns) => {
        let known: DisputeProposal[] = [];
        const answered = new Map<string, string>();
        for (const [which, answers] of turns) {
          // each file shows some of the lines as paid
          const shown = items.map((item, at): Item => {
            const isPaid = ((which >> (at % 20)) & 1) === 1;
            return isPaid && item.openCents > 0
              ? { ...item, state: 'settled', openCents: 0, settledOn: item.dueDay }
              : item;
          });
          const supposed = supposeDisputes(shown, [], TODAY);
          let id = known.length;
          const settled = settleProposals(known, supposed, {
            accountId: 'a1',
            access: [],
            today: TODAY,
            newId: () => `p${id++}`,
          });
          const after = new Map(known.map((one) => [one.id, one]));
          for (const one of settled.proposals) after.set(one.id, one);
          known = [...after.values()];
          expect(new Set(known.map(({ itemId }) => itemId)).size).toBe(known.length);
          for (const [itemId, state] of answered)
            expect(known.find((one) => one.itemId === itemId)?.state, itemId).toBe(state);
          const waiting = known.filter(({ state }) => state === 'waiting');
          expect(waiting.every(({ itemId }) => supposed.some((one) => one.itemId === itemId))).toBe(true);
          expect(supposed.every(({ itemId }) => known.some((one) => one.itemId === itemId))).toBe(true);
          known = known.map((one, at) => {
            const answer = answers[at] ?? null;
            if (one.state !== 'waiting' || answer === null) return one;
            answered.set(one.itemId, answer);
            return { ...one, state: answer };
          });
        }
      }),
      { numRuns: 200, seed: 12 },
    );
  });
});
