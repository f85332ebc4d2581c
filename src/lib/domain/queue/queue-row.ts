import type { CaseReason, CaseState, NextAction } from '../case/case.ts';
import type { Cents, Currency, Day, Id } from '../values.ts';

/** What the priority is made of, so that a user can have it explained; points add up to the priority. */
export interface PriorityPart {
  kind:
    | 'amount'
    | 'delay'
    | 'no_contact'
    | 'promise_broken'
    | 'task_overdue'
    | 'next_action_due'
    | 'untouched'
    | 'nothing_to_chase';
  points: number;
  /** Cents for amount; days for the others. */
  value: number;
}

/** The queue's read model: what the list shows and sorts by. Derived, never journalled, written with the facts. */
export interface QueueRow {
  /** The account's id. */
  id: Id;
  version: number;
  access: string[];
  words: string[];
  number: string;
  name: string;
  state: CaseState;
  reasons: CaseReason[];
  /** Members' ids, or `none`. */
  ownerId: string;
  salesRepId: string;
  claimedBy: string;
  entityIds: Id[];
  /** The currency with the most overdue; the amounts below are in it alone. */
  currency: Currency;
  /** Other currencies with open items. */
  otherCurrencies: Currency[];
  openCents: Cents;
  overdueCents: Cents;
  contestedCents: Cents;
  creditCents: Cents;
  /** overdue − contested − unallocated credits, never below zero (rule QUE-2). */
  netCents: Cents;
  /** Overdue of all currencies at the reference rate: for ranking only, never shown. */
  overdueRank: number;
  /** Earliest overdue and undisputed due day; FAR_DAY when none. Sorting by it upwards is sorting by delay. */
  oldestDueDay: Day;
  promise: { cents: Cents; currency: Currency; dueDay: Day; state: 'open' | 'broken' } | null;
  lastContactOn: Day | null;
  nextAction: NextAction | null;
  /** FAR_DAY when none. */
  nextActionOn: Day;
  openTasks: number;
  priority: number;
  priorityParts: PriorityPart[];
  /** The day on which it must be reckoned anew. */
  recomputeOn: Day;
  computedFor: Day;
}
