import { isDay, isRealDate, dayFrom } from '#lib/domain/calendar/calendar.ts';
import { isCurrency, parseAmount } from '#lib/domain/money/money.ts';
import { bareIdentifier } from '#lib/domain/account/identity.ts';
import { cleanLine } from '#lib/domain/text/fold.ts';
import type { EinvoiceParty } from '#lib/domain/einvoice/match-invoice.ts';
import type { Cents, Currency, Day, Instant } from '#lib/domain/values.ts';
import { refuseFile } from './refused.ts';
import { all, at, type XmlElement } from './read-xml.ts';

/** Text of one line, cut to `max`; null when nothing is left. */
export function line(text: string | null, max = 200): string | null {
  const clean = text === null ? '' : cleanLine(text, max);
  return clean === '' ? null : clean;
}

/** @throws AppError einvoice_unreadable (field_missing) */
export function required<T>(value: T | null, where: string): T {
  return value ?? refuseFile('field_missing', where);
}

const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)$/;
/** As some write it all the same: one comma, not before three digits, which might be thousands. */
const WITH_COMMA = /^[+-]?\d+,\d{1,2}$/;

/** An amount as the schemas write it, with a point; null when the element is not there. */
export function cents(text: string | null, where: string): Cents | null {
  if (text === null) return null;
  const written = WITH_COMMA.test(text) ? text.replace(',', '.') : text;
  if (!DECIMAL.test(written)) refuseFile('amount_unreadable', where);
  return parseAmount(written, '.')?.cents ?? refuseFile('amount_unreadable', where);
}

/** A day written `YYYY-MM-DD` (UBL, a time zone behind it left out) or `YYYYMMDD` (CII, format 102). */
export function day(text: string | null, where: string): Day | null {
  if (text === null) return null;
  const parts = /^(\d{4})(-?)(\d{2})\2(\d{2})(?:Z|[+-]\d{2}:?\d{2}|[T ]?\d.*)?$/.exec(text);
  if (parts === null) return refuseFile('day_unreadable', where);
  const [year, month, dayOfMonth] = [Number(parts[1]), Number(parts[3]), Number(parts[4])];
  return isRealDate(year, month, dayOfMonth) ? dayFrom(year, month, dayOfMonth) : refuseFile('day_unreadable', where);
}

/** @throws AppError einvoice_unreadable (currency_unknown) */
export function currency(text: string | null, where: string): Currency | null {
  if (text === null) return null;
  return isCurrency(text) ? text : refuseFile('currency_unknown', where);
}

/**
 * The instant of a `DateTimeString`: `YYYYMMDDHHMMSS` (format 204), without seconds (203), a day alone (102), each with an offset or
 * not (205, 304), or as ISO 8601.
 * Without an offset it is the workspace's local time.
 */
export function instant(text: string | null, timeZone: string, where: string): Instant | null {
  if (text === null) return null;
  const parts =
    /^(\d{4})-?(\d{2})-?(\d{2})(?:[T ]?(\d{2}):?(\d{2})(?::?(\d{2})(?:[.,]\d+)?)?)?(Z|[+-]\d{2}(?::?\d{2})?)?$/.exec(
      text,
    );
  if (parts === null) return refuseFile('day_unreadable', where);
  const [, year = '', month = '', dayOfMonth = '', hours = '00', minutes = '00', seconds = '00', zone] = parts;
  const wall = `${year}-${month}-${dayOfMonth}T${hours}:${minutes}:${seconds}`;
  if (!isDay(wall.slice(0, 10)) || hours > '23' || minutes > '59' || seconds > '59')
    refuseFile('day_unreadable', where);
  if (zone !== undefined) {
    const ms = Date.parse(
      wall + zone.replace(/^([+-]\d{2}):?(\d{2})?$/, (_all, hour, minute = '00') => `${hour}:${minute}`),
    );
    return Number.isNaN(ms) ? refuseFile('day_unreadable', where) : new Date(ms).toISOString();
  }
  const asUtc = Date.parse(`${wall}Z`);
  const first = asUtc - offsetMs(asUtc, timeZone);
  return new Date(asUtc - offsetMs(first, timeZone)).toISOString();
}

const formatters = new Map<string, Intl.DateTimeFormat>();

/** How far the zone's wall clock is ahead of UTC at that instant. */
function offsetMs(ms: number, timeZone: string): number {
  let formatter = formatters.get(timeZone);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
    formatters.set(timeZone, formatter);
  }
  const part = Object.fromEntries(formatter.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
  const { year = 1970, month = 1, day: dayOfMonth = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, dayOfMonth, hour, minute, second) - ms;
}

/** Identifiers of a party by their scheme (ICD): 0002 SIREN, 0009 SIRET, 0088 GLN, 9957 or VA a VAT number. */
export function identifiersOf(
  ids: readonly { scheme: string | null; value: string | null }[],
): Pick<EinvoiceParty, 'siren' | 'siret' | 'vatNumber' | 'gln' | 'customerNumber'> {
  const found: ReturnType<typeof identifiersOf> = {
    siren: null,
    siret: null,
    vatNumber: null,
    gln: null,
    customerNumber: null,
  };
  for (const { scheme, value } of ids) {
    if (value === null) continue;
    const bare = bareIdentifier(value);
    if (scheme === '0002' && /^\d{9}$/.test(bare)) found.siren ??= bare;
    else if (scheme === '0009' && /^\d{14}$/.test(bare)) found.siret ??= bare;
    else if (scheme === '0088') found.gln ??= bare;
    else if (scheme === 'VA' || scheme === 'VAT' || scheme === '9957' || scheme === '0223')
      found.vatNumber ??= bare.slice(0, 20);
    else if (scheme === null) found.customerNumber ??= line(value, 60);
  }
  if (found.siren === null && found.siret !== null) found.siren = found.siret.slice(0, 9);
  const french = /^FR..(\d{9})$/.exec(found.vatNumber ?? '');
  if (found.siren === null && french !== null) found.siren = french[1] ?? null;
  return found;
}

/** Texts of the parts of an address on one line. */
export function addressOf(element: XmlElement | null, names: readonly string[]): string | null {
  const parts = names.flatMap((name) => all(element, name).map(({ text }) => text)).filter((text) => text !== '');
  return line(parts.join(', '), 300);
}

/** ISO 3166 alpha-2, or null. */
export function countryOf(element: XmlElement | null, ...path: string[]): string | null {
  const code = (at(element, ...path)?.text ?? '').toUpperCase();
  return /^[A-Z]{2}$/.test(code) ? code : null;
}
