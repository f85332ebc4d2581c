import type { ItemEinvoice } from '../einvoice/status.ts';
import type { Cents, Currency, Day, Id } from '../values.ts';

export const ITEM_KINDS = ['invoice', 'credit_note', 'payment', 'other_debit', 'other_credit'] as const;
export type ItemKind = (typeof ITEM_KINDS)[number];

/** Kinds that reduce what the customer owes: they stand in the credits' column and are never aged (rule AGE-3). */
export function isCredit(kind: ItemKind): boolean {
  return kind === 'credit_note' || kind === 'payment' || kind === 'other_credit';
}

/** One line of the ledger: an invoice, a credit note, a payment… Debits are positive, credits negative. */
export interface Item {
  id: Id;
  version: number;
  /** entity + account number + kind + item number + instalment: unique in the workspace. */
  key: string;
  accountId: Id;
  entityId: Id;
  kind: ItemKind;
  number: string;
  instalment: string;
  issueDay: Day;
  dueDay: Day;
  /** The due day was reckoned from the terms, not told. */
  dueAssumed: boolean;
  currency: Currency;
  /** Signed original amount. */
  cents: Cents;
  /** Signed amount still open; 0 when settled. */
  openCents: Cents;
  state: 'open' | 'settled' | 'not_yet';
  settledOn: Day | null;
  /** The ledger says the customer contests it. */
  disputed: boolean;
  /** That was taken up: what its dispute says holds, whatever the ledger goes on saying (rule DIS-10). */
  flagTaken: boolean;
  /** Contested in live disputes now, out of collection; derived, never above what is open (rule DIS-7). */
  disputedCents: Cents;
  /** Credit note or write-off agreed and not in the ledger yet, out of collection (rule DIS-9). */
  awaitingCents: Cents;
  /** A missing document is being sent: out of collection until that day (rule TSK-11); derived, left out when it is not so. */
  pausedUntil?: Day;
  /** Where it stands with the buyer's platform; null when nothing was heard. */
  einvoice: ItemEinvoice | null;
  /** The last complete file did not mention it while it was open. */
  missingSince: Day | null;
  orderNumber: string | null;
  deliveryNote: string | null;
  paymentMethod: string | null;
  /** Assigned to the factor. */
  factored: boolean;
  /** Columns that Encours does not know, as the file has them. */
  extra: { [column: string]: string };
}

/** A dated change of what is open on an item; open at a day is the sum of the movements up to that day. */
export interface Movement {
  id: Id;
  version: number;
  itemId: Id;
  accountId: Id;
  currency: Currency;
  dueDay: Day;
  day: Day;
  cents: Cents;
  /** Issued (original amount), allocated (part paid or credited), settled (closed). */
  kind: 'issued' | 'allocated' | 'settled' | 'corrected';
  /** Copied from the item: a credit ages in its own column. */
  itemKind: ItemKind;
  /** The import it came with. */
  source: Id;
}
