import * as v from 'valibot';
import { CURRENCY, isDayText } from './text.ts';

/** Shared pieces of the commands' schemas. Every text is trimmed, bounded and free of lone surrogates. */
export const id = v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'id'));
export const day = v.pipe(v.string(), v.check(isDayText, 'day'));
export const cents = v.pipe(v.number(), v.safeInteger('cents'));
export const positiveCents = v.pipe(v.number(), v.safeInteger('cents'), v.minValue(1, 'cents'));
export const currency = v.pipe(v.string(), v.regex(CURRENCY, 'currency'));

/** @param max greatest length in UTF-16 units, after trimming */
export const text = (max: number) =>
  v.pipe(
    v.string(),
    v.check((value) => value.isWellFormed(), 'lone_surrogate'),
    v.trim(),
    v.nonEmpty('empty'),
    v.maxLength(max, 'too_long'),
  );

/** Empty text becomes null. */
export const optionalText = (max: number) =>
  v.optional(
    v.nullable(
      v.pipe(
        v.string(),
        v.check((value) => value.isWellFormed(), 'lone_surrogate'),
        v.trim(),
        v.maxLength(max, 'too_long'),
        v.transform((value) => (value === '' ? null : value)),
      ),
    ),
    null,
  );
