import type { Department } from '../member/member.ts';
import type { Cents, Currency, Day, Id, Instant } from '../values.ts';

/** The life of a dispute (rules DIS-1 to DIS-6, golden `dispute_workflow`). */
export const DISPUTE_STATES = ['open', 'qualified', 'assigned', 'waiting_customer', 'resolved', 'closed'] as const;
export type DisputeState = (typeof DISPUTE_STATES)[number];

/** Live: the disputed part is out of collection. */
export const LIVE_STATES = ['open', 'qualified', 'assigned', 'waiting_customer'] as const satisfies DisputeState[];

/** What the customer says is wrong. A missing document is not a dispute. */
export const DISPUTE_REASONS = [
  'price',
  'discount',
  'quantity',
  'missing_delivery',
  'quality',
  'returned_goods',
  'order_reference',
  'duplicate',
  'wrong_addressee',
  'vat',
  'total',
  'bank_details',
  'contract_ended',
  'unknown_transaction',
  'short_payment',
  'refused',
  'other',
] as const;
export type DisputeReason = (typeof DISPUTE_REASONS)[number];

/** What was found to be wrong; told apart from the reason, for the quality department's figures. */
export const ROOT_CAUSES = [
  'price_list',
  'order_entry',
  'preparation',
  'carrier',
  'production',
  'invoicing',
  'contract',
  'master_data',
  'customer_error',
  'none_found',
  'other',
] as const;
export type RootCause = (typeof ROOT_CAUSES)[number];

/** One disputed item of the account. `disputedCents` and `awaitingCents` never exceed what is open, together. */
export interface DisputedItem {
  itemId: Id;
  /** The item's number, as shown. */
  number: string;
  /** Contested when the dispute was opened or last changed. */
  claimedCents: Cents;
  /** Contested now and out of collection; 0 once resolved. */
  disputedCents: Cents;
  /** Credit note or write-off agreed, not in the ledger yet: out of collection (rule DIS-9). */
  awaitingCents: Cents;
}

/** How a disputed amount ends; the parts add up to what was disputed when it was resolved. */
export interface Resolution {
  creditNoteCents: Cents;
  /** Not justified: due again, with a written answer to the customer. */
  rejectedCents: Cents;
  paidCents: Cents;
  /** Goods replaced or completed: due again. */
  replacementCents: Cents;
  writeOffCents: Cents;
  /** The customer gives it up: due again. */
  withdrawnCents: Cents;
  by: Id;
  on: Day;
  /** Second person who agreed, where the amount needs one. */
  approvedBy: Id | null;
}
/** What a resolution is made of. */
export const RESOLUTION_PARTS = [
  'creditNoteCents',
  'rejectedCents',
  'paidCents',
  'replacementCents',
  'writeOffCents',
  'withdrawnCents',
] as const satisfies (keyof Resolution)[];
export type ResolutionPart = (typeof RESOLUTION_PARTS)[number];

export const DISPUTE_SOURCES = ['member', 'ledger', 'einvoice', 'proposal'] as const;
export type DisputeSource = (typeof DISPUTE_SOURCES)[number];

/** What a customer contests: reason, who settles it, until when, how much. Facts only; prose is in its threads. */
export interface Dispute {
  id: Id;
  version: number;
  accountId: Id;
  /** 1, 2, 3… in the workspace; how people call it. */
  number: number;
  state: DisputeState;
  source: DisputeSource;
  reason: DisputeReason;
  /** Found by whoever settles it; null until then. */
  rootCause: RootCause | null;
  /** The department that owns it. */
  department: Department;
  /** The person who settles it, once assigned. */
  memberId: Id | null;
  currency: Currency;
  items: DisputedItem[];
  /** Sum over the items. */
  disputedCents: Cents;
  awaitingCents: Cents;
  /** What the customer says, in a few words. Personal part of its events. */
  detail: string | null;
  openedOn: Day;
  openedBy: Id;
  openedAt: Instant;
  /** Day before which the present step must be done (qualify, answer, resolve); FAR_DAY while the clock is stopped or it is over. */
  dueDay: Day;
  /** Day before which it must be resolved; moves by the working days that the clock stood still. */
  resolveBy: Day;
  /** Day on which the clock was stopped; null while it runs. */
  stoppedOn: Day | null;
  /** The step's deadline as it was when the clock was stopped. */
  stoppedDueDay: Day | null;
  /** When to look again at a customer who was asked something. */
  waitingUntil: Day | null;
  /** What the owner department said of the claim. */
  answer: { decision: 'accepted' | 'refused'; rootCause: RootCause; by: Id; on: Day } | null;
  /** A resolution that waits for a second person. */
  approval: {
    resolution: Omit<Resolution, 'approvedBy' | 'by' | 'on'>;
    askedBy: Id;
    askedOn: Day;
    /** What the customer is to be answered once it is agreed. Personal part of its events. */
    answer: string | null;
  } | null;
  resolution: Resolution | null;
  /** The last state's day. */
  changedOn: Day;
  closedOn: Day | null;
  reopened: number;
  /** When it was last reopened: an answer to the customer counts from then on. */
  reopenedAt: Instant | null;
  /** An e-invoice message that says it may be closed (205 after 207): a person confirms. */
  closureProposed: boolean;
  /** First thing that the buyer's message asks for. */
  requestedAction: string | null;
  /** Day on which the manager was told that it is late. */
  escalatedOn: Day | null;
  /** Account number and name, at the time of the last change: for the list. */
  accountNumber: string;
  accountName: string;
  /** Folded words of the account, the items' numbers and its own number. */
  words: string[];
  /** Rights tokens: the account's, `dept:<owner department>`, `member:<person>`. */
  access: string[];
}

/** Who may ask for what: the limits above which a second person must agree, and how long each step may take. */
export interface DisputeSettings {
  /** Owner department by reason, where it is not the usual one. */
  departments: { [reason: string]: Department };
  creditNoteLimitCents: Cents;
  writeOffLimitCents: Cents;
  qualifyDays: number;
  answerDays: number;
  resolveDays: number;
}
export const DISPUTE_DEFAULTS: DisputeSettings = {
  departments: {},
  creditNoteLimitCents: 500_000,
  writeOffLimitCents: 10_000,
  qualifyDays: 2,
  answerDays: 5,
  resolveDays: 15,
};

/** A dispute that the product supposes from a payment pattern: a person confirms or dismisses it. */
export interface DisputeProposal {
  id: Id;
  version: number;
  accountId: Id;
  itemId: Id;
  itemNumber: string;
  kind: 'short_payment' | 'skipped_invoice';
  currency: Currency;
  cents: Cents;
  proposedOn: Day;
  state: 'waiting' | 'confirmed' | 'dismissed' | 'gone';
  disputeId: Id | null;
  access: string[];
}
