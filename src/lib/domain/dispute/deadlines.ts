import { addWorkingDays, workingDaysBetween } from '../calendar/working-days.ts';
import { FAR_DAY, type Day } from '../values.ts';
import type { Dispute, DisputeSettings } from './dispute.ts';
import { isLive } from './transitions.ts';

type Days = Pick<DisputeSettings, 'qualifyDays' | 'answerDays' | 'resolveDays'>;

/** The earlier of two days. */
const sooner = (a: Day, b: Day): Day => (a < b ? a : b);

/** Deadlines of a dispute that begins (again) on a day, in working days (rule DIS-3, golden `sla-*`). */
export function firstDeadlines(
  today: Day,
  step: 'qualify' | 'answer',
  days: Days,
): Pick<Dispute, 'dueDay' | 'resolveBy'> {
  const resolveBy = addWorkingDays(today, days.resolveDays);
  const own = addWorkingDays(today, step === 'qualify' ? days.qualifyDays : days.answerDays);
  return { dueDay: sooner(own, resolveBy), resolveBy };
}

/** Last day for the owner department's answer when it is asked on a day: never after the dispute's own (rule DIS-3). */
export function answerDueDay(dispute: Pick<Dispute, 'resolveBy'>, today: Day, days: Days): Day {
  return sooner(addWorkingDays(today, days.answerDays), dispute.resolveBy);
}

/** Stops the clock: no deadline runs while the customer is waited for (rule DIS-4). */
export function stopClock(dispute: Dispute, today: Day): Dispute {
  return { ...dispute, stoppedOn: today, stoppedDueDay: dispute.dueDay, dueDay: FAR_DAY };
}

/**
 * Lets the clock run again: both deadlines move by the working days that it stood still (rule DIS-4), so that as many
 * are left as when it was stopped. The same object when it runs already.
 */
export function startClock(dispute: Dispute, today: Day): Dispute {
  if (dispute.stoppedOn === null) return dispute;
  const stood = workingDaysBetween(dispute.stoppedOn, today);
  const later = (day: Day): Day => (stood === 0 || day === FAR_DAY ? day : addWorkingDays(day, stood));
  return {
    ...dispute,
    resolveBy: later(dispute.resolveBy),
    dueDay: later(dispute.stoppedDueDay ?? dispute.resolveBy),
    stoppedOn: null,
    stoppedDueDay: null,
    waitingUntil: null,
  };
}

/** Live, and the day of its present step has passed (rule DIS-3). Never while the clock is stopped. */
export function isLate(dispute: Pick<Dispute, 'state' | 'dueDay'>, today: Day): boolean {
  return isLive(dispute) && dispute.dueDay < today;
}
