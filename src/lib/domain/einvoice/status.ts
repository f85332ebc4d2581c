import type { Cents, Currency, Day, Id, Instant } from '../values.ts';

/** What a status of the French e-invoicing life cycle makes of an invoice (golden `einvoice_lifecycle_map`). */
export const EINVOICE_STATES = [
  'sent',
  'received',
  'acknowledged',
  'approved',
  'dispute',
  'waiting_information',
  'refused',
  'payment_announced',
  'paid',
  'rejected',
  'information',
] as const;
export type EinvoiceState = (typeof EINVOICE_STATES)[number];

/** Where an item stands with the buyer's platform. `refused` and `rejected` end its collection. */
export interface ItemEinvoice {
  state: EinvoiceState;
  /** `207`. */
  code: string;
  at: Instant;
  /** Announced by the buyer (211), never settled by it. */
  announcedCents: Cents | null;
  announcedDay: Day | null;
}

/** One life-cycle message as received. `id` is a digest of the message's own id: the same one twice is one. */
export interface EinvoiceStatus {
  id: Id;
  version: number;
  /** The message's own id. */
  messageId: string;
  code: string;
  state: EinvoiceState;
  invoiceNumber: string;
  invoiceDay: Day | null;
  /** UNTDID 1001 of the document that it speaks of; null when the message does not say. */
  documentType: string | null;
  /** Instant that the message gives. */
  statedAt: Instant;
  receivedAt: Instant;
  reasons: string[];
  actions: string[];
  /** Words of the message: personal. */
  detail: string | null;
  cents: Cents | null;
  /** What the buyer approves of a part (206), where only that is said. */
  approvedCents: Cents | null;
  currency: Currency | null;
  /** Of an announced payment (211). */
  announcedDay: Day | null;
  buyerId: string | null;
  buyerName: string | null;
  /** Null while no such invoice is known. */
  itemId: Id | null;
  accountId: Id | null;
  disputeId: Id | null;
  taskId: Id | null;
  /** What came of it. */
  outcome: 'applied' | 'known' | 'late' | 'unmatched' | 'information' | 'set_aside';
  /** Who chose its invoice or set it aside; the reason of the latter is a typed text. Absent where nobody had to. */
  judged?: { by: Id; at: Instant; reason: string | null } | null;
  /** Who sees it while it waits; empty once it has its account: then it is seen by whoever sees that, as it is now. */
  access: string[];
}
