import { addDays } from '../calendar/calendar.ts';
import type { Cents, Day } from '../values.ts';
import type { PromiseState, PromiseToPay } from './promise.ts';

/** What happened to the money of an account, in the promise's currency. Amounts are positive. */
export type PromiseEvent =
  | { type: 'payment'; day: Day; cents: Cents }
  | { type: 'reversal'; day: Day; cents: Cents }
  /** Debits settled by credit note: neither kept nor broken. */
  | { type: 'credit_note'; day: Day; cents: Cents }
  | { type: 'withdrawn'; day: Day };

export type PromiseTerms = Pick<PromiseToPay, 'cents' | 'dueDay' | 'createdOn' | 'graceDays' | 'toleranceCents'>;

export interface Outcome {
  state: PromiseState;
  keptCents: Cents;
  /** Money that came after day and grace: the promise stays broken and is shown as paid late (rule PRO-5). */
  lateCents: Cents;
}

/** Last day on which a payment counts. */
export function lastCountedDay(promise: Pick<PromiseToPay, 'dueDay' | 'graceDays'>): Day {
  return addDays(promise.dueDay, promise.graceDays);
}

/**
 * What has become of a promise on a day (rules PRO-1 to PRO-6, golden `promises`). Payments count from the day it was
 * given to its day plus grace (calendar days), reversals of any day up to `asOf` take money back. Kept as soon as the
 * sum is reached within the tolerance; judged broken or partly kept only once `asOf` lies after day plus grace.
 *
 * @param asOf the day up to which the ledger is known, not today's: an old ledger breaks nothing
 */
export function judgePromise(promise: PromiseTerms, events: readonly PromiseEvent[], asOf: Day): Outcome {
  const last = lastCountedDay(promise);
  let paid = 0;
  let late = 0;
  let credited = 0;
  let withdrawn = false;
  for (const event of events) {
    if (event.day > asOf) continue;
    if (event.type === 'withdrawn') withdrawn = true;
    else if (event.type === 'reversal') paid -= event.cents;
    else if (event.day < promise.createdOn) continue;
    else if (event.type === 'credit_note') credited += event.day <= last ? event.cents : 0;
    else if (event.day <= last) paid += event.cents;
    else late += event.cents;
  }
  const keptCents = Math.min(promise.cents, Math.max(0, paid));
  return { state: stateOf(promise, keptCents, credited, withdrawn, asOf > last), keptCents, lateCents: late };
}

function stateOf(promise: PromiseTerms, kept: Cents, credited: Cents, withdrawn: boolean, over: boolean): PromiseState {
  if (withdrawn) return 'withdrawn';
  const enough = promise.cents - promise.toleranceCents;
  if (kept >= enough) return 'kept';
  if (credited > 0 && kept + credited >= enough) return 'cleared_otherwise';
  if (!over) return 'open';
  return kept > 0 ? 'partially_kept' : 'broken';
}

/**
 * The promise as judged from a ledger as of a day; the same object when nothing changed. A withdrawn promise stays so;
 * a kept one is judged again, as a debit sent back breaks it (rule PRO-4).
 *
 * @param today the workspace's day on which it is judged
 */
export function settlePromise(
  promise: PromiseToPay,
  events: readonly PromiseEvent[],
  asOf: Day,
  today: Day,
): PromiseToPay {
  if (promise.state === 'withdrawn') return promise;
  const { state, keptCents } = judgePromise(promise, events, asOf);
  if (state === promise.state && keptCents === promise.keptCents) return promise;
  const judgedOn = state === 'open' ? null : state === promise.state ? promise.judgedOn : today;
  return { ...promise, state, keptCents, judgedOn };
}

/** Takes the promise back: only an open one (rule PRO-7). */
export function withdrawPromise(
  promise: PromiseToPay,
  today: Day,
): { ok: true; promise: PromiseToPay } | { ok: false; code: 'promise_closed' } {
  if (promise.state !== 'open') return { ok: false, code: 'promise_closed' };
  return { ok: true, promise: { ...promise, state: 'withdrawn', judgedOn: today } };
}
