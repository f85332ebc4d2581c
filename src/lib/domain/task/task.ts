import type { Department } from '../member/member.ts';
import type { Cents, Currency, Day, Id, Instant } from '../values.ts';

export const TASK_KINDS = [
  'question',
  'send_document',
  'check_delivery',
  'check_price',
  'credit_note',
  'call',
  'approve',
  'answer_dispute',
  'corrective_invoice',
  'other',
] as const;
/** What may be asked for by itself: a dispute's claim is put to a department by giving the dispute to it (rule TSK-8). */
export const ASKABLE_KINDS = TASK_KINDS.filter((kind) => kind !== 'answer_dispute');
export type AskableKind = (typeof ASKABLE_KINDS)[number];
export type TaskKind = (typeof TASK_KINDS)[number];

/** Something to be done on an account, by a member or by a department, before a day. */
export interface Task {
  id: Id;
  version: number;
  accountId: Id;
  kind: TaskKind;
  /** Free text for the person who does it. Personal part of its events. */
  text: string;
  dueDay: Day;
  /** One of the two is set. */
  memberId: Id | null;
  department: Department | null;
  state: 'open' | 'done' | 'declined' | 'returned';
  /** The dispute that it settles a part of. */
  disputeId: Id | null;
  /** Member of the department who said "I do it". */
  acceptedBy: Id | null;
  /** Day on which the manager was told that it is late. */
  escalatedOn: Day | null;
  /** Reason of a refusal, or the answer given when done. */
  answer: string | null;
  createdBy: Id;
  createdAt: Instant;
  closedBy: Id | null;
  closedAt: Instant | null;
  /** Amount that waits for it, if it was asked about certain items. */
  itemIds: Id[];
  blockedCents: Cents;
  currency: Currency;
  /** Rights tokens of the account, plus member:<id> or dept:<department>. */
  access: string[];
}
