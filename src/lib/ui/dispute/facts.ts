import { daysBetween } from '#lib/domain/calendar/calendar.ts';
import { workingDaysBetween } from '#lib/domain/calendar/working-days.ts';
import { LIVE_STATES, type Dispute, type DisputeState } from '#lib/domain/dispute/dispute.ts';
import type { Item } from '#lib/domain/item/item.ts';
import { FAR_DAY, type Cents, type Day } from '#lib/domain/values.ts';

export type Tone = 'neutral' | 'accent' | 'ok' | 'warn' | 'danger' | 'info';

/** How a state is coloured; its word always stands beside. */
export const STATE_TONE: Record<DisputeState, Tone> = {
  open: 'warn',
  qualified: 'info',
  assigned: 'accent',
  waiting_customer: 'neutral',
  resolved: 'ok',
  closed: 'neutral',
};

/** The disputed part is out of collection. */
export const isLive = (dispute: Pick<Dispute, 'state'>): boolean =>
  (LIVE_STATES as readonly string[]).includes(dispute.state);

/** Where a dispute stands with its present step, in working days. */
export type Timing =
  | { kind: 'stopped'; since: Day | null; until: Day | null }
  | { kind: 'over' }
  | { kind: 'left'; days: number }
  | { kind: 'late'; days: number };

export function timingOf(
  dispute: Pick<Dispute, 'state' | 'dueDay' | 'stoppedOn' | 'waitingUntil'>,
  today: Day,
): Timing {
  if (dispute.stoppedOn !== null || dispute.state === 'waiting_customer')
    return { kind: 'stopped', since: dispute.stoppedOn, until: dispute.waitingUntil };
  if (!isLive(dispute) || dispute.dueDay === FAR_DAY) return { kind: 'over' };
  return dispute.dueDay < today
    ? { kind: 'late', days: workingDaysBetween(dispute.dueDay, today) }
    : { kind: 'left', days: workingDaysBetween(today, dispute.dueDay) };
}

/** Calendar days since it was opened. */
export const ageOf = (dispute: Pick<Dispute, 'openedOn'>, today: Day): number => daysBetween(dispute.openedOn, today);

/** What of an item is still to be collected: neither contested nor awaiting its credit note. */
export const collectableOf = (item: Pick<Item, 'openCents' | 'disputedCents' | 'awaitingCents'>): Cents =>
  Math.max(0, item.openCents - item.disputedCents - item.awaitingCents);

/** What of an item may still be contested. */
export const disputableOf = (item: Item): Cents =>
  item.state === 'open' && item.openCents > 0 ? collectableOf(item) : 0;
