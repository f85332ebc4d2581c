import { dayFrom, isRealDate } from '../calendar/calendar.ts';
import type { Day } from '../values.ts';
import type { DateOrder } from './import.ts';

export type ReadDay = { ok: true; day: Day | null } | { ok: false; code: 'date_unreadable' | 'date_impossible' };

const EMPTY = /^(?:[-–]|n\/?a|null|0+|00[/.-]00[/.-]0000|0000[/.-]00[/.-]00)?$/i;
const CLOCK = /[T ]\d{1,2}[:h]\d{2}(?::\d{2}(?:[.,]\d+)?)?\s*(?:[ap]m)?\s*(?:Z|[+-]\d{2}:?\d{2})?$/i;
const FIRST_YEAR = 1950;
const LAST_YEAR = 2199;

/**
 * Reads a day (rule IMP-5): D/M/Y, M/D/Y, Y-M-D with `/ - .` or spaces between, YYYYMMDD, years of two digits (70-99 are
 * 19xx), a time behind is left off. What begins with a year is read so whatever the order. An empty text, `-` and zero
 * dates are no day. Days that the calendar lacks and years outside 1950-2199 are impossible.
 */
export function readDay(text: string, order: DateOrder): ReadDay {
  const bare = text.trim().replace(CLOCK, '').trim();
  if (EMPTY.test(bare)) return { ok: true, day: null };
  const parts = dateParts(bare, order);
  if (parts === null) return { ok: false, code: 'date_unreadable' };
  const { year, month, day } = parts;
  if (year < FIRST_YEAR || year > LAST_YEAR || !isRealDate(year, month, day)) {
    return { ok: false, code: 'date_impossible' };
  }
  return { ok: true, day: dayFrom(year, month, day) };
}

function dateParts(text: string, order: DateOrder): { year: number; month: number; day: number } | null {
  const compact = /^(\d{4})(\d{2})(\d{2})(?:\.0+)?$/.exec(text);
  if (compact !== null) return parts(compact[1], compact[2], compact[3]);
  const yearFirst = /^(\d{4})([/.\- ])(\d{1,2})\2(\d{1,2})$/.exec(text);
  if (yearFirst !== null) return parts(yearFirst[1], yearFirst[3], yearFirst[4]);
  const other = /^(\d{1,2})([/.\- ])(\d{1,2})\2(\d{4}|\d{2})$/.exec(text);
  if (other === null) return null;
  const [, first, , second, last] = other;
  if (order === 'mdy') return parts(last, first, second);
  if (order === 'ymd' && last?.length === 2) return parts(first?.padStart(2, '0'), second, last);
  return parts(last, second, first);
}

function parts(
  year: string | undefined,
  month: string | undefined,
  day: string | undefined,
): { year: number; month: number; day: number } {
  const short = year?.length === 2;
  const number = Number(year);
  return { year: short ? number + (number >= 70 ? 1900 : 2000) : number, month: Number(month), day: Number(day) };
}

/** What sampled values say of the order of day, month and year. */
export interface DateOrderEvidence {
  order: DateOrder;
  /** No value decides between two orders, or values contradict each other. */
  ambiguous: boolean;
}

/**
 * Order of dates by evidence over all sampled rows (rule IMP-4). A value votes for an order when no other reads it; the
 * most votes win. Without votes, the order under which fewer due days come before their issue day; without that either,
 * French day-month-year, reported as ambiguous.
 *
 * @param rows date cells of each sampled row, issue day first where there is one
 */
export function detectDateOrder(rows: readonly (readonly string[])[]): DateOrderEvidence {
  const votes: Record<DateOrder, number> = { dmy: 0, mdy: 0, ymd: 0 };
  let undecided = 0;
  for (const row of rows) {
    for (const text of row) {
      const bare = text.trim().replace(CLOCK, '').trim();
      if (EMPTY.test(bare)) continue;
      if (/^\d{4}/.test(bare)) {
        votes.ymd += readDay(bare, 'ymd').ok ? 1 : 0;
        continue;
      }
      const dmy = readDay(bare, 'dmy').ok;
      const mdy = readDay(bare, 'mdy').ok;
      if (dmy && !mdy) votes.dmy += 1;
      else if (mdy && !dmy) votes.mdy += 1;
      else if (dmy && readDay(bare, 'dmy').ok) undecided += 1;
    }
  }
  if (votes.dmy !== votes.mdy) {
    return { order: votes.dmy > votes.mdy ? 'dmy' : 'mdy', ambiguous: votes.dmy > 0 && votes.mdy > 0 };
  }
  if (votes.ymd > 0 && undecided === 0 && votes.dmy === 0) return { order: 'ymd', ambiguous: false };
  const backwards = { dmy: countBackwards(rows, 'dmy'), mdy: countBackwards(rows, 'mdy') };
  return { order: backwards.mdy < backwards.dmy ? 'mdy' : 'dmy', ambiguous: undecided > 0 || votes.dmy > 0 };
}

/** Rows whose later dates come before the first one under an order. */
function countBackwards(rows: readonly (readonly string[])[], order: DateOrder): number {
  let count = 0;
  for (const row of rows) {
    const days = row.map((text) => readDay(text, order));
    const first = days[0];
    if (first?.ok !== true || first.day === null) continue;
    const start = first.day;
    if (days.slice(1).some((other) => other.ok && other.day !== null && other.day < start)) count += 1;
  }
  return count;
}
