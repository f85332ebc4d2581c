import type { Locale } from '#lib/domain/member/member.ts';
import type { Cents, Currency, Day, Instant } from '#lib/domain/values.ts';
import { FAR_DAY } from '#lib/domain/values.ts';

const TAGS: Record<Locale, string> = { fr: 'fr-FR', en: 'en-GB' };
const DAY_MS = 86_400_000;

export interface MoneyParts {
  /** What stands before the decimal separator, currency sign in front included. */
  whole: string;
  /** Separator and decimals. */
  decimals: string;
  /** Sign of the currency when it stands behind, with its space. */
  after: string;
}

/** How one language writes numbers, money, days and delays. */
export interface Formats {
  locale: Locale;
  number: (value: number) => string;
  /** @param value 0.256 → `25,6 %` */
  percent: (value: number) => string;
  /** Whole amount with its decimals: `18 400,00 €`. */
  money: (cents: Cents, currency: Currency) => string;
  /** Rounded to the unit: `18 400 €`; for explanations and charts, never where cents count. */
  roundMoney: (cents: Cents, currency: Currency) => string;
  moneyParts: (cents: Cents, currency: Currency) => MoneyParts;
  /** `22 nov. 2026`; an em dash for no day. */
  day: (day: Day | null) => string;
  /** `22 nov.` within the year of `today`, otherwise with the year. */
  shortDay: (day: Day | null, today: Day) => string;
  /** `lundi 23 novembre 2026` */
  longDay: (day: Day) => string;
  /** `aujourd’hui`, `demain`, `il y a 12 jours`. */
  relativeDay: (day: Day, today: Day) => string;
  /** `14:05` */
  time: (at: Instant) => string;
  /** `22 nov. 2026, 14:05` */
  dateTime: (at: Instant) => string;
  /** `il y a 3 min`; beyond a day, day and time. */
  ago: (at: Instant, now: Instant) => string;
  /** A list of names: `Awa, Denis et Chloé`. */
  list: (names: readonly string[]) => string;
}

/** Whole days from one day to another; negative when `to` lies before. */
export function daysApart(from: Day, to: Day): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY_MS);
}

const dated = (day: Day) => new Date(`${day}T00:00:00Z`);

function build(locale: Locale): Formats {
  const tag = TAGS[locale];
  const number = new Intl.NumberFormat(tag);
  const percent = new Intl.NumberFormat(tag, { style: 'percent', maximumFractionDigits: 1 });
  const currencies = new Map<string, Intl.NumberFormat>();
  const currencyFormat = (currency: Currency, digits: 0 | 2) => {
    const key = `${currency}${digits}`;
    let format = currencies.get(key);
    if (format === undefined) {
      format = new Intl.NumberFormat(tag, {
        style: 'currency',
        currency,
        currencyDisplay: 'narrowSymbol',
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
      });
      currencies.set(key, format);
    }
    return format;
  };
  const short = new Intl.DateTimeFormat(tag, { day: 'numeric', month: 'short', timeZone: 'UTC' });
  const medium = new Intl.DateTimeFormat(tag, { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
  const long = new Intl.DateTimeFormat(tag, { dateStyle: 'full', timeZone: 'UTC' });
  const time = new Intl.DateTimeFormat(tag, { hour: '2-digit', minute: '2-digit' });
  const dateTime = new Intl.DateTimeFormat(tag, {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  });
  const relative = new Intl.RelativeTimeFormat(tag, { numeric: 'auto' });
  const relativeShort = new Intl.RelativeTimeFormat(tag, { numeric: 'auto', style: 'short' });
  const list = new Intl.ListFormat(tag, { type: 'conjunction' });

  const day = (value: Day | null) => (value === null || value === FAR_DAY ? '—' : medium.format(dated(value)));
  return {
    locale,
    number: (value) => number.format(value),
    percent: (value) => percent.format(value),
    money: (cents, currency) => currencyFormat(currency, 2).format(cents / 100),
    roundMoney: (cents, currency) => currencyFormat(currency, 0).format(cents / 100),
    moneyParts: (cents, currency) => {
      const parts = { whole: '', decimals: '', after: '' };
      for (const { type, value } of currencyFormat(currency, 2).formatToParts(cents / 100)) {
        if (type === 'decimal' || type === 'fraction') parts.decimals += value;
        else if (parts.decimals === '') parts.whole += value;
        else parts.after += value;
      }
      return parts;
    },
    day,
    shortDay: (value, today) =>
      value !== null && value !== FAR_DAY && value.slice(0, 4) === today.slice(0, 4)
        ? short.format(dated(value))
        : day(value),
    longDay: (value) => long.format(dated(value)),
    relativeDay: (value, today) => relative.format(daysApart(today, value), 'day'),
    time: (at) => time.format(new Date(at)),
    dateTime: (at) => dateTime.format(new Date(at)),
    ago: (at, now) => {
      const seconds = Math.round((Date.parse(at) - Date.parse(now)) / 1000);
      if (seconds > -60) return relativeShort.format(Math.min(seconds, 0), 'second');
      if (seconds > -3600) return relativeShort.format(Math.round(seconds / 60), 'minute');
      if (seconds > -86_400) return relativeShort.format(Math.round(seconds / 3600), 'hour');
      return dateTime.format(new Date(at));
    },
    list: (names) => list.format(names),
  };
}

const built = new Map<Locale, Formats>();

/** The formats of a language, made once. */
export function formats(locale: Locale): Formats {
  let found = built.get(locale);
  if (found === undefined) {
    found = build(locale);
    built.set(locale, found);
  }
  return found;
}
