import type { Item } from '../item/item.ts';
import type { Day, Id, Instant } from '../values.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { isLate } from './deadlines.ts';
import type { Dispute, DisputedItem } from './dispute.ts';
import { sumOf, type ItemRefusal } from './disputed-items.ts';

/** Who acts, when, and under which settings. */
export interface DisputeAct {
  by: Id;
  today: Day;
  at: Instant;
  workspace: Pick<Workspace, 'currency' | 'referenceRates' | 'settings'>;
}

/** Why a step is refused: stable codes. `itemId` where one item is the cause. */
export type DisputeRefusal =
  | ItemRefusal
  | {
      ok: false;
      code:
        | 'dispute_state'
        | 'reason_required'
        | 'day_unreadable'
        | 'day_in_past'
        | 'parts'
        | 'answer_required'
        | 'no_approval'
        | 'same_person'
        | 'approver_role'
        | 'awaiting_credit_note'
        | 'nothing_open';
      itemId?: Id;
    };
export type DisputeResult = { ok: true; dispute: Dispute } | DisputeRefusal;

/** What stands around a dispute: the account's items, and its disputes that are not closed. */
export interface DisputeRoom {
  items: readonly Item[];
  disputes: readonly Dispute[];
}

/** A step that is refused, with its stable code. */
export const refuse = (code: DisputeRefusal['code']): DisputeRefusal => ({ ok: false, code }) as DisputeRefusal;
/** A step that is done. */
export const done = (dispute: Dispute): DisputeResult => ({ ok: true, dispute });

/** Amounts follow from the items; a resolution asked for another amount has to be asked again. */
export function withItems(dispute: Dispute, items: DisputedItem[]): Dispute {
  const disputedCents = sumOf(items, 'disputedCents');
  const awaitingCents = sumOf(items, 'awaitingCents');
  const approval = disputedCents === dispute.disputedCents ? dispute.approval : null;
  return { ...dispute, items, disputedCents, awaitingCents, approval };
}

/** A deadline ahead of today makes an earlier alarm void: the manager is told again when that one passes too. */
export function rearm(dispute: Dispute, today: Day): Dispute {
  return dispute.escalatedOn !== null && !isLate(dispute, today) ? { ...dispute, escalatedOn: null } : dispute;
}
