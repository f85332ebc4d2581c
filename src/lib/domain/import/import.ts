import type { Cents, Currency, Day, Id, Instant } from '../values.ts';
import type { ItemKind } from '../item/item.ts';

/** Columns that Encours knows. */
export const IMPORT_FIELDS = [
  'accountNumber',
  'accountName',
  'siren',
  'siret',
  'vatNumber',
  'contactName',
  'contactEmail',
  'contactPhone',
  'address',
  'country',
  'collector',
  'salesRep',
  'entity',
  'payingAccount',
  'itemNumber',
  'instalment',
  'kind',
  'issueDay',
  'dueDay',
  'terms',
  'amount',
  'openAmount',
  'debit',
  'credit',
  'currency',
  'settledOn',
  'disputed',
  'orderNumber',
  'deliveryNote',
  'paymentMethod',
  'factored',
] as const;
export type ImportField = (typeof IMPORT_FIELDS)[number];

export type Delimiter = ',' | ';' | '\t' | '|';
export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';
export type DateOrder = 'dmy' | 'mdy' | 'ymd';

/** How a file is to be read; detected, shown, corrected, saved. */
export interface ImportMapping {
  delimiter: Delimiter;
  encoding: Encoding;
  decimal: '.' | ',';
  dateOrder: DateOrder;
  /** Whether the file has every open item: absent ones are then flagged. */
  complete: boolean;
  /** File's column name → known field; null: kept with the item as it is. */
  columns: { [column: string]: ImportField | null };
  /** When no currency column. */
  defaultCurrency: Currency;
}

export interface RefusedLine {
  /** 1 is the header. */
  line: number;
  /** Stable code of the reason, see the catalogue of line errors. */
  code: string;
  column: string | null;
  /** The text that could not be read, cut to 80 characters. */
  value: string | null;
}

/** A line of the file once read and understood. */
export interface LedgerLine {
  line: number;
  accountNumber: string;
  accountName: string;
  identity: {
    siren: string | null;
    siret: string | null;
    vatNumber: string | null;
    address: string | null;
    country: string | null;
  };
  contact: { name: string; email: string | null; phone: string | null } | null;
  collector: string | null;
  salesRep: string | null;
  entityCode: string;
  payingAccount: string | null;
  kind: ItemKind;
  number: string;
  instalment: string;
  issueDay: Day;
  /** Null: reckon it from terms. */
  dueDay: Day | null;
  terms: string | null;
  currency: Currency;
  cents: Cents;
  openCents: Cents | null;
  /** Amounts had more than two decimals and were rounded half up. */
  rounded: boolean;
  /** What rounding took from the amount: exact − rounded, in thousandths of a cent. */
  lostMillicents: number;
  settledOn: Day | null;
  disputed: boolean;
  orderNumber: string | null;
  deliveryNote: string | null;
  paymentMethod: string | null;
  factored: boolean;
  extra: { [column: string]: string };
}

export interface ControlTotal {
  currency: Currency;
  lines: number;
  items: number;
  /** Sum of the file's amounts. */
  cents: Cents;
  /** Sum of what is open on the file's day. */
  openCents: Cents;
  /** What rounding to cents took away in all, in thousandths of a cent. */
  lostMillicents: number;
}

export type ImportState = 'staging' | 'staged' | 'refused' | 'applying' | 'applied' | 'failed' | 'discarded';

/** One intake of a ledger file. */
export interface ImportRun {
  id: Id;
  version: number;
  kind: 'ledger';
  fileName: string;
  fileDigest: string;
  bytes: number;
  asOf: Day;
  mapping: ImportMapping;
  state: ImportState;
  startedBy: Id;
  createdAt: Instant;
  appliedAt: Instant | null;
  progress: { phase: 'reading' | 'comparing' | 'applying' | 'done'; done: number; total: number };
  /** Header and first rows as the mapping's encoding and delimiter cut them. */
  preview: { header: string[]; rows: string[][] };
  /** Codes of the legal entities that its lines name. */
  entityCodes: string[];
  /** What the file alone did not decide: shown with the choice that was made. */
  ambiguous: ('dateOrder' | 'decimal')[];
  /** How far the roll-forward has come: every staged part up to this one is applied. */
  cursor: { accountNumber: string; part: number } | null;
  report: ImportReport;
}

export interface ImportReport {
  lines: number;
  newItems: number;
  changedItems: number;
  unchangedItems: number;
  clearedItems: number;
  /** Issued after the file's day: known, not counted yet. */
  notYetItems: number;
  missingItems: number;
  newAccounts: number;
  changedAccounts: number;
  refusedLines: number;
  roundedLines: number;
  /** First 1,000 of them. */
  refused: RefusedLine[];
  totals: ControlTotal[];
  /** Lines taken with a doubt; the first 200 of them, with the code of the doubt. */
  warnedLines: number;
  warnings: RefusedLine[];
  /** Collector or sales rep codes that match no member. */
  unknownPeople: string[];
}
