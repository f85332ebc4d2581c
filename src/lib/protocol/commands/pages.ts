import * as v from 'valibot';

/** Pieces of the queries that answer by pages. */
export const limit = (max: number, usual: number) =>
  v.optional(
    v.pipe(v.union([v.number(), v.pipe(v.string(), v.transform(Number))]), v.integer(), v.minValue(1), v.maxValue(max)),
    usual,
  );
export const after = v.optional(v.nullable(v.pipe(v.string(), v.maxLength(2_000))), null);
export const search = v.optional(
  v.pipe(
    v.string(),
    v.check((t) => t.isWellFormed(), 'lone_surrogate'),
    v.maxLength(100),
  ),
  '',
);
