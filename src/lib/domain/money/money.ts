import type { Cents, Currency } from '../values.ts';

/** An amount read from a text. */
export interface ReadAmount {
  cents: Cents;
  /** The text had more than two significant decimals and was rounded half up on its magnitude. */
  rounded: boolean;
  /** What rounding took away: exact − cents, in thousandths of a cent, cut after that. */
  lostMillicents: number;
}

/** Larger amounts are refused, so that sums over a ledger stay exact integers. */
export const MAX_CENTS: Cents = 99_999_999_999_999;

const SPACES = /[\s\u00a0\u2007\u2009\u202f]+/g;
const MINUSES = /[\u2212\u2013\u2012]/g;

/**
 * Reads an amount written by people or ledgers (rules MON-1 to MON-5): decimal point or comma, thousands by spaces
 * (no-break ones too), apostrophes or the other mark, sign before or after, parentheses for negatives, leading
 * zeros, a currency sign or code beside. No float is ever used.
 *
 * @param decimal the file's decimal mark; `either` decides by the text: the last mark is the decimal one, but one
 *   mark before exactly three digits groups thousands
 * @returns null when it is not an amount, or above MAX_CENTS
 */
export function parseAmount(text: string, decimal: '.' | ',' | 'either' = 'either'): ReadAmount | null {
  const stripped = stripSign(text.replace(SPACES, ' ').replace(MINUSES, '-').trim());
  if (stripped === null) return null;
  const mark = decimal === 'either' ? decimalMarkOf(stripped.body) : decimal;
  const at = mark === null ? -1 : stripped.body.lastIndexOf(mark);
  const whole = at < 0 ? stripped.body : stripped.body.slice(0, at);
  const fraction = at < 0 ? '' : stripped.body.slice(at + 1);
  if (!/^\d*$/.test(fraction) || (whole === '' && fraction === '')) return null;
  const digits = ungroup(whole, mark);
  return digits === null ? null : toCents(digits, fraction, stripped.negative);
}

/** Takes sign, parentheses and a currency mark off; null when signs contradict or repeat. */
function stripSign(text: string): { body: string; negative: boolean } | null {
  let body = text;
  let signs = 0;
  let negative = false;
  for (let round = 0; round < 4; round += 1) {
    const bare = body
      .replace(/^(?:\p{Sc}|[A-Za-z]{3}(?![A-Za-z]))\s*/u, '')
      .replace(/\s*(?:\p{Sc}|(?<![A-Za-z])[A-Za-z]{3})$/u, '');
    let next = bare;
    if (/^\(.*\)$/.test(bare)) next = bare.slice(1, -1);
    else if (/^[-+]/.test(bare)) next = bare.slice(1);
    else if (/[-+]$/.test(bare)) next = bare.slice(0, -1);
    if (next !== bare) {
      signs += 1;
      negative = !/^\+|\+$/.test(bare);
    }
    if (next.trim() === body) break;
    body = next.trim();
  }
  return signs > 1 || body === '' ? null : { body, negative };
}

/** Which mark is the decimal one in a text of unknown habit; null when there is none. */
function decimalMarkOf(body: string): '.' | ',' | null {
  const point = body.lastIndexOf('.');
  const comma = body.lastIndexOf(',');
  if (point < 0 && comma < 0) return null;
  if (point >= 0 && comma >= 0) return point > comma ? '.' : ',';
  const mark = point >= 0 ? '.' : ',';
  if (body.indexOf(mark) !== body.lastIndexOf(mark)) return null;
  return /^[1-9]\d{0,2}[.,]\d{3}$/.test(body) ? null : mark;
}

/** Digits of the whole part without its thousands separators; null when the groups are not of three. */
function ungroup(whole: string, mark: '.' | ',' | null): string | null {
  if (/^\d*$/.test(whole)) return whole;
  const group = /^\d{1,3}([ '’.,])\d{3}(?:\1\d{3})*$/.exec(whole);
  if (group === null || group[1] === mark) return null;
  return whole.replace(/\D/g, '');
}

function toCents(whole: string, fraction: string, negative: boolean): ReadAmount | null {
  const significant = whole.replace(/^0+/, '');
  if (significant.length > 12) return null;
  const padded = fraction.padEnd(5, '0');
  const beyond = /[1-9]/.test(fraction.slice(2));
  const up = beyond && padded.charCodeAt(2) >= 0x35 ? 1 : 0;
  const magnitude = Number(`${significant}${padded.slice(0, 2)}`) + up;
  if (magnitude > MAX_CENTS) return null;
  const lost = beyond ? Number(padded.slice(2, 5)) - up * 1000 : 0;
  return {
    cents: negative && magnitude !== 0 ? -magnitude : magnitude,
    rounded: beyond,
    lostMillicents: negative && lost !== 0 ? -lost : lost,
  };
}

/** Plain decimal text with a point and two decimals, `-1234.50`: for files and APIs (rule MON-6). */
export function toDecimal(cents: Cents): string {
  const magnitude = Math.abs(cents);
  const text = `${Math.floor(magnitude / 100)}.${String(magnitude % 100).padStart(2, '0')}`;
  return cents < 0 ? `-${text}` : text;
}

const formatters = new Map<string, Intl.NumberFormat>();

function formatterOf(locale: string, currency: Currency | null): Intl.NumberFormat {
  const key = `${locale} ${currency ?? ''}`;
  let formatter = formatters.get(key);
  if (formatter === undefined) {
    const plain = { minimumFractionDigits: 2, maximumFractionDigits: 2 };
    try {
      formatter = new Intl.NumberFormat(locale, currency === null ? plain : { style: 'currency', currency, ...plain });
    } catch {
      formatter = new Intl.NumberFormat(locale, plain);
    }
    formatters.set(key, formatter);
  }
  return formatter;
}

/**
 * The amount with its currency as readers of the language write it: `18 400,00 €`, `€18,400.00` (rule MON-6). From
 * the decimal text, not from a float.
 *
 * @param locale `fr` or `en`, or any BCP 47 tag
 */
export function formatMoney(cents: Cents, currency: Currency, locale: string): string {
  return formatterOf(locale, currency).format(toDecimal(cents) as `${number}`);
}

/** The amount without its currency, two decimals, as readers of the language write it. */
export function formatAmount(cents: Cents, locale: string): string {
  return formatterOf(locale, null).format(toDecimal(cents) as `${number}`);
}

/** Sums per currency, sorted by currency code; different currencies are never added (rule MON-7). */
export function sumByCurrency(
  amounts: Iterable<{ currency: Currency; cents: Cents }>,
): { currency: Currency; cents: Cents }[] {
  const sums = new Map<Currency, Cents>();
  for (const { currency, cents } of amounts) sums.set(currency, (sums.get(currency) ?? 0) + cents);
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([currency, cents]) => ({ currency, cents }));
}

let known: Set<string> | undefined;

/** Whether the text is an ISO 4217 code in capitals that the platform knows (rule MON-8). */
export function isCurrency(code: string): boolean {
  known ??= new Set(Intl.supportedValuesOf('currency'));
  return /^[A-Z]{3}$/.test(code) && known.has(code);
}

/**
 * Cents of one currency in cents of the workspace's, for ranking only: never shown, never stored as an amount
 * (rule MON-7). A currency without a rate counts one for one.
 */
export function referenceCents(
  cents: Cents,
  currency: Currency,
  reference: { currency: Currency; referenceRates: { [currency: string]: number } },
): number {
  if (currency === reference.currency) return cents;
  return Math.round(cents * (reference.referenceRates[currency] ?? 1));
}
