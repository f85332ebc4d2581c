import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addDays,
  addMonths,
  dayIn,
  dayNumber,
  dayOfNumber,
  daysBetween,
  endOfMonth,
  isDay,
  weekday,
} from './calendar.ts';

const dayNumbers = fc.integer({ min: dayNumber('1900-01-01'), max: dayNumber('2199-12-31') });

describe('days', () => {
  test.each([
    ['2026-02-28', true],
    ['2026-02-29', false],
    ['2028-02-29', true],
    ['2100-02-29', false],
    ['2026-02-30', false],
    ['2026-13-01', false],
    ['2026-1-01', false],
    ['2026-01-01T00:00', false],
    ['0000-01-01', false],
    ['9999-12-31', true],
  ])('[CAL-1] %s is a real day: %s', (text, real) => {
    expect(isDay(text)).toBe(real);
  });

  test('[CAL-2] agrees with the platform on every day of three centuries', () => {
    fc.assert(
      fc.property(dayNumbers, (number) => {
        const day = dayOfNumber(number);
        expect(new Date(number * 86_400_000).toISOString().slice(0, 10)).toBe(day);
        expect(dayNumber(day)).toBe(number);
        expect(isDay(day)).toBe(true);
        expect(weekday(day) % 7).toBe(new Date(number * 86_400_000).getUTCDay());
      }),
    );
  });

  test('[CAL-2] a change of clocks does not shorten a day', () => {
    expect(daysBetween('2026-03-28', '2026-03-30')).toBe(2);
    expect(daysBetween('2026-10-24', '2026-10-26')).toBe(2);
  });

  test('[CAL-2] adding days and counting them are inverse', () => {
    fc.assert(
      fc.property(dayNumbers, fc.integer({ min: -5000, max: 5000 }), (number, days) => {
        const day = dayOfNumber(number);
        expect(daysBetween(day, addDays(day, days))).toBe(days);
      }),
    );
  });

  test('[CAL-2] days stay within the calendar and "no day" stays no day', () => {
    expect(addDays('9999-12-31', -1)).toBe('9999-12-31');
    expect(addDays('9999-12-30', 40)).toBe('9999-12-31');
    expect(addDays('0001-01-01', -1)).toBe('0001-01-01');
  });

  test.each([
    ['2026-01-31', 1, '2026-02-28'],
    ['2027-12-31', 2, '2028-02-29'],
    ['2026-03-31', -1, '2026-02-28'],
    ['2026-11-30', 3, '2027-02-28'],
    ['2026-01-15', 12, '2027-01-15'],
  ])('[CAL-3] %s plus %i months is %s', (day, months, expected) => {
    expect(addMonths(day, months)).toBe(expected);
  });

  test('[CAL-3] the end of a month is the day before a first', () => {
    fc.assert(
      fc.property(dayNumbers, (number) => {
        const day = dayOfNumber(number);
        const end = endOfMonth(day);
        expect(end.slice(0, 7)).toBe(day.slice(0, 7));
        expect(addDays(end, 1).slice(8)).toBe('01');
      }),
    );
  });

  test.each([
    ['Europe/Paris', '2026-11-22T22:59:59.999Z', '2026-11-22'],
    ['Europe/Paris', '2026-11-22T23:00:00.000Z', '2026-11-23'],
    ['Europe/Paris', '2026-07-01T22:00:00.000Z', '2026-07-02'],
    ['America/New_York', '2026-11-23T04:59:59.000Z', '2026-11-22'],
    ['Pacific/Auckland', '2026-11-22T11:00:00.000Z', '2026-11-23'],
    ['UTC', '1969-12-31T23:59:59.000Z', '1969-12-31'],
  ])('[CAL-5] in %s, %s falls on %s', (zone, instant, expected) => {
    expect(dayIn(zone, Date.parse(instant))).toBe(expected);
  });

  test('[CAL-5] an unknown zone is refused', () => {
    expect(() => dayIn('Europe/Lutetia', 0)).toThrow(RangeError);
  });
});
