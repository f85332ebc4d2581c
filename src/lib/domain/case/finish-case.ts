import { isDay } from '../calendar/calendar.ts';
import { netToChase } from '../balance/balances-of.ts';
import type { Day } from '../values.ts';
import type { Case, NextAction } from './case.ts';
import { withoutClaim } from './claim.ts';
import { isCoveredByPromises, type CaseFacts } from './derive-case.ts';

/** Why a case cannot be finished or postponed like that; the code names the field at fault. */
export type PlanRefusal = {
  ok: false;
  code:
    'next_action_required' | 'day_required' | 'day_unreadable' | 'day_in_past' | 'day_not_later' | 'reason_required';
};

/** How it goes on. Both or neither. */
export interface Plan {
  nextAction: NextAction | null;
  nextActionOn: Day | null;
}

/** Checks a plan: action and day together, a real day, not before today (rule CAS-9). */
export function checkPlan(plan: Plan, today: Day): PlanRefusal | null {
  if (plan.nextAction === null && plan.nextActionOn === null) return null;
  if (plan.nextActionOn === null) return { ok: false, code: 'day_required' };
  if (!isDay(plan.nextActionOn)) return { ok: false, code: 'day_unreadable' };
  if (plan.nextActionOn < today) return { ok: false, code: 'day_in_past' };
  return plan.nextAction === null ? { ok: false, code: 'next_action_required' } : null;
}

/** Whether something is left to chase that no promise covers: then a case is not finished without a next action. */
export function needsNextAction(facts: Pick<CaseFacts, 'balances' | 'promises' | 'today'>): boolean {
  return facts.balances.some((balance) => netToChase(balance) > 0) && !isCoveredByPromises(facts);
}

/**
 * Finishes the case for today (rules CAS-5 and CAS-9): it leaves today's list, the claim ends. A next action with its
 * day is required while something is left to chase. The state is derived afterwards.
 */
export function finishCase(facts: CaseFacts, plan: Plan): { ok: true; case: Case } | PlanRefusal {
  const refusal = checkPlan(plan, facts.today);
  if (refusal !== null) return refusal;
  if (plan.nextAction === null && needsNextAction(facts)) return { ok: false, code: 'next_action_required' };
  return {
    ok: true,
    case: {
      ...withoutClaim(facts.case),
      ...plan,
      postponeReason: null,
      touchedOn: facts.today,
      doneOn: facts.today,
      plannedOn: facts.today,
    },
  };
}

/**
 * Puts the case off till a later day, with a reason (rule CAS-10); the next action stays what it was. The claim ends.
 *
 * @param until the day on which it comes back, after today
 */
export function postponeCase(
  current: Case,
  until: Day,
  reason: string,
  today: Day,
): { ok: true; case: Case } | PlanRefusal {
  if (!isDay(until)) return { ok: false, code: 'day_unreadable' };
  if (until <= today) return { ok: false, code: 'day_not_later' };
  const text = reason.trim();
  if (text === '') return { ok: false, code: 'reason_required' };
  return {
    ok: true,
    case: {
      ...withoutClaim(current),
      nextAction: current.nextAction ?? 'other',
      nextActionOn: until,
      postponeReason: text,
      touchedOn: today,
      plannedOn: today,
    },
  };
}

/**
 * What a contact written down does to the case (rule CAS-11): it is touched; a next action given replaces the old one;
 * one whose day has come counts as carried out. Never refused for a claim.
 *
 * @param contactedOn the contact's day, not after today: one entered late does not move a later one back
 */
export function recordContact(
  current: Case,
  contactedOn: Day,
  plan: Plan,
  today: Day,
): { ok: true; case: Case } | PlanRefusal {
  const refusal = checkPlan(plan, today);
  if (refusal !== null) return refusal;
  const lastContactOn =
    current.lastContactOn !== null && current.lastContactOn > contactedOn ? current.lastContactOn : contactedOn;
  const touched: Case = { ...current, lastContactOn, touchedOn: today };
  if (plan.nextAction !== null) {
    return { ok: true, case: { ...touched, ...plan, postponeReason: null, plannedOn: today } };
  }
  const carriedOut = current.nextActionOn !== null && current.nextActionOn <= today;
  return {
    ok: true,
    case: carriedOut ? { ...touched, nextAction: null, nextActionOn: null, postponeReason: null } : touched,
  };
}

/** The case as touched today by an act of a member that changes nothing else in it. */
export function touchCase(current: Case, today: Day): Case {
  return { ...current, touchedOn: today };
}
