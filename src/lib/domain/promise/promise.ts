import type { Cents, Currency, Day, Id } from '../values.ts';

export const PROMISE_STATES = ['open', 'kept', 'partially_kept', 'broken', 'withdrawn', 'cleared_otherwise'] as const;
export type PromiseState = (typeof PROMISE_STATES)[number];

/** A promise to pay: a sum on the account by a day (domain.md: promises). */
export interface PromiseToPay {
  id: Id;
  version: number;
  accountId: Id;
  cents: Cents;
  currency: Currency;
  dueDay: Day;
  createdOn: Day;
  createdBy: Id;
  graceDays: number;
  toleranceCents: Cents;
  state: PromiseState;
  keptCents: Cents;
  /** Day on which it left `open` for its present state; null while it is open. */
  judgedOn: Day | null;
}
