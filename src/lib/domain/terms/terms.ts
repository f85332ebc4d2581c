import type { Terms } from '../account/account.ts';
import { addDays, addMonths, dayFrom, daysInMonth, endOfMonth, partsOf } from '../calendar/calendar.ts';
import { foldText } from '../text/fold.ts';
import type { Day } from '../values.ts';

/** Longer terms than these are taken for a misread text. */
const MAX_TERM_DAYS = 400;
const MAX_TERM_MONTHS = 24;

/**
 * Due day of something issued under terms (rule TRM-1, golden `due_dates`): days net; days then end of month; end of
 * month then days; days, end of month, then a day of the following month; months (clamped to the month's end).
 */
export function dueDayOf(issueDay: Day, terms: Terms): Day {
  switch (terms.kind) {
    case 'net':
      return addDays(issueDay, terms.days);
    case 'days_then_eom':
      return endOfMonth(addDays(issueDay, terms.days));
    case 'eom_then_days':
      return addDays(endOfMonth(issueDay), terms.days);
    case 'days_then_eom_then_day':
      return dayOfNextMonth(endOfMonth(addDays(issueDay, terms.days)), terms.day);
    case 'months':
      return addMonths(issueDay, terms.months);
  }
}

function dayOfNextMonth(day: Day, wanted: number): Day {
  const { year, month } = partsOf(addDays(endOfMonth(day), 1));
  return dayFrom(year, month, Math.min(wanted, daysInMonth(year, month)));
}

/** Spellings of "end of month", once folded. */
const END_OF_MONTH =
  /\b(?:fdm|f d m|fin de mois|fin du mois|fin mois|eom|e o m|end of (?:the )?month|month end|ultimo)\b/;
const AT_ONCE =
  /^(?:comptant|au comptant|paiement comptant|reception|a reception(?: de (?:la )?facture)?|immediat|paiement immediat|cash|due on receipt|on receipt|upon receipt|immediate(?:ly)?|cod|prepaid|contre remboursement)$/;

/**
 * Terms from what ledgers write (rule TRM-2): "30 jours", "45 j FDM", "45 jours fin de mois le 15", "fin de mois + 45
 * jours", "30 net", "30 days end of month", "2 mois", "60", "comptant". Null when it is not understood: a coded term
 * (`NAH4`) is not guessed.
 */
export function parseTerms(text: string): Terms | null {
  const words = foldText(text)
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
  if (words === '') return null;
  if (AT_ONCE.test(words)) return { kind: 'net', days: 0 };
  const months = /^(?:a )?(\d{1,2}) ?(?:mois|months?|m)(?: (?:net|date de facture|date facture))?$/.exec(words);
  if (months !== null) return withinMonths(Number(months[1]));
  return END_OF_MONTH.test(words) ? parseEndOfMonth(words) : parseNet(words);
}

function parseNet(words: string): Terms | null {
  const match =
    /^(?:net |a |n )?(\d{1,3}) ?(?:jours?|jrs?|j|days?|d)?(?: (?:nets?|date de facture|date facture|ddf|df|calendaires?|from invoice(?: date)?|after invoice(?: date)?))*$/.exec(
      words,
    );
  return match === null ? null : withinDays(Number(match[1]), (days) => ({ kind: 'net', days }));
}

function parseEndOfMonth(words: string): Terms | null {
  const mark = END_OF_MONTH.exec(words);
  if (mark === null) return null;
  const before = words.slice(0, mark.index).trim();
  const after = words.slice(mark.index + mark[0].length).trim();
  if (before === '' || before === 'a') {
    if (after === '') return { kind: 'days_then_eom', days: 0 };
    const then = /^(?:plus |puis |et )?(\d{1,3}) ?(?:jours?|jrs?|j|days?|d)?$/.exec(after);
    return then === null ? null : withinDays(Number(then[1]), (days) => ({ kind: 'eom_then_days', days }));
  }
  const first = /^(?:net |a )?(\d{1,3}) ?(?:jours?|jrs?|j|days?|d)?(?: net)?$/.exec(before);
  if (first === null) return null;
  const days = Number(first[1]);
  if (after === '') return withinDays(days, (value) => ({ kind: 'days_then_eom', days: value }));
  const fixed = /^(?:le |the |on the |on )?(\d{1,2})(?:st|nd|rd|th|er)?(?: du mois suivant)?$/.exec(after);
  const day = Number(fixed?.[1]);
  if (fixed === null || day < 1 || day > 31) return null;
  return withinDays(days, (value) => ({ kind: 'days_then_eom_then_day', days: value, day }));
}

function withinDays(days: number, make: (days: number) => Terms): Terms | null {
  return days <= MAX_TERM_DAYS ? make(days) : null;
}

function withinMonths(months: number): Terms | null {
  return months <= MAX_TERM_MONTHS ? { kind: 'months', months } : null;
}

/**
 * Due day of a ledger line (rule TRM-3): as told; else from the line's own terms, the account's, the workspace's
 * default days. Reckoned ones are marked as assumed.
 */
export function resolveDueDay(
  line: { issueDay: Day; dueDay: Day | null; terms: string | null },
  accountTerms: Terms | null,
  defaultTermsDays: number,
): { dueDay: Day; assumed: boolean } {
  if (line.dueDay !== null) return { dueDay: line.dueDay, assumed: false };
  const own = line.terms === null ? null : parseTerms(line.terms);
  const terms = own ?? accountTerms ?? { kind: 'net', days: defaultTermsDays };
  return { dueDay: dueDayOf(line.issueDay, terms), assumed: true };
}

/** What bears on the legal ceiling of payment terms between French firms. */
export interface LegalContext {
  /** The contract says "45 days end of month". */
  endOfMonthClause?: boolean;
  /** A periodic (summary) invoice. */
  periodicInvoice?: boolean;
  /** Transport and the like. */
  transport?: boolean;
}

/**
 * Latest due day that the law allows (rule TRM-4; code de commerce L441-10 I and L441-11): 60 days from issue; 45 days
 * end of month when agreed (45 days, then the month's end); 45 days for periodic invoices; 30 for transport. To be
 * checked on Légifrance before it is shown as advice.
 */
export function legalMaxDay(issueDay: Day, context: LegalContext = {}): Day {
  if (context.transport === true) return addDays(issueDay, 30);
  if (context.periodicInvoice === true) return addDays(issueDay, 45);
  if (context.endOfMonthClause === true) return endOfMonth(addDays(issueDay, 45));
  return addDays(issueDay, 60);
}
