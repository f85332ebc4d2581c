import type { Cents, Currency, Day, Id } from '../values.ts';

export const BUCKETS = ['not_due', 'd1_30', 'd31_60', 'd61_90', 'over_90'] as const;
export type Bucket = (typeof BUCKETS)[number];

/** An account's open amounts in one currency on a day; equals its open items to the cent. */
export interface Balance {
  /** `<accountId>:<currency>` */
  id: Id;
  version: number;
  accountId: Id;
  currency: Currency;
  /** Rights tokens, copied from the account. */
  access: string[];
  ownerId: string;
  salesRepId: string;
  /** Debits and credits together. */
  openCents: Cents;
  /** Open debits past their due day. */
  overdueCents: Cents;
  /** What of the overdue is out of collection: disputed, or waiting for a credit note. */
  contestedCents: Cents;
  /** The same of all that is open, due or not. */
  disputedCents: Cents;
  /** Open credit notes and payments: zero or negative. */
  creditCents: Cents;
  /** Open debits by age. */
  buckets: Record<Bucket, Cents>;
  openItems: number;
  overdueItems: number;
  disputedItems: number;
  /** Earliest due day among overdue debits that are not wholly blocked; null when there is none. */
  oldestDueDay: Day | null;
  /** The day that the figures hold for. */
  computedFor: Day;
}
