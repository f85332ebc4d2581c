import type { DisputeRefusal } from '#lib/domain/dispute/step.ts';
import { AppError, type ErrorDetails } from '#lib/protocol/errors.ts';

/** The field that a rule's refusal is about. */
const FIELDS: { [code in DisputeRefusal['code']]?: string } = {
  empty: 'items',
  item_twice: 'items',
  item_unknown: 'items',
  item_settled: 'items',
  item_credit: 'items',
  currencies: 'items',
  above_open: 'items',
  reason_required: 'reason',
  day_unreadable: 'until',
  day_in_past: 'until',
  parts: 'parts',
  answer_required: 'answer',
};

/**
 * Turns a rule's refusal into the caller's.
 *
 * @throws AppError validation_failed at the field (with `itemId` where one item is the cause); dispute_state;
 *   already_disputed; forbidden for somebody who may not approve; rule_refused with the rule
 */
export function refuseDispute(refusal: DisputeRefusal): never {
  const beside: ErrorDetails = refusal.itemId === undefined ? {} : { itemId: refusal.itemId };
  const path = FIELDS[refusal.code];
  if (path !== undefined)
    throw new AppError('validation_failed', { issues: [{ path, reason: refusal.code }], ...beside });
  switch (refusal.code) {
    case 'already_disputed':
      throw new AppError('already_disputed', beside);
    case 'no_approval':
      throw new AppError('dispute_state', { rule: 'DIS-6' });
    case 'same_person':
      throw new AppError('rule_refused', { rule: 'DIS-6' });
    case 'approver_role':
      throw new AppError('forbidden', { action: 'dispute.approve' });
    case 'awaiting_credit_note':
      throw new AppError('rule_refused', { rule: 'DIS-9' });
    case 'nothing_open':
      throw new AppError('rule_refused', { rule: 'DIS-7' });
    default:
      throw new AppError('dispute_state', { rule: 'DIS-1' });
  }
}
