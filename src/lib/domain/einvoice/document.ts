import type { ItemLine } from '../item/diff-item.ts';
import type { Item } from '../item/item.ts';
import type { Cents, Currency, Day } from '../values.ts';
import { isCreditType, type EinvoiceParty } from './match-invoice.ts';

/** Largest file of an e-invoice or a status. */
export const EINVOICE_BYTES = 20 * 1_024 * 1_024;

/** An invoice or credit note as its file (CII, UBL, Factur-X) says it. Amounts as written there, not signed by kind. */
export interface EinvoiceDocument {
  syntax: 'cii' | 'ubl';
  number: string;
  /** UNTDID 1001: 380, 381, 384, 386, 389… */
  typeCode: string;
  issueDay: Day;
  /** Null when the file gives none. */
  dueDay: Day | null;
  currency: Currency;
  /** Incl. tax. */
  totalCents: Cents;
  prepaidCents: Cents;
  payableCents: Cents;
  seller: EinvoiceParty;
  buyer: EinvoiceParty;
  orderNumber: string | null;
  deliveryNote: string | null;
  /** Words of the payment terms. */
  terms: string | null;
  /** Numbers of the invoices that it corrects or credits. */
  preceding: string[];
}

/**
 * The ledger line that such a document stands for (rule EIN-9): credits negative, whatever sign the file writes; an invoice
 * of a negative amount is a credit. Open is what is payable; what is prepaid counts as allocated.
 */
export function itemLineOf(document: EinvoiceDocument): ItemLine {
  const credit = isCreditType(document.typeCode) || document.totalCents < 0;
  const sign = credit ? -1 : 1;
  const cents = sign * Math.abs(document.totalCents) || 0;
  const open = sign * Math.abs(document.payableCents) || 0;
  return {
    kind: credit ? 'credit_note' : 'invoice',
    number: document.number,
    instalment: '',
    issueDay: document.issueDay,
    currency: document.currency,
    cents,
    // More payable than the total (rounding, a deposit given back) is still not open beyond it.
    openCents: Math.abs(open) > Math.abs(cents) ? cents : open,
    settledOn: null,
    disputed: false,
    orderNumber: document.orderNumber,
    deliveryNote: document.deliveryNote,
    paymentMethod: null,
    factored: false,
    extra: {},
  };
}

/** Where a known item and its invoice's file disagree; the ledger stays as it is (rule EIN-12). */
export interface EinvoiceDifference {
  field: 'amount' | 'currency' | 'issueDay' | 'dueDay';
  ledger: string | number;
  invoice: string | number;
}

/** The differences between an item of the ledger and the file of its invoice; a due day reckoned from terms is not one. */
export function differencesOf(
  items: readonly Pick<Item, 'cents' | 'currency' | 'issueDay' | 'dueDay' | 'dueAssumed'>[],
  document: EinvoiceDocument,
): EinvoiceDifference[] {
  const line = itemLineOf(document);
  const first = items[0];
  if (first === undefined) return [];
  const found: EinvoiceDifference[] = [];
  const add = (field: EinvoiceDifference['field'], ledger: string | number, invoice: string | number): void => {
    if (ledger !== invoice) found.push({ field, ledger, invoice });
  };
  add('currency', first.currency, line.currency);
  add(
    'amount',
    items.reduce((sum, one) => sum + one.cents, 0),
    line.cents,
  );
  add('issueDay', first.issueDay, line.issueDay);
  if (document.dueDay !== null && items.length === 1 && !first.dueAssumed) add('dueDay', first.dueDay, document.dueDay);
  return found;
}
