import { isCredit, type Movement } from '../item/item.ts';
import type { Cents, Currency, Day } from '../values.ts';
import type { PromiseEvent } from './judge-promise.ts';

/** What is needed of a movement to see the money in it. */
export type MoneyMovement = Pick<Movement, 'day' | 'cents' | 'kind' | 'itemKind' | 'currency'>;

interface DaySums {
  day: Day;
  /** What closed on debits, and what payments brought in or gave up. */
  paid: Cents;
  /** What credit notes gave up: so much of what closed is no money. */
  credited: Cents;
  /** What opened again on debits. */
  reopened: Cents;
}

/**
 * What an account's movements tell of the money in a currency (rule PRO-6), by day. Ledgers differ: some show a payment
 * as an item of its own, some only that invoices closed. So what debits lost and payments brought in is netted each
 * day: a payment used later on an invoice counts once, on its own day. Credit notes used are taken out, on their day
 * first, else from the latest payments. A debit that opens again is a reversal; corrected amounts are no money.
 */
export function promiseEventsOf(movements: Iterable<MoneyMovement>, currency: Currency): PromiseEvent[] {
  const byDay = new Map<Day, DaySums>();
  for (const movement of movements) {
    if (movement.currency !== currency || movement.kind === 'corrected') continue;
    const sums = byDay.get(movement.day) ?? { day: movement.day, paid: 0, credited: 0, reopened: 0 };
    byDay.set(movement.day, sums);
    addMovement(sums, movement);
  }
  const days = [...byDay.values()].sort((a, b) => (a.day < b.day ? -1 : 1));
  const byCreditNote = takeCreditsOut(days);
  return days.flatMap((sums) => {
    const credited = byCreditNote.get(sums.day) ?? 0;
    const events: PromiseEvent[] = [];
    if (sums.paid > 0) events.push({ type: 'payment', day: sums.day, cents: sums.paid });
    if (credited > 0) events.push({ type: 'credit_note', day: sums.day, cents: credited });
    if (sums.reopened > 0) events.push({ type: 'reversal', day: sums.day, cents: sums.reopened });
    return events;
  });
}

function addMovement(sums: DaySums, movement: MoneyMovement): void {
  if (movement.itemKind === 'credit_note') {
    if (movement.kind !== 'issued') sums.credited += movement.cents;
  } else if (isCredit(movement.itemKind)) {
    sums.paid -= movement.cents;
  } else if (movement.kind !== 'issued') {
    if (movement.cents < 0) sums.paid -= movement.cents;
    else sums.reopened += movement.cents;
  }
}

/** Lowers `paid` by what credit notes explain; answers how much that was on each day. */
function takeCreditsOut(days: readonly DaySums[]): Map<Day, Cents> {
  const taken = new Map<Day, Cents>();
  let left = 0;
  const take = (sums: DaySums, wanted: Cents): Cents => {
    const cents = Math.max(0, Math.min(wanted, sums.paid));
    sums.paid -= cents;
    taken.set(sums.day, (taken.get(sums.day) ?? 0) + cents);
    return cents;
  };
  for (const sums of days) left += sums.credited - take(sums, sums.credited);
  for (const sums of [...days].reverse()) if (left > 0) left -= take(sums, left);
  return taken;
}
