import type { Locale } from '#lib/domain/member/member.ts';
import type { EinvoiceDifference } from '#lib/domain/einvoice/document.ts';
import type { Currency } from '#lib/domain/values.ts';
import type { EinvoiceState, EinvoiceStatus } from '#lib/domain/einvoice/status.ts';
import { formats } from '#lib/i18n/format.ts';
import { einvoice } from '#lib/i18n/groups/einvoice.ts';
import { refusalText } from '#lib/i18n/refusal.ts';
import { render, speak, type Group } from '#lib/i18n/words.ts';
import type { ClientProblem } from '#lib/client/api.ts';

export const STATE_TONE: Record<EinvoiceState, 'neutral' | 'ok' | 'warn' | 'danger' | 'info'> = {
  sent: 'neutral',
  received: 'neutral',
  acknowledged: 'info',
  approved: 'ok',
  dispute: 'warn',
  waiting_information: 'warn',
  refused: 'danger',
  payment_announced: 'ok',
  paid: 'ok',
  rejected: 'danger',
  information: 'neutral',
};

export type ShownOutcome = EinvoiceStatus['outcome'] | 'created' | 'attached' | 'refused';
export const OUTCOME_TONE: Record<ShownOutcome, 'neutral' | 'ok' | 'warn' | 'danger' | 'info'> = {
  applied: 'ok',
  created: 'ok',
  attached: 'ok',
  known: 'neutral',
  late: 'info',
  information: 'neutral',
  unmatched: 'warn',
  set_aside: 'neutral',
  refused: 'danger',
};

/** Why a file was refused, in the reader's words. */
export function problemText(locale: Locale, problem: ClientProblem): string {
  const { rule, where } = problem.details as { rule?: string; where?: string };
  const key = problem.code === 'too_large' ? 'refused_too_large' : `refused_${rule ?? ''}`;
  if ((problem.code === 'einvoice_unreadable' || problem.code === 'too_large') && Object.hasOwn(einvoice.fr, key))
    return render(einvoice as Group, locale, key, { where: where ?? '' });
  return refusalText(locale, problem.code, problem.details);
}

/** What the ledger says otherwise than the invoice, on one line. */
export function differenceText(locale: Locale, differences: readonly EinvoiceDifference[]): string {
  const f = formats(locale);
  const currency: Currency = String(differences.find(({ field }) => field === 'currency')?.ledger ?? 'EUR');
  const say = (field: EinvoiceDifference['field'], value: string | number): string => {
    if (typeof value === 'number') return f.money(value, currency);
    return field === 'currency' ? value : f.day(value);
  };
  const list = differences.map(({ field, ledger, invoice }) =>
    speak(einvoice, locale)(`differs_${field}`, { ledger: say(field, ledger), invoice: say(field, invoice) }),
  );
  return speak(einvoice, locale)('differs', { list: list.join(' ; ') });
}
