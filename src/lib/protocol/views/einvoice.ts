import type { EinvoiceDifference } from '#lib/domain/einvoice/document.ts';
import type { EinvoiceCandidate } from '#lib/domain/einvoice/candidate.ts';
import type { EinvoiceState, EinvoiceStatus } from '#lib/domain/einvoice/status.ts';
import type { DisputeReason } from '#lib/domain/dispute/dispute.ts';
import type { Department } from '#lib/domain/member/member.ts';
import type { TaskKind } from '#lib/domain/task/task.ts';
import type { Cents, Currency, Day, Id, Instant } from '#lib/domain/values.ts';

/** What became of one document of a message. Ids are null where there is nothing, or nothing that one may see. */
export interface EinvoiceResult {
  id: Id;
  code: string;
  state: EinvoiceState;
  invoiceNumber: string;
  outcome: EinvoiceStatus['outcome'];
  itemId: Id | null;
  accountId: Id | null;
  disputeId: Id | null;
  taskId: Id | null;
}

/** What became of an invoice's file: a new item, or attached to the one that is known. */
export interface InvoiceResult {
  invoiceNumber: string;
  outcome: 'created' | 'attached' | 'known';
  itemId: Id | null;
  accountId: Id | null;
  accountCreated: boolean;
  /** Where the ledger says otherwise; the ledger stays as it is. */
  differences: EinvoiceDifference[];
  /** How many statuses had been waiting for it. */
  statuses: number;
}

/** The answer to a file: of a message, one result a document; of an invoice, one. */
export type EinvoiceFileAnswer =
  { kind: 'status'; messageId: string; results: EinvoiceResult[] } | { kind: 'invoice'; result: InvoiceResult };

/** One line of the received statuses. */
export interface EinvoiceStatusRow extends Omit<EinvoiceStatus, 'access' | 'version' | 'judged'> {
  judged: { by: Id; at: Instant; reason: string | null } | null;
  accountName: string | null;
  accountNumber: string | null;
  disputeNumber: number | null;
}
export interface EinvoiceStatusPage {
  statuses: EinvoiceStatusRow[];
  next: string | null;
  /** How many wait for their invoice, capped at 1,000; null for whoever may not see them. */
  unmatched: number | null;
}

export interface EinvoiceCandidates {
  candidates: EinvoiceCandidate[];
  /** There are more than these. */
  more: boolean;
}

/** What a status would do to an invoice if it were joined to it now. */
export interface EinvoicePreview {
  candidate: EinvoiceCandidate;
  /** `late`: something stated later is known; the state stays. */
  outcome: 'applied' | 'late' | 'information';
  /** Of the invoice afterwards. */
  state: EinvoiceState | null;
  /** Out of collection for good, or until it is deposited again. */
  ended: boolean;
  /** `number`: of a dispute that is there; null for a new one. */
  dispute: {
    effect: 'opened' | 'changed' | 'closure_proposed' | 'joined';
    number: number | null;
    reason: DisputeReason;
    department: Department;
    disputedCents: Cents;
    currency: Currency;
  } | null;
  task: { kind: TaskKind; department: Department | null; dueDay: Day | null } | null;
  /** How many tasks it closes. */
  tasksDone: number;
}

/** A message to try in a demonstration. */
export interface EinvoiceExample {
  /** Of the file. */
  name: string;
  xml: string;
  invoiceNumber: string;
  accountName: string;
}
