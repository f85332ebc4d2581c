import { newKey } from '#lib/client/api.ts';
import { addDays } from '#lib/domain/calendar/calendar.ts';
import { addWorkingDays } from '#lib/domain/calendar/working-days.ts';
import type { NextAction } from '#lib/domain/case/case.ts';
import type { Locale } from '#lib/domain/member/member.ts';
import { formatAmount, parseAmount } from '#lib/domain/money/money.ts';
import type { Cents, Currency, Day } from '#lib/domain/values.ts';
import type { Channel, Outcome } from '#lib/protocol/commands/account.ts';

/** What usually comes after an outcome; null: the promise itself says when the account comes back. */
export function usualPlan(outcome: Outcome | '', today: Day): { action: NextAction; day: Day } | null {
  switch (outcome) {
    case 'no_answer':
    case 'message_left':
    case 'wrong_contact':
      return { action: 'call', day: addWorkingDays(today, 1) };
    case 'paid_already':
      return { action: 'check_payment', day: addWorkingDays(today, 3) };
    case 'contested':
      return { action: 'wait_answer', day: addWorkingDays(today, 5) };
    case 'reached':
    case 'answered':
    case 'other':
      return { action: 'call', day: addWorkingDays(today, 5) };
    case 'promise':
    case '':
      return null;
  }
}

/** The day that a promise is offered for: a week ahead, on a working day. */
export const usualPromiseDay = (today: Day): Day => addWorkingDays(addDays(today, 7), 0);

/**
 * A contact that is being written down. It outlives its dialog: what was typed comes back when it is opened again, until it
 * is saved.
 */
export class RecordDraft {
  contactId = $state('');
  channel = $state<Channel>('call');
  direction = $state<'made' | 'received'>('made');
  outcome = $state<Outcome | ''>('');
  amount = $state('');
  currency = $state<Currency>('EUR');
  promiseDay = $state<Day | null>(null);
  text = $state('');
  action = $state<NextAction | ''>('');
  day = $state<Day | null>(null);
  /** The user chose the next action: a change of outcome leaves it. */
  planned = $state(false);
  readonly #today: () => Day;
  #sent: { body: string; key: string } | null = null;

  constructor(today: () => Day) {
    this.#today = today;
  }

  /** Something was typed that would be missed. */
  get touched(): boolean {
    return this.outcome !== '' || this.text.trim() !== '';
  }

  choose(outcome: Outcome): void {
    this.outcome = outcome;
    if (this.planned) return;
    const plan = usualPlan(outcome, this.#today());
    this.action = plan?.action ?? '';
    this.day = plan?.day ?? null;
  }

  /** Prefills the promise with what is to chase, once. */
  offerPromise(cents: Cents, currency: Currency, locale: Locale): void {
    if (this.amount === '' && cents > 0) {
      this.currency = currency;
      this.amount = formatAmount(cents, locale);
    }
    this.promiseDay ??= usualPromiseDay(this.#today());
  }

  /** What is sent; null when the promised amount cannot be read. */
  body(): { [key: string]: unknown } | null {
    const promise = this.outcome === 'promise' ? this.#promise() : null;
    if (this.outcome === 'promise' && promise === null) return null;
    const plan = this.action === '' ? null : this.action;
    return {
      channel: this.channel,
      direction: this.direction,
      outcome: this.outcome,
      contactId: this.contactId === '' ? null : this.contactId,
      text: this.text,
      promise,
      nextAction: plan,
      nextActionOn: plan === null ? null : this.day,
    };
  }

  /** The same key for the same act, so that a second try after a cut does not write it down twice. */
  keyFor(body: object): string {
    const text = JSON.stringify(body);
    if (this.#sent?.body !== text) this.#sent = { body: text, key: newKey() };
    return this.#sent.key;
  }

  clear(): void {
    this.contactId = '';
    this.channel = 'call';
    this.direction = 'made';
    this.outcome = '';
    this.amount = '';
    this.promiseDay = null;
    this.text = '';
    this.action = '';
    this.day = null;
    this.planned = false;
    this.#sent = null;
  }

  #promise(): { cents: Cents; currency: Currency; dueDay: Day | null } | null {
    const read = parseAmount(this.amount);
    return read === null || read.cents <= 0
      ? null
      : { cents: read.cents, currency: this.currency, dueDay: this.promiseDay };
  }
}
