import type { LedgerLine } from '#lib/domain/import/import.ts';

/** What a file usually repeats on every line of an account. */
export type SharedPart = Pick<
  LedgerLine,
  | 'accountNumber'
  | 'accountName'
  | 'identity'
  | 'contact'
  | 'collector'
  | 'salesRep'
  | 'entityCode'
  | 'payingAccount'
  | 'terms'
  | 'currency'
  | 'paymentMethod'
>;

/** One line, by position. */
export type PackedRow = [
  line: number,
  kind: LedgerLine['kind'],
  number: string,
  instalment: string,
  issueDay: string,
  dueDay: string | null,
  cents: number,
  openCents: number | null,
  settledOn: string | null,
  flags: number,
  lostMillicents: number,
  orderNumber: string | null,
  deliveryNote: string | null,
  extra: LedgerLine['extra'] | null,
  /** What differs from the shared part; null: nothing. */
  own: Partial<SharedPart> | null,
];

/** Lines of one account as they are staged: a quarter of their size, since they are written, read and taken away again. */
export interface PackedLines {
  shared: SharedPart | null;
  rows: PackedRow[];
}
