import type { Cents, Currency, Day, Instant } from '../values.ts';

/** A datum of the invoice that a status speaks of: an amount, or what is given and what was expected. */
export interface Characteristic {
  /** Business term, `BT-152`. */
  id: string | null;
  /** `MEN`, `MNATTC`, `DIV`… */
  type: string;
  name: string | null;
  cents: Cents | null;
  currency: Currency | null;
  /** As written, `10.00`. */
  percent: string | null;
  text: string | null;
  day: Day | null;
}

/** What one status message says of one document. */
export interface Statement {
  code: string;
  invoiceNumber: string;
  invoiceDay: Day | null;
  /** UNTDID 1001: 380 invoice, 381 credit note… */
  documentType: string | null;
  statedAt: Instant;
  /** In the message's order, without doubles. */
  reasons: string[];
  actions: string[];
  /** The message's own words: labels of the reasons, notes. Without doubles. */
  words: string[];
  characteristics: Characteristic[];
  buyerId: string | null;
  buyerName: string | null;
  sellerId: string | null;
}

/** A life-cycle message; it may speak of several documents. */
export interface StatusMessage {
  messageId: string;
  /** Who wrote it: identifier, else name, else empty. */
  issuer: string;
  statements: Statement[];
}

const sumOf = (all: readonly Characteristic[], type: string): { cents: Cents; currency: Currency | null } | null => {
  const amounts = all.filter((one) => one.type === type && one.cents !== null);
  if (amounts.length === 0) return null;
  // Some say it in a second currency beside the invoice's: the first one counts, currencies are never added up.
  const currency = amounts.find((one) => one.currency !== null)?.currency ?? null;
  const found = amounts.filter((one) => one.currency === null || one.currency === currency);
  return { cents: found.reduce((sum, one) => sum + (one.cents ?? 0), 0), currency };
};

/** Amounts that a status is about, the best first; they come once for each rate of VAT and are added up. */
const AMOUNTS: { [code: string]: string[] } = {
  '206': ['MNATTC', 'MNA'],
  '207': ['MNATTC', 'MNA'],
  '210': [],
  '211': ['MPA', 'MEN'],
  '212': ['MEN', 'MPA'],
};

/**
 * The amount of a status in cents (rule EIN-6): refused for 206 and 207 (what is not approved; else the total less what is
 * approved), announced for 211, collected for 212.
 *
 * @param totalCents the invoice's amount, where it is known
 * @returns null when the message gives none
 */
export function amountOf(
  statement: Pick<Statement, 'code' | 'characteristics'>,
  totalCents: Cents | null = null,
): { cents: Cents; currency: Currency | null } | null {
  for (const type of AMOUNTS[statement.code] ?? []) {
    const sum = sumOf(statement.characteristics, type);
    if (sum !== null) return sum;
  }
  if (statement.code !== '206' || totalCents === null) return null;
  const approved = sumOf(statement.characteristics, 'MAPTTC');
  return approved === null ? null : { cents: Math.max(0, totalCents - approved.cents), currency: approved.currency };
}

/** What the buyer approved of a part, incl. tax; null when the message does not say. */
export function approvedOf(statement: Pick<Statement, 'characteristics'>): Cents | null {
  return sumOf(statement.characteristics, 'MAPTTC')?.cents ?? null;
}

/** The day on which a payment was announced (211): the one beside the amount. */
export function announcedDayOf(statement: Pick<Statement, 'code' | 'characteristics'>): Day | null {
  if (statement.code !== '211') return null;
  return (
    statement.characteristics.find((one) => (AMOUNTS['211'] ?? []).includes(one.type) && one.day !== null)?.day ?? null
  );
}
