import { describe, expect, test } from 'vitest';
import { emptyBuckets } from '../balance/balances-of.ts';
import { addDays } from '../calendar/calendar.ts';
import type { Day } from '../values.ts';
import type { Case } from './case.ts';
import { deriveCase, type CaseFacts, type PromiseFacts } from './derive-case.ts';
import { finishCase, postponeCase, recordContact } from './finish-case.ts';
import { newCase } from './new-case.ts';

const TODAY = '2026-11-20';

const balance = (
  overdueCents: number,
  more: { contestedCents?: number; creditCents?: number; currency?: string } = {},
) => ({
  currency: 'EUR',
  overdueCents,
  contestedCents: 0,
  creditCents: 0,
  buckets: { ...emptyBuckets(), d1_30: overdueCents },
  ...more,
});

const promise = (more: Partial<PromiseFacts> = {}): PromiseFacts => ({
  id: 'p1',
  state: 'open',
  currency: 'EUR',
  cents: 100_000,
  dueDay: '2026-11-23',
  graceDays: 2,
  toleranceCents: 100,
  createdOn: '2026-11-18',
  judgedOn: null,
  ...more,
});

const facts = (more: Omit<Partial<CaseFacts>, 'case'> & { case?: Partial<Case> } = {}): CaseFacts => ({
  balances: [],
  tasks: [],
  promises: [],
  today: TODAY,
  ...more,
  case: { ...newCase('a1'), ...more.case },
});

const stateOn = (given: CaseFacts, today: Day): string => deriveCase({ ...given, today }).state;

describe('case', () => {
  test('[CAS-1] nothing to do: idle', () => {
    expect(deriveCase(facts())).toEqual({ state: 'idle', reasons: [], openedOn: null, touchedOn: null });
  });

  test('[CAS-2] overdue and undisputed net opens it', () => {
    expect(deriveCase(facts({ balances: [balance(100)] }))).toEqual({
      state: 'open',
      reasons: ['overdue'],
      openedOn: TODAY,
      touchedOn: TODAY,
    });
  });

  test.each([
    ['all contested', balance(100, { contestedCents: 100 })],
    ['covered by unallocated credits', balance(100, { creditCents: -100 })],
  ])('[CAS-2] %s: idle', (_, given) => {
    expect(deriveCase(facts({ balances: [given] })).state).toBe('idle');
  });

  test('[CAS-2] credits in another currency cover nothing', () => {
    const usd = balance(0, { creditCents: -500, currency: 'USD' });
    expect(deriveCase(facts({ balances: [balance(100), usd] })).state).toBe('open');
  });

  test('[CAS-2] a task due today opens it, one due tomorrow does not', () => {
    expect(deriveCase(facts({ tasks: [{ state: 'open', dueDay: TODAY }] })).reasons).toEqual(['task_due']);
    expect(deriveCase(facts({ tasks: [{ state: 'open', dueDay: addDays(TODAY, 1) }] })).state).toBe('idle');
    expect(deriveCase(facts({ tasks: [{ state: 'done', dueDay: TODAY }] })).state).toBe('idle');
  });

  test('[CAS-3] a later next action parks it until its day, whatever is overdue', () => {
    const given = facts({ balances: [balance(100)], case: { nextActionOn: '2026-11-25', plannedOn: TODAY } });
    expect(stateOn(given, TODAY)).toBe('parked');
    expect(stateOn(given, '2026-11-24')).toBe('parked');
    expect(deriveCase({ ...given, today: '2026-11-25' })).toMatchObject({
      state: 'open',
      reasons: ['overdue', 'next_action_due'],
    });
    expect(deriveCase(facts({ case: { nextActionOn: '2026-11-25' } })).state).toBe('parked');
  });

  test('[CAS-4] promised money parks it through day and grace', () => {
    const given = facts({ balances: [balance(100_000)], promises: [promise()] });
    expect(stateOn(given, '2026-11-25')).toBe('parked');
    expect(stateOn(given, '2026-11-26')).toBe('open');
  });

  test.each([
    ['within tolerance', [balance(100_100)], [promise()], 'parked'],
    ['beyond tolerance', [balance(100_101)], [promise()], 'open'],
    ['two promises together', [balance(150_000)], [promise(), promise({ id: 'p2', cents: 50_000 })], 'parked'],
    ['another currency', [balance(50_000)], [promise({ currency: 'USD' })], 'open'],
    ['a withdrawn promise', [balance(50_000)], [promise({ state: 'withdrawn' })], 'open'],
  ] as const)('[CAS-4] %s: %s', (_, balances, promises, state) => {
    expect(deriveCase(facts({ balances, promises })).state).toBe(state);
  });

  test('[CAS-4] the next action’s day comes before promised money', () => {
    const given = facts({ balances: [balance(100)], promises: [promise()], case: { nextActionOn: TODAY } });
    expect(deriveCase(given).state).toBe('open');
  });

  test('[CAS-5] done for today: off the list, back tomorrow when no next action holds it', () => {
    const given = facts({ tasks: [{ state: 'open', dueDay: TODAY }] });
    const done = finishCase(given, { nextAction: null, nextActionOn: null });
    if (!done.ok) throw new Error(done.code);
    const after = { ...given, case: done.case };
    expect(stateOn(after, TODAY)).toBe('parked');
    expect(stateOn(after, addDays(TODAY, 1))).toBe('open');
  });

  test('[CAS-5] done with something more to do today stays on the list', () => {
    const given = facts({ balances: [balance(100)] });
    const done = finishCase(given, { nextAction: 'call', nextActionOn: TODAY });
    if (!done.ok) throw new Error(done.code);
    expect(stateOn({ ...given, case: done.case }, TODAY)).toBe('open');
  });

  test('[CAS-6] a task that becomes overdue after it was planned brings it back; one that was overdue already does not', () => {
    const planned = { nextActionOn: '2026-12-10', plannedOn: '2026-11-18' };
    const withTask = (dueDay: Day): string =>
      deriveCase(facts({ tasks: [{ state: 'open', dueDay }], case: planned })).state;
    expect(withTask('2026-11-19')).toBe('open');
    expect(withTask('2026-11-18')).toBe('open');
    expect(withTask('2026-11-17')).toBe('parked');
    expect(withTask(TODAY)).toBe('parked');
  });

  test('[CAS-6] a promise broken after it was planned brings it back; planning again parks it', () => {
    const broken = promise({ state: 'broken', judgedOn: '2026-11-19', dueDay: '2026-11-16', createdOn: '2026-11-10' });
    const given = facts({
      balances: [balance(100)],
      promises: [broken],
      case: { nextActionOn: '2026-12-10', plannedOn: '2026-11-18' },
    });
    expect(deriveCase(given)).toMatchObject({ state: 'open', reasons: ['overdue', 'promise_broken'] });
    const done = finishCase(given, { nextAction: 'call', nextActionOn: '2026-11-28' });
    if (!done.ok) throw new Error(done.code);
    expect(stateOn({ ...given, case: done.case }, TODAY)).toBe('parked');
  });

  test('[CAS-7] a broken promise no longer matters once a new one is made or nothing is open', () => {
    const broken = promise({ state: 'broken', judgedOn: '2026-11-19', createdOn: '2026-11-10' });
    const renewed = promise({ id: 'p2', createdOn: '2026-11-19', cents: 10 });
    const reasons = (given: CaseFacts): string[] => deriveCase(given).reasons;
    expect(reasons(facts({ balances: [balance(100)], promises: [broken, renewed] }))).toEqual(['overdue']);
    expect(reasons(facts({ promises: [broken] }))).toEqual([]);
    const instalment = promise({ id: 'p3', createdOn: '2026-11-10', dueDay: '2026-12-10', cents: 10 });
    expect(reasons(facts({ balances: [balance(100)], promises: [broken, instalment] }))).toContain('promise_broken');
  });

  test('[CAS-8] it keeps the day it opened and the last touch while it stays open', () => {
    const open = { state: 'open' as const, openedOn: '2026-10-01', touchedOn: '2026-10-05' };
    expect(deriveCase(facts({ balances: [balance(100)], case: open }))).toMatchObject(open);
    expect(deriveCase(facts({ balances: [balance(100)], case: { ...open, state: 'parked' } }))).toMatchObject({
      openedOn: TODAY,
      touchedOn: TODAY,
    });
    expect(deriveCase(facts({ case: open }))).toMatchObject({ state: 'idle', openedOn: null, touchedOn: '2026-10-05' });
  });
});

describe('finishing, postponing, writing a contact down', () => {
  const owing = facts({ balances: [balance(100)], case: { claimedBy: 'anne', claimedAt: '2026-11-20T08:00:00.000Z' } });

  test('[CAS-9] a next action is required while something is left to chase', () => {
    const nothing = { nextAction: null, nextActionOn: null };
    expect(finishCase(owing, nothing)).toEqual({ ok: false, code: 'next_action_required' });
    expect(finishCase({ ...owing, promises: [promise()] }, nothing).ok).toBe(true);
    expect(finishCase(facts(), nothing).ok).toBe(true);
  });

  test.each([
    [{ nextAction: 'call', nextActionOn: null }, 'day_required'],
    [{ nextAction: 'call', nextActionOn: '2026-11-19' }, 'day_in_past'],
    [{ nextAction: 'call', nextActionOn: '2026-11-31' }, 'day_unreadable'],
    [{ nextAction: null, nextActionOn: '2026-11-30' }, 'next_action_required'],
  ] as const)('[CAS-9] %o is refused: %s', (plan, code) => {
    expect(finishCase(owing, plan)).toEqual({ ok: false, code });
  });

  test('[CAS-9] finishing ends the claim and notes the day', () => {
    expect(finishCase(owing, { nextAction: 'call', nextActionOn: '2026-11-27' })).toMatchObject({
      ok: true,
      case: { claimedBy: null, claimedAt: null, doneOn: TODAY, touchedOn: TODAY, nextActionOn: '2026-11-27' },
    });
  });

  test('[CAS-10] postponing needs a reason and a later day', () => {
    expect(postponeCase(owing.case, TODAY, 'x', TODAY)).toEqual({ ok: false, code: 'day_not_later' });
    expect(postponeCase(owing.case, '2026-11-21', ' ', TODAY)).toEqual({ ok: false, code: 'reason_required' });
    expect(postponeCase(owing.case, '2026-02-30', 'x', TODAY)).toEqual({ ok: false, code: 'day_unreadable' });
    const result = postponeCase(owing.case, '2026-11-27', 'director away', TODAY);
    expect(result).toMatchObject({
      ok: true,
      case: { postponeReason: 'director away', doneOn: null, claimedBy: null },
    });
    if (result.ok) expect(stateOn({ ...owing, case: result.case }, TODAY)).toBe('parked');
  });

  test('[CAS-11] a contact touches the case, carries out a next action that has come, keeps the claim', () => {
    const before: Case = { ...owing.case, nextAction: 'call', nextActionOn: TODAY };
    expect(recordContact(before, TODAY, { nextAction: null, nextActionOn: null }, TODAY)).toMatchObject({
      ok: true,
      case: { nextAction: null, nextActionOn: null, lastContactOn: TODAY, touchedOn: TODAY, claimedBy: 'anne' },
    });
    const planned: Case = { ...before, nextActionOn: '2026-11-29', lastContactOn: '2026-11-18' };
    expect(recordContact(planned, '2026-11-10', { nextAction: null, nextActionOn: null }, TODAY)).toMatchObject({
      ok: true,
      case: { nextAction: 'call', nextActionOn: '2026-11-29', lastContactOn: '2026-11-18' },
    });
    expect(recordContact(before, TODAY, { nextAction: 'email', nextActionOn: '2026-11-24' }, TODAY)).toMatchObject({
      ok: true,
      case: { nextAction: 'email', nextActionOn: '2026-11-24', plannedOn: TODAY },
    });
  });
});
