import type { Id } from '../values.ts';

/** A person at the customer's. Personal data: travels in the personal part of events only. */
export interface Contact {
  id: Id;
  version: number;
  accountId: Id;
  name: string;
  /** What the person does there: "accounts payable". */
  role: string | null;
  email: string | null;
  phone: string | null;
  /** Told by the ledger, or written by a member. */
  source: 'ledger' | 'member';
  /** A contact found wrong is kept and shown as such. */
  state: 'valid' | 'wrong' | 'removed';
}
