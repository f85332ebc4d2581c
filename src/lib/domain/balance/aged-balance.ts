import { isCredit, type ItemKind } from '../item/item.ts';
import type { Cents, Currency, Day } from '../values.ts';
import type { Bucket } from './balance.ts';
import { bucketOf, emptyBuckets } from './balances-of.ts';

/** Movements up to a day, summed by currency, due day and kind of item. */
export interface DueGroup {
  currency: Currency;
  dueDay: Day;
  itemKind: ItemKind;
  cents: Cents;
}

/** An aged balance in one currency. */
export interface AgedAmounts {
  currency: Currency;
  /** Debits by age. */
  buckets: Record<Bucket, Cents>;
  /** Credit notes and unallocated payments, zero or negative. */
  creditCents: Cents;
  /** Debits past their due day. */
  overdueCents: Cents;
  /** Buckets and credits together. */
  openCents: Cents;
}

/**
 * The aged balance on a day from grouped movements (rules AGE-2, AGE-3 and AGE-8), one per currency, sorted by code.
 * Groups of settled items sum to zero and weigh nothing. The same as the balances of the items open on that day.
 *
 * @param groups sums of the movements dated `asOf` or earlier
 */
export function agedBalanceOf(groups: Iterable<DueGroup>, asOf: Day): AgedAmounts[] {
  const found = new Map<Currency, AgedAmounts>();
  for (const { currency, dueDay, itemKind, cents } of groups) {
    if (cents === 0) continue;
    const amounts = found.get(currency) ?? {
      currency,
      buckets: emptyBuckets(),
      creditCents: 0,
      overdueCents: 0,
      openCents: 0,
    };
    found.set(currency, amounts);
    amounts.openCents += cents;
    if (isCredit(itemKind)) amounts.creditCents += cents;
    else {
      const bucket = bucketOf(dueDay, asOf);
      amounts.buckets[bucket] += cents;
      if (bucket !== 'not_due') amounts.overdueCents += cents;
    }
  }
  return [...found.values()].sort((a, b) => (a.currency < b.currency ? -1 : 1));
}
