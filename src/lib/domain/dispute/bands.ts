import { addDays } from '../calendar/calendar.ts';
import type { Cents, Day } from '../values.ts';

/** How long ago a dispute was opened, in calendar days: the columns of the board and the rows of the figures. */
export const DISPUTE_AGES = ['d0_7', 'd8_15', 'd16_30', 'over_30'] as const;
export type DisputeAge = (typeof DISPUTE_AGES)[number];
const YOUNGEST: Record<DisputeAge, number> = { d0_7: 0, d8_15: 8, d16_30: 16, over_30: 31 };
const OLDEST: Record<DisputeAge, number | null> = { d0_7: 7, d8_15: 15, d16_30: 30, over_30: null };

/** How much is contested, in units of the dispute's own currency: below 500, 2,000, 10,000, and from there. */
export const DISPUTE_AMOUNTS = ['below_500', 'below_2000', 'below_10000', 'from_10000'] as const;
export type DisputeAmount = (typeof DISPUTE_AMOUNTS)[number];
const FROM_CENTS: Record<DisputeAmount, Cents> = {
  below_500: 0,
  below_2000: 50_000,
  below_10000: 200_000,
  from_10000: 1_000_000,
};

/**
 * The days on which disputes of an age were opened, both included; null: without end. Opened "tomorrow", where the day was
 * moved back, is young.
 */
export function openedWithin(age: DisputeAge, today: Day): { from: Day | null; until: Day | null } {
  const oldest = OLDEST[age];
  return {
    from: oldest === null ? null : addDays(today, -oldest),
    until: age === 'd0_7' ? null : addDays(today, -YOUNGEST[age]),
  };
}

export function ageOf(openedOn: Day, today: Day): DisputeAge {
  return DISPUTE_AGES.find((age) => openedOn >= (openedWithin(age, today).from ?? '')) ?? 'over_30';
}

/** The cents of a band: from, included, to, left out; null: without end. */
export function centsWithin(band: DisputeAmount): { from: Cents; below: Cents | null } {
  const next = DISPUTE_AMOUNTS[DISPUTE_AMOUNTS.indexOf(band) + 1];
  return { from: FROM_CENTS[band], below: next === undefined ? null : FROM_CENTS[next] };
}

export function amountOf(cents: Cents): DisputeAmount {
  return DISPUTE_AMOUNTS.findLast((band) => cents >= FROM_CENTS[band]) ?? 'below_500';
}

export const isAge = (key: string): key is DisputeAge => DISPUTE_AGES.some((age) => age === key);
export const isAmount = (key: string): key is DisputeAmount => DISPUTE_AMOUNTS.some((band) => band === key);
