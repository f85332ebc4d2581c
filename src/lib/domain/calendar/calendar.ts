import { FAR_DAY, type Day } from '../values.ts';

const MS_PER_DAY = 86_400_000;
const DAY_PATTERN = /^(\d{4})-(\d{2})-(\d{2})$/;
const FIRST_DAY: Day = '0001-01-01';

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** How many days the month has; `month` is 1 to 12 (rule CAL-1). */
export function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Whether year, month and day name a real day of the Gregorian calendar, years 1 to 9999 (rule CAL-1). */
export function isRealDate(year: number, month: number, day: number): boolean {
  return year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);
}

/** Writes a day from its parts; the caller has checked that they are real. */
export function dayFrom(year: number, month: number, day: number): Day {
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

/** Whether the text is `YYYY-MM-DD` and names a real day (rule CAL-1): `2026-02-30` is none. */
export function isDay(text: string): boolean {
  const match = DAY_PATTERN.exec(text);
  return match !== null && isRealDate(Number(match[1]), Number(match[2]), Number(match[3]));
}

/** Year, month (1-12) and day of the month. The day must be real. */
export function partsOf(day: Day): { year: number; month: number; day: number } {
  return { year: Number(day.slice(0, 4)), month: Number(day.slice(5, 7)), day: Number(day.slice(8, 10)) };
}

/**
 * Days since 1970-01-01, negative before. Counted on the calendar alone, so that a change of clocks never
 * shortens a day (rule CAL-2, golden `aging: dst-change`).
 */
export function dayNumber(day: Day): number {
  const parts = partsOf(day);
  // A year that begins in March puts the leap day last, so that every month has a fixed offset.
  const year = parts.month <= 2 ? parts.year - 1 : parts.year;
  const era = Math.floor(year / 400);
  const yearOfEra = year - era * 400;
  const dayOfYear = Math.floor((153 * (parts.month > 2 ? parts.month - 3 : parts.month + 9) + 2) / 5) + parts.day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

const FIRST_NUMBER = dayNumber(FIRST_DAY);
const LAST_NUMBER = dayNumber(FAR_DAY);

/** The day of a number made by `dayNumber`; held within 0001-01-01 and FAR_DAY. */
export function dayOfNumber(number: number): Day {
  if (number <= FIRST_NUMBER) return FIRST_DAY;
  if (number >= LAST_NUMBER) return FAR_DAY;
  const shifted = number + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return dayFrom(year, month, dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1);
}

/** Calendar days from one day to another, negative when `to` is earlier (rule CAL-2). */
export function daysBetween(from: Day, to: Day): number {
  return dayNumber(to) - dayNumber(from);
}

/** The day `days` calendar days later (earlier when negative). FAR_DAY stays FAR_DAY: it stands for "no day". */
export function addDays(day: Day, days: number): Day {
  return day === FAR_DAY ? FAR_DAY : dayOfNumber(dayNumber(day) + days);
}

/** The same day of the month `months` later, or that month's last day when it is shorter (rule CAL-3). */
export function addMonths(day: Day, months: number): Day {
  const parts = partsOf(day);
  const index = parts.year * 12 + parts.month - 1 + months;
  const year = Math.floor(index / 12);
  const month = (index % 12) + 1;
  if (year > 9999) return FAR_DAY;
  if (year < 1) return FIRST_DAY;
  return dayFrom(year, month, Math.min(parts.day, daysInMonth(year, month)));
}

/** Last day of the day's month. */
export function endOfMonth(day: Day): Day {
  const { year, month } = partsOf(day);
  return dayFrom(year, month, daysInMonth(year, month));
}

/** Order of two days for sorting: negative, zero or positive. */
export function compareDays(a: Day, b: Day): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The earliest of the days; null ones are left out, null when none is left. */
export function earliestDay(days: Iterable<Day | null>): Day | null {
  let found: Day | null = null;
  for (const day of days) if (day !== null && (found === null || day < found)) found = day;
  return found;
}

/** The latest of the days; null ones are left out, null when none is left. */
export function latestDay(days: Iterable<Day | null>): Day | null {
  let found: Day | null = null;
  for (const day of days) if (day !== null && (found === null || day > found)) found = day;
  return found;
}

/** ISO day of the week: 1 Monday to 7 Sunday. */
export function weekday(day: Day): number {
  return ((((dayNumber(day) + 3) % 7) + 7) % 7) + 1;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

/**
 * The calendar day that an instant falls on in a time zone (rule CAL-5).
 *
 * @param zone IANA name, `Europe/Paris`
 * @param ms epoch milliseconds
 * @throws RangeError for an unknown zone
 */
export function dayIn(zone: string, ms: number): Day {
  let formatter = formatters.get(zone);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
    });
    formatters.set(zone, formatter);
  }
  let year = 0;
  let month = 0;
  let day = 0;
  for (const part of formatter.formatToParts(ms)) {
    if (part.type === 'year') year = Number(part.value);
    else if (part.type === 'month') month = Number(part.value);
    else if (part.type === 'day') day = Number(part.value);
  }
  return dayFrom(year, month, day);
}

/** Milliseconds of a whole day of 24 hours: for leases and sweeps, never for counting days. */
export const DAY_MS = MS_PER_DAY;
