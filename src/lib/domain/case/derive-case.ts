import type { Balance } from '../balance/balance.ts';
import { netToChase } from '../balance/balances-of.ts';
import { addDays, earliestDay } from '../calendar/calendar.ts';
import type { PromiseToPay } from '../promise/promise.ts';
import type { Task } from '../task/task.ts';
import type { Cents, Currency, Day } from '../values.ts';
import type { Case, CaseReason } from './case.ts';

/** What the state of a case follows from. */
export interface CaseFacts {
  case: Case;
  /** Of the account, for `today`. */
  balances: readonly Pick<Balance, 'currency' | 'overdueCents' | 'contestedCents' | 'creditCents' | 'buckets'>[];
  /** Of the account; closed ones are left out by the rule. */
  tasks: readonly Pick<Task, 'state' | 'dueDay'>[];
  /** Of the account; withdrawn, kept and cleared ones count nothing. */
  promises: readonly PromiseFacts[];
  today: Day;
}

/** What a case needs to know of a promise. */
export type PromiseFacts = Pick<
  PromiseToPay,
  'id' | 'state' | 'currency' | 'cents' | 'dueDay' | 'graceDays' | 'toleranceCents' | 'createdOn' | 'judgedOn'
>;

/** What the rule decides. */
export type DerivedCase = Pick<Case, 'state' | 'reasons' | 'openedOn' | 'touchedOn'>;

/**
 * Whether the case is to be worked, waits, or has nothing to do, and why (rules CAS-1 to CAS-8). Claims play no part:
 * a claimed case stays claimed whatever the state.
 */
export function deriveCase(facts: CaseFacts): DerivedCase {
  const reasons = reasonsOf(facts);
  const planned = facts.case.nextActionOn !== null && facts.case.nextActionOn > facts.today;
  const state =
    reasons.length === 0 ? (planned ? 'parked' : 'idle') : isParked(facts) && !comesBack(facts) ? 'parked' : 'open';
  if (state !== 'open') {
    return { state, reasons, openedOn: null, touchedOn: facts.case.touchedOn };
  }
  const continued = facts.case.state === 'open' && facts.case.openedOn !== null;
  return {
    state,
    reasons,
    openedOn: continued ? facts.case.openedOn : facts.today,
    touchedOn: continued && facts.case.touchedOn !== null ? facts.case.touchedOn : facts.today,
  };
}

function reasonsOf(facts: CaseFacts): CaseReason[] {
  const reasons: CaseReason[] = [];
  if (facts.balances.some((balance) => netToChase(balance) > 0)) reasons.push('overdue');
  if (facts.tasks.some((task) => task.state === 'open' && task.dueDay <= facts.today)) reasons.push('task_due');
  if (brokenPromises(facts.promises, facts.balances).length > 0) reasons.push('promise_broken');
  if (facts.case.nextActionOn !== null && facts.case.nextActionOn <= facts.today) reasons.push('next_action_due');
  return reasons;
}

/** Set aside by hand till a later day or for today, or waiting for promised money (rules CAS-3 to CAS-5). */
function isParked(facts: CaseFacts): boolean {
  const { nextActionOn, doneOn } = facts.case;
  if (nextActionOn !== null) return nextActionOn > facts.today;
  return doneOn === facts.today || isCoveredByPromises(facts);
}

/** Something came up after the case was set aside (rule CAS-6). */
function comesBack(facts: CaseFacts): boolean {
  const { plannedOn } = facts.case;
  const taskCameUp = facts.tasks.some(
    (task) => task.state === 'open' && task.dueDay < facts.today && (plannedOn === null || plannedOn <= task.dueDay),
  );
  return (
    taskCameUp ||
    brokenPromises(facts.promises, facts.balances).some(
      (promise) => plannedOn === null || (promise.judgedOn ?? promise.dueDay) > plannedOn,
    )
  );
}

/**
 * Broken promises that still matter (rule CAS-7): debits are still open in their currency, and no promise in it was
 * made since.
 */
export function brokenPromises(
  promises: readonly PromiseFacts[],
  balances: readonly Pick<Balance, 'currency' | 'buckets'>[],
): PromiseFacts[] {
  return promises.filter((promise) => {
    if (promise.state !== 'broken') return false;
    const balance = balances.find((one) => one.currency === promise.currency);
    if (balance === undefined || debitsOf(balance) <= 0) return false;
    const judgedOn = promise.judgedOn ?? promise.dueDay;
    return !promises.some(
      (other) =>
        other.id !== promise.id &&
        other.currency === promise.currency &&
        other.state !== 'withdrawn' &&
        other.createdOn >= judgedOn &&
        other.createdOn > promise.createdOn,
    );
  });
}

function debitsOf(balance: Pick<Balance, 'buckets'>): Cents {
  return Object.values(balance.buckets).reduce((sum, cents) => sum + cents, 0);
}

/**
 * Whether open promises whose day plus grace has not passed cover the net to chase in every currency, within their
 * tolerance (rule CAS-4).
 */
export function isCoveredByPromises(facts: Pick<CaseFacts, 'balances' | 'promises' | 'today'>): boolean {
  const promised = new Map<Currency, Cents>();
  for (const promise of facts.promises) {
    if (promise.state !== 'open' || addDays(promise.dueDay, promise.graceDays) < facts.today) continue;
    promised.set(promise.currency, (promised.get(promise.currency) ?? 0) + promise.cents + promise.toleranceCents);
  }
  if (promised.size === 0) return false;
  return facts.balances.every((balance) => netToChase(balance) <= (promised.get(balance.currency) ?? 0));
}

/**
 * Days after `today` on which the passing of time alone may change the state or its reasons, balances left aside: the
 * next action's day, tasks due and overdue, promises no longer waited for, the day after a case was done.
 */
export function caseTurningDays(facts: CaseFacts): Day[] {
  const days: Day[] = [];
  const { nextActionOn, doneOn } = facts.case;
  if (nextActionOn !== null) days.push(nextActionOn);
  if (doneOn !== null) days.push(addDays(doneOn, 1));
  for (const task of facts.tasks) if (task.state === 'open') days.push(task.dueDay, addDays(task.dueDay, 1));
  for (const promise of facts.promises) {
    if (promise.state === 'open') days.push(addDays(promise.dueDay, promise.graceDays + 1));
  }
  return days.filter((day) => day > facts.today);
}

/** The earliest of them; null when time alone changes nothing. */
export function nextCaseDay(facts: CaseFacts): Day | null {
  return earliestDay(caseTurningDays(facts));
}
