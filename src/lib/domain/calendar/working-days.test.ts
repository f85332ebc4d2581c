import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addDays, dayNumber, dayOfNumber } from './calendar.ts';
import { addWorkingDays, easterOf, frenchHolidays, isWorkingDay, workingDaysBetween } from './working-days.ts';

const days = fc
  .integer({ min: dayNumber('1990-01-01'), max: dayNumber('2090-12-31') })
  .map((number) => dayOfNumber(number));

describe('working days', () => {
  test.each([
    [2000, '2000-04-23'],
    [2008, '2008-03-23'],
    [2011, '2011-04-24'],
    [2024, '2024-03-31'],
    [2025, '2025-04-20'],
    [2026, '2026-04-05'],
    [2038, '2038-04-25'],
  ])('[CAL-4] Easter of %i is %s', (year, expected) => {
    expect(easterOf(year)).toBe(expected);
  });

  test('[CAL-4] the holidays of 2026', () => {
    expect(frenchHolidays(2026)).toEqual([
      '2026-01-01',
      '2026-04-06',
      '2026-05-01',
      '2026-05-08',
      '2026-05-14',
      '2026-05-25',
      '2026-07-14',
      '2026-08-15',
      '2026-11-01',
      '2026-11-11',
      '2026-12-25',
    ]);
  });

  test.each([
    ['2026-11-20', 1, '2026-11-23'],
    ['2026-11-10', 1, '2026-11-12'],
    ['2026-12-24', 1, '2026-12-28'],
    ['2026-11-23', -1, '2026-11-20'],
    ['2026-11-22', 0, '2026-11-23'],
    ['2026-11-23', 0, '2026-11-23'],
    ['2026-04-30', 5, '2026-05-11'],
  ])('[CAL-4] %s and %i working days is %s', (day, count, expected) => {
    expect(addWorkingDays(day, count)).toBe(expected);
  });

  test('[CAL-4] ends on a working day with exactly as many in between', () => {
    fc.assert(
      fc.property(days, fc.integer({ min: 1, max: 40 }), (day, count) => {
        const end = addWorkingDays(day, count);
        expect(isWorkingDay(end)).toBe(true);
        expect(workingDaysBetween(day, end)).toBe(count);
        expect(workingDaysBetween(day, addDays(end, -1))).toBe(count - 1);
      }),
    );
  });
});
