import fc from 'fast-check';
import { DISPUTE_DEFAULTS } from '../dispute/dispute.ts';
import { describe, expect, test } from 'vitest';
import type { OpenItem } from '../balance/balances-of.ts';
import { addDays } from '../calendar/calendar.ts';
import { newCase } from '../case/new-case.ts';
import type { PromiseFacts } from '../case/derive-case.ts';
import { ITEM_KINDS, isCredit } from '../item/item.ts';
import { FAR_DAY, type Day } from '../values.ts';
import { deriveAccount, type AccountFacts } from './derive-account.ts';
import { explainRow } from './priority.ts';

const TODAY = '2026-11-20';

const account: AccountFacts['account'] = {
  id: 'a1',
  version: 3,
  number: 'C1',
  name: 'Dupont',
  words: ['c1', 'dupont'],
  siren: null,
  siret: null,
  vatNumber: null,
  address: null,
  country: null,
  terms: null,
  paymentMethod: null,
  payingAccountNumber: null,
  ownerId: 'm1',
  salesRepId: null,
  entityIds: ['e1'],
  access: ['owner:m1'],
  ledger: {},
  createdAt: '2026-01-01T00:00:00.000Z',
  seenOn: null,
};

const workspace: AccountFacts['workspace'] = {
  currency: 'EUR',
  referenceRates: { USD: 0.9 },
  settings: {
    promiseGraceDays: 2,
    promiseToleranceCents: 100,
    untouchedDays: 30,
    defaultTermsDays: 30,
    disputes: DISPUTE_DEFAULTS,
  },
};

const facts = (more: Partial<AccountFacts> = {}): AccountFacts => ({
  account,
  case: newCase('a1'),
  items: [],
  tasks: [],
  promises: [],
  workspace,
  today: TODAY,
  ...more,
});

const item = (more: Partial<OpenItem> = {}): OpenItem => ({
  kind: 'invoice',
  dueDay: '2026-10-01',
  currency: 'EUR',
  openCents: 100_000,
  disputed: false,
  flagTaken: false,
  disputedCents: 0,
  awaitingCents: 0,
  einvoice: null,
  state: 'open',
  ...more,
});

const near = (min: number, max: number): fc.Arbitrary<Day> =>
  fc.integer({ min, max }).map((days) => addDays(TODAY, days));
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { nil: null });

const anyItem: fc.Arbitrary<OpenItem> = fc
  .record({
    kind: fc.constantFrom(...ITEM_KINDS),
    dueDay: near(-150, 40),
    currency: fc.constantFrom('EUR', 'EUR', 'USD'),
    cents: fc.integer({ min: 1, max: 5_000_000 }),
    disputed: fc.boolean(),
    blocked: fc.constantFrom(0, 0, 0.4),
  })
  .map(({ cents, blocked, ...rest }) => ({
    ...item(rest),
    disputedCents: Math.floor(cents * blocked),
    openCents: isCredit(rest.kind) ? -cents : cents,
  }));

const anyPromise: fc.Arbitrary<PromiseFacts> = fc
  .record({
    id: fc.uuid(),
    state: fc.constantFrom('open' as const, 'broken' as const, 'kept' as const),
    currency: fc.constantFrom('EUR', 'USD'),
    cents: fc.integer({ min: 1, max: 8_000_000 }),
    dueDay: near(-20, 30),
    graceDays: fc.integer({ min: 0, max: 3 }),
    createdOn: near(-40, 0),
    judgedOn: near(-20, 0),
  })
  .map(({ judgedOn, ...rest }) => ({
    ...rest,
    toleranceCents: 100,
    judgedOn: rest.state === 'open' ? null : judgedOn,
  }));

const anyFacts: fc.Arbitrary<AccountFacts> = fc
  .record({
    items: fc.array(anyItem, { maxLength: 5 }),
    tasks: fc.array(fc.record({ state: fc.constantFrom('open' as const, 'done' as const), dueDay: near(-20, 20) }), {
      maxLength: 2,
    }),
    promises: fc.array(anyPromise, { maxLength: 2 }),
    nextActionOn: maybe(near(-15, 20)),
    lastContactOn: maybe(near(-70, 0)),
    touchedOn: maybe(near(-60, 0)),
    openedOn: near(-60, 0),
    doneOn: maybe(near(-3, 0)),
    plannedOn: maybe(near(-30, 0)),
    wasOpen: fc.boolean(),
  })
  .map(({ items, tasks, promises, wasOpen, openedOn, ...of }) =>
    facts({
      items,
      tasks,
      promises,
      case: { ...newCase('a1'), ...of, ...(wasOpen ? { state: 'open' as const, openedOn } : {}) },
    }),
  );

describe('queue row', () => {
  test('[QUE-1] amounts stand in the currency with the most overdue at the reference rate', () => {
    const { row } = deriveAccount(
      facts({
        items: [
          item({ openCents: 95 }),
          item({ currency: 'USD', openCents: 100 }),
          item({ currency: 'CHF', openCents: -5, kind: 'payment' }),
        ],
      }),
    );
    expect(row).toMatchObject({ currency: 'EUR', otherCurrencies: ['CHF', 'USD'], overdueCents: 95, overdueRank: 185 });
  });

  test('[QUE-1] without overdue it is the one with the most open, without items the workspace’s', () => {
    const due = { dueDay: '2026-12-31' };
    const { row } = deriveAccount(
      facts({ items: [item({ ...due, openCents: 50 }), item({ ...due, currency: 'USD', openCents: 100 })] }),
    );
    expect(row.currency).toBe('USD');
    expect(deriveAccount(facts()).row).toMatchObject({ currency: 'EUR', otherCurrencies: [], recomputeOn: FAR_DAY });
  });

  test('[QUE-2] net to chase is overdue less contested less unallocated credits', () => {
    const { row, balances } = deriveAccount(
      facts({
        items: [
          item({ openCents: 184_000 }),
          item({ openCents: 30_000, disputed: true }),
          item({ openCents: 70_000, dueDay: '2026-12-31' }),
          item({ openCents: -4_000, kind: 'credit_note' }),
        ],
      }),
    );
    expect(row).toMatchObject({
      openCents: 280_000,
      overdueCents: 214_000,
      contestedCents: 30_000,
      creditCents: -4_000,
      netCents: 180_000,
      oldestDueDay: '2026-10-01',
    });
    expect(balances).toHaveLength(1);
  });

  test('[QUE-5] shows a broken promise before an open one, and the open one due first', () => {
    const promise = (more: Partial<PromiseFacts>): PromiseFacts => ({
      id: 'p1',
      state: 'open',
      currency: 'EUR',
      cents: 500,
      dueDay: '2026-11-25',
      graceDays: 2,
      toleranceCents: 0,
      createdOn: '2026-11-01',
      judgedOn: null,
      ...more,
    });
    const early = promise({ id: 'p2', dueDay: '2026-11-22', cents: 700 });
    const broken = promise({ id: 'p3', state: 'broken', judgedOn: '2026-11-19', dueDay: '2026-11-16' });
    const shown = (promises: PromiseFacts[]): unknown =>
      deriveAccount(facts({ items: [item()], promises })).row.promise;
    expect(shown([promise({}), early])).toMatchObject({ dueDay: '2026-11-22', cents: 700, state: 'open' });
    expect(shown([promise({}), early, broken])).toMatchObject({ dueDay: '2026-11-16', state: 'broken' });
    expect(shown([promise({ state: 'kept' })])).toBeNull();
  });

  test('[QUE-6] recomputeOn is the first day on which anything comes out otherwise', () => {
    fc.assert(
      fc.property(anyFacts, (given) => {
        const now = deriveAccount(given);
        const outcome = (day: Day): string => {
          const { balances, row } = deriveAccount({ ...given, case: now.case, today: day });
          return JSON.stringify([
            balances.map((balance) => ({ ...balance, computedFor: '' })),
            { ...row, computedFor: '', recomputeOn: '' },
          ]);
        };
        const before = outcome(TODAY);
        const until = now.row.recomputeOn === FAR_DAY ? addDays(TODAY, 450) : now.row.recomputeOn;
        for (let day = addDays(TODAY, 1); day < until; day = addDays(day, 1))
          expect([day, outcome(day)]).toEqual([day, before]);
        if (now.row.recomputeOn !== FAR_DAY) expect(outcome(now.row.recomputeOn)).not.toBe(before);
      }),
      { numRuns: 150 },
    );
  });

  test('[QUE-6] deriving twice on the same day changes nothing', () => {
    fc.assert(
      fc.property(anyFacts, (given) => {
        const once = deriveAccount(given);
        expect(deriveAccount({ ...given, case: once.case })).toEqual(once);
      }),
    );
  });

  test('[PRI-9] a row explains its priority with exact days', () => {
    const { row } = deriveAccount(facts({ items: [item({ openCents: 1_840_000, dueDay: '2026-10-04' })] }));
    expect(explainRow(row, TODAY).map(({ kind, value }) => [kind, value])).toEqual([
      ['amount', 1_840_000],
      ['delay', 47],
      ['no_contact', 47],
    ]);
    expect(explainRow(row, addDays(TODAY, 1))[1]?.value).toBe(48);
  });

  test('[PRI-9] most rows keep their priority overnight', () => {
    const rows = fc.sample(anyFacts, { numRuns: 400, seed: 7 }).map((given) => deriveAccount(given).row);
    const moved = rows.filter((row) => row.recomputeOn === addDays(TODAY, 1));
    expect(moved.length).toBeLessThan(rows.length / 2);
  });
});
