/** Values that every room shares. */

/** UUIDv7 in lower case, or a derived stable id. */
export type Id = string;

/** Calendar day, `2026-11-22`, without time zone. */
export type Day = string;

/** Instant, ISO 8601 in UTC with milliseconds, `2026-11-22T17:09:00.000Z`. */
export type Instant = string;

/** Whole cents (hundredths) of a currency; negative for credits. */
export type Cents = number;

/** ISO 4217 code, `EUR`. */
export type Currency = string;

/** Sorts after every real day: stands for "no day" where a list is sorted by it. */
export const FAR_DAY: Day = '9999-12-31';
