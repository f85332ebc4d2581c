import { dayIn } from '#lib/domain/calendar/calendar.ts';
import type { Clock } from './app.ts';

/**
 * The machine's clock.
 *
 * @param fixedToday the business day to answer whatever the instant (ENCOURS_TODAY), or null
 */
export function systemClock(fixedToday: string | null): Clock {
  return {
    ms: () => Date.now(),
    now: () => new Date().toISOString(),
    today: (timeZone) => fixedToday ?? dayIn(timeZone, Date.now()),
  };
}
