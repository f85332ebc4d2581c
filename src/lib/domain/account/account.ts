import type { Day, Id, Instant } from '../values.ts';

/** Payment terms of an account or an item, as days and months after the issue day (domain rules TRM-*). */
export type Terms =
  | { kind: 'net'; days: number }
  | { kind: 'days_then_eom'; days: number }
  | { kind: 'eom_then_days'; days: number }
  | { kind: 'days_then_eom_then_day'; days: number; day: number }
  | { kind: 'months'; months: number };

/** A customer's account in the ledger of one creditor: identity, terms and whose portfolio it is. */
export interface Account {
  id: Id;
  version: number;
  /** Key in the ledger; unique in the workspace, compared exactly after trimming. Never the name. */
  number: string;
  name: string;
  /** Folded words of name and number, for search. */
  words: string[];
  siren: string | null;
  siret: string | null;
  vatNumber: string | null;
  address: string | null;
  /** ISO 3166 alpha-2 when the ledger gave it. */
  country: string | null;
  terms: Terms | null;
  paymentMethod: string | null;
  /** The account that pays for this one. */
  payingAccountNumber: string | null;
  /** Member whose portfolio holds the account. */
  ownerId: Id | null;
  /** Member of the sales department who knows the customer. */
  salesRepId: Id | null;
  /** Legal entities that have items on it. */
  entityIds: Id[];
  /** Rights tokens: owner:<id|none>, rep:<id>, dept:<department>, member:<id>. */
  access: string[];
  /** What the ledger said last of fields that users may edit: only a difference from it changes the account. */
  ledger: { [field: string]: string | null };
  createdAt: Instant;
  /** Day of the last accepted ledger that mentioned the account. */
  seenOn: Day | null;
}
