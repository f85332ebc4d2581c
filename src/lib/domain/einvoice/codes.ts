import type { DisputeReason } from '../dispute/dispute.ts';
import type { Department } from '../member/member.ts';
import type { TaskKind } from '../task/task.ts';
import type { EinvoiceState } from './status.ts';

const STATES: { [code: string]: EinvoiceState } = {
  '200': 'sent',
  '201': 'sent',
  '202': 'received',
  '203': 'received',
  '204': 'acknowledged',
  '205': 'approved',
  '206': 'dispute',
  '207': 'dispute',
  '208': 'waiting_information',
  '209': 'received',
  '210': 'refused',
  '211': 'payment_announced',
  '212': 'paid',
  '213': 'rejected',
};

/** What a status code of the life cycle says of the invoice (rule EIN-1); an unknown one is kept as information. */
export function stateOfCode(code: string): EinvoiceState {
  return STATES[code] ?? 'information';
}

/** Whether the status contests the invoice or a part of it (rule EIN-3). */
export function isContest(code: string): boolean {
  return code === '206' || code === '207' || code === '210';
}

interface ReasonTarget {
  reason: DisputeReason;
  department: Department;
  /** The department comes from the code itself: the reason is too wide to have one. */
  fixed?: true;
}

const target = (codes: string, reason: DisputeReason, department: Department): [string, ReasonTarget][] =>
  codes.split(' ').map((code) => [code, { reason, department }]);

const REASONS = new Map<string, ReasonTarget>([
  ...target('PU_ERR', 'price', 'sales'),
  ...target('REM_ERR', 'discount', 'sales'),
  ...target('QTE_ERR ART_ERR', 'quantity', 'logistics'),
  ...target('LIVR_INCOMP', 'missing_delivery', 'logistics'),
  ...target('QUALITE_ERR NON_CONFORME', 'quality', 'quality'),
  ...target('CMD_ERR REF_CT_ABSENT REF_ERR', 'order_reference', 'adv'),
  ...target('DOUBLON DOUBLE_FACT', 'duplicate', 'adv'),
  ...target('DEST_ERR ADR_ERR SIRET_ERR CODE_ROUTAGE_ERR', 'wrong_addressee', 'adv'),
  ...target('TX_TVA_ERR', 'vat', 'accounting'),
  ...target('MONTANTTOTAL_ERR CALCUL_ERR', 'total', 'accounting'),
  ...target('COORD_BANC_ERR', 'bank_details', 'accounting'),
  ...target('CONTRAT_TERM', 'contract_ended', 'sales'),
  ...target('TRANSAC_INC EMMET_INC', 'unknown_transaction', 'sales'),
  ...target('AUTRE', 'other', 'credit'),
  ['JUSTIF_ABS', { reason: 'other', department: 'adv', fixed: true }],
  ['NON_TRANSMISE', { reason: 'other', department: 'adv', fixed: true }],
  ['MODPAI_ERR', { reason: 'other', department: 'accounting', fixed: true }],
]);

/** Codes with which a platform rejects the file itself: semantics, uniqueness, coherence, address, attachments. */
const REJECTION = /^REJ_/;

/**
 * The dispute's reason and the department that settles it, from a reason code of the message (rule EIN-4, domain notes
 * on disputes). An unknown code is `other`, for the credit team to qualify.
 *
 * @param departments the workspace's own owners by reason
 */
export function reasonOfCode(
  code: string | null,
  departments: { [reason: string]: Department } = {},
): { reason: DisputeReason; department: Department } {
  const known: ReasonTarget =
    REASONS.get(code ?? '') ??
    (REJECTION.test(code ?? '')
      ? { reason: 'other', department: 'adv', fixed: true }
      : { reason: 'other', department: 'credit' });
  const department = known.fixed === true ? known.department : (departments[known.reason] ?? known.department);
  return { reason: known.reason, department };
}

/** What the buyer asks for first. */
export const FIRST_TASKS = [
  'none',
  'send_information',
  'issue_corrective_invoice',
  'full_credit_note',
  'partial_credit_note',
  'credit_note',
  'read_and_decide',
] as const;
export type FirstTask = (typeof FIRST_TASKS)[number];

const ACTIONS: { [code: string]: FirstTask } = {
  NOA: 'none',
  PIN: 'send_information',
  NIN: 'issue_corrective_invoice',
  CNF: 'full_credit_note',
  CNP: 'partial_credit_note',
  CNA: 'credit_note',
  OTH: 'read_and_decide',
};

/** The first task from the requested action (rule EIN-5); without one, or with an unknown one, somebody must read it. */
export function firstTaskOf(action: string | null): FirstTask {
  return ACTIONS[action ?? ''] ?? 'read_and_decide';
}

/**
 * The task that is made of it: its kind, and who is asked. Credit notes and corrected invoices are made by
 * accounting where the dispute is theirs, else by ADV; what must be decided is the owner department's.
 *
 * @returns null when the buyer asks for nothing
 */
export function taskOfFirst(first: FirstTask, owner: Department): { kind: TaskKind; department: Department } | null {
  const maker: Department = owner === 'accounting' ? 'accounting' : 'adv';
  switch (first) {
    case 'none':
      return null;
    case 'send_information':
      return { kind: 'send_document', department: 'adv' };
    case 'issue_corrective_invoice':
      return { kind: 'corrective_invoice', department: maker };
    case 'full_credit_note':
    case 'partial_credit_note':
    case 'credit_note':
      return { kind: 'credit_note', department: maker };
    case 'read_and_decide':
      return { kind: 'answer_dispute', department: owner };
  }
}
