import type { Day } from '../values.ts';
import { addDays, dayFrom, partsOf, weekday } from './calendar.ts';

/** Easter Sunday of a Gregorian year, by the anonymous computus of 1876. */
export function easterOf(year: number): Day {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const d = (19 * a + b - Math.floor(b / 4) - Math.floor((b - Math.floor((b + 8) / 25) + 1) / 3) + 15) % 30;
  const e = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - d - (c % 4)) % 7;
  const f = d + e - 7 * Math.floor((a + 11 * d + 22 * e) / 451) + 114;
  return dayFrom(year, Math.floor(f / 31), (f % 31) + 1);
}

/** The eleven public holidays of metropolitan France (code du travail L3133-1), in order (rule CAL-4). */
export function frenchHolidays(year: number): Day[] {
  const easter = easterOf(year);
  return [
    dayFrom(year, 1, 1),
    addDays(easter, 1),
    dayFrom(year, 5, 1),
    dayFrom(year, 5, 8),
    addDays(easter, 39),
    addDays(easter, 50),
    dayFrom(year, 7, 14),
    dayFrom(year, 8, 15),
    dayFrom(year, 11, 1),
    dayFrom(year, 11, 11),
    dayFrom(year, 12, 25),
  ].sort();
}

const holidays = new Map<number, Set<Day>>();

/** Whether the day is a French public holiday. */
export function isFrenchHoliday(day: Day): boolean {
  const { year } = partsOf(day);
  let known = holidays.get(year);
  if (known === undefined) {
    known = new Set(frenchHolidays(year));
    holidays.set(year, known);
  }
  return known.has(day);
}

/** Monday to Friday without public holidays (rule CAL-4). */
export function isWorkingDay(day: Day): boolean {
  return weekday(day) <= 5 && !isFrenchHoliday(day);
}

/**
 * The `count`-th working day after the day, before it when negative; 0 gives the day itself when it is a working
 * day, else the next one (rule CAL-4).
 */
export function addWorkingDays(day: Day, count: number): Day {
  const step = count < 0 ? -1 : 1;
  let current = day;
  let left = Math.abs(count);
  if (left === 0) {
    while (!isWorkingDay(current)) current = addDays(current, 1);
    return current;
  }
  while (left > 0) {
    current = addDays(current, step);
    if (isWorkingDay(current)) left -= 1;
  }
  return current;
}

/** The first working day after the day. */
export function nextWorkingDay(day: Day): Day {
  return addWorkingDays(day, 1);
}

/** Working days after `from` up to `to` included; 0 when `to` is not later. */
export function workingDaysBetween(from: Day, to: Day): number {
  let count = 0;
  for (let day = addDays(from, 1); day <= to; day = addDays(day, 1)) if (isWorkingDay(day)) count += 1;
  return count;
}
