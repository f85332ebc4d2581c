import type { Day, Id, Instant } from '../values.ts';

export const CASE_STATES = ['idle', 'open', 'parked'] as const;
export type CaseState = (typeof CASE_STATES)[number];

/** Why a case is open (rules CAS-*). */
export const CASE_REASONS = ['overdue', 'task_due', 'promise_broken', 'next_action_due'] as const;
export type CaseReason = (typeof CASE_REASONS)[number];

export const NEXT_ACTIONS = ['call', 'email', 'letter', 'visit', 'check_payment', 'wait_answer', 'other'] as const;
export type NextAction = (typeof NEXT_ACTIONS)[number];

/** The unit of work in the queue: one per account, under the account's id, for ever. */
export interface Case {
  /** The account's id. */
  id: Id;
  version: number;
  state: CaseState;
  reasons: CaseReason[];
  /** Member who holds it; the end of the lease lies in the lease document. */
  claimedBy: Id | null;
  claimedAt: Instant | null;
  nextAction: NextAction | null;
  nextActionOn: Day | null;
  /** Why it was parked by hand, null when it was not. */
  postponeReason: string | null;
  /** Day of the last contact with the customer, in either direction. */
  lastContactOn: Day | null;
  /** Day of the last act of a member on it; the day it opened when nobody has touched it since. */
  touchedOn: Day | null;
  /** Day since which it is open without a break; null when it is not. */
  openedOn: Day | null;
  /** Day on which a member finished it for the day. */
  doneOn: Day | null;
  /** Member who finished it then. */
  doneBy: Id | null;
  /**
   * Day on which a member last said how it goes on: finished, postponed, or set the next action. What comes up later
   * (a task overdue, a promise broken) brings a parked case back; what was there before does not (rule CAS-6).
   */
  plannedOn: Day | null;
}

/** How long a claim holds without being renewed. `until` is an instant on the server's clock. */
export interface Lease {
  /** The case's id. */
  id: Id;
  version: number;
  memberId: Id;
  until: Instant;
}

/** A lease lasts ten minutes and is renewed while the member is present. */
export const LEASE_MS = 10 * 60_000;
/** Longer than the clocks of two nodes differ. */
export const LEASE_GRACE_MS = 5_000;
