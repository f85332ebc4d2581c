import { centsWithin, isAge, isAmount, openedWithin } from '#lib/domain/dispute/bands.ts';
import type { Day } from '#lib/domain/values.ts';

const later = (a: Day, b: Day): Day => (a > b ? a : b);
const sooner = (a: Day, b: Day): Day => (b === '' || (a !== '' && a < b) ? a : b);

/**
 * The filters of a list that holds an age or a band of amounts; what is filtered already stays.
 *
 * @param present the days that are asked for already, '' where none
 */
export function bandFilters(
  key: string,
  today: Day,
  present: { openedFrom: string; openedUntil: string },
): Record<string, string> {
  if (isAge(key)) {
    const { from, until } = openedWithin(key, today);
    return {
      openedFrom: later(present.openedFrom, from ?? ''),
      openedUntil: until === null ? present.openedUntil : sooner(until, present.openedUntil),
    };
  }
  if (!isAmount(key)) return {};
  const { from, below } = centsWithin(key);
  return { fromCents: String(from), belowCents: below === null ? '' : String(below) };
}
