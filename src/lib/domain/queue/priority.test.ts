import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addDays } from '../calendar/calendar.ts';
import type { Day } from '../values.ts';
import { explainPriority, priorityOf, type PriorityFacts } from './priority.ts';

const TODAY = '2026-11-20';

const facts = (more: Partial<PriorityFacts> = {}): PriorityFacts => ({
  state: 'open',
  overdueRank: 0,
  toChase: true,
  oldestDueDay: null,
  lastContactOn: null,
  promiseBrokenOn: null,
  taskDueDay: null,
  nextActionOn: null,
  touchedOn: TODAY,
  untouchedDays: 30,
  today: TODAY,
  ...more,
});

const ago = (max: number): fc.Arbitrary<Day> => fc.integer({ min: 0, max }).map((days) => addDays(TODAY, -days));
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { nil: null });

const anyFacts: fc.Arbitrary<PriorityFacts> = fc
  .record({
    overdueRank: fc.integer({ min: 0, max: 10_000_000_000 }),
    toChase: fc.boolean(),
    oldestDueDay: maybe(ago(900)),
    lastContactOn: maybe(ago(400)),
    promiseBrokenOn: maybe(ago(60)),
    taskDueDay: maybe(ago(60)),
    nextActionOn: maybe(ago(60)),
    touchedOn: ago(29),
  })
  .map((given) => facts(given));

describe('priority', () => {
  test('[PRI-7] an explained example: 18,400 € overdue, 47 days, no contact for 12 days', () => {
    const given = facts({ overdueRank: 1_840_000, oldestDueDay: '2026-10-04', lastContactOn: '2026-11-08' });
    const { priority, parts } = priorityOf(given);
    expect(parts).toEqual([
      { kind: 'amount', points: 160, value: 1_000_000 },
      { kind: 'delay', points: 95, value: 46 },
      { kind: 'no_contact', points: 25, value: 8 },
    ]);
    expect(priority).toBe(280);
    expect(explainPriority(parts, { ...given, overdueCents: 1_840_000 }).map((part) => part.value)).toEqual([
      1_840_000, 47, 12,
    ]);
  });

  test('[PRI-7] the parts add up to the priority exactly, in whole points, none empty', () => {
    fc.assert(
      fc.property(anyFacts, fc.integer({ min: 0, max: 60 }), (given, untouched) => {
        const { priority, parts } = priorityOf({ ...given, touchedOn: addDays(TODAY, -untouched) });
        expect(parts.reduce((sum, part) => sum + part.points, 0)).toBe(priority);
        for (const part of parts) expect(Number.isSafeInteger(part.points) && part.points !== 0).toBe(true);
        expect(new Set(parts.map((part) => part.kind)).size).toBe(parts.length);
        expect(priority).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  test.each([
    ['more overdue', (given: PriorityFacts) => ({ ...given, overdueRank: given.overdueRank * 3 + 10_000 })],
    ['older', (given: PriorityFacts) => ({ ...given, oldestDueDay: addDays(given.oldestDueDay ?? TODAY, -40) })],
    ['a broken promise', (given: PriorityFacts) => ({ ...given, promiseBrokenOn: TODAY })],
    [
      'a task overdue for longer',
      (given: PriorityFacts) => ({ ...given, taskDueDay: addDays(given.taskDueDay ?? TODAY, -9) }),
    ],
    ['a next action due', (given: PriorityFacts) => ({ ...given, nextActionOn: given.nextActionOn ?? TODAY })],
    ['no contact ever', (given: PriorityFacts) => ({ ...given, lastContactOn: null })],
  ] as const)('[PRI-7] %s never lowers the priority', (_, worse) => {
    fc.assert(
      fc.property(anyFacts, (given) => {
        expect(priorityOf(worse(given)).priority).toBeGreaterThanOrEqual(priorityOf(given).priority);
      }),
    );
  });

  test('[PRI-10] with nothing to chase, amount and delay count nothing', () => {
    fc.assert(
      fc.property(anyFacts, (given) => {
        const without = facts({ ...given, toChase: false, overdueRank: 0, oldestDueDay: null });
        expect(priorityOf({ ...given, toChase: false }).priority).toBe(priorityOf(without).priority);
      }),
    );
  });

  test('[PRI-8] untouched for thirty days comes before anything that is not, and before what was touched later', () => {
    const untouched = fc.integer({ min: 30, max: 4000 }).map((days) => addDays(TODAY, -days));
    fc.assert(
      fc.property(anyFacts, anyFacts, untouched, untouched, (one, other, a, b) => {
        const starving = priorityOf({ ...one, touchedOn: a });
        expect(starving.priority).toBeGreaterThan(priorityOf(other).priority);
        const second = priorityOf({ ...other, touchedOn: b });
        if (a < b) expect(starving.priority).toBeGreaterThan(second.priority);
      }),
    );
  });

  test('[PRI-8] the part for being untouched is the same every night, and only for open cases', () => {
    const untouchedPart = (today: Day, state: PriorityFacts['state'] = 'open'): number | undefined =>
      priorityOf(facts({ touchedOn: '2026-10-01', today, state })).parts.find((part) => part.kind === 'untouched')
        ?.points;
    expect(untouchedPart('2026-10-30')).toBeUndefined();
    expect(untouchedPart('2026-10-31')).toBeGreaterThan(0);
    expect(untouchedPart('2027-03-01')).toBe(untouchedPart('2026-10-31'));
    expect(untouchedPart('2026-12-01', 'parked')).toBeUndefined();
  });
});
