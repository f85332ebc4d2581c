import type { Dispute } from '#lib/domain/dispute/dispute.ts';
import type { DisputeOutcome } from '#lib/domain/dispute/settle-disputes.ts';
import type { AccountEventName } from '#lib/protocol/events.ts';
import type { NewEvent, Value } from '../../store/port.ts';
import { accountEvent, type Changed } from '../account-event.ts';
import type { Now } from '../command.ts';

type Part = { [key: string]: Value };

/**
 * An event of the account's internal stream about one dispute, which stands whole in `data.records.disputes` (its typed
 * words in `personal`), among whatever else the same act changed.
 *
 * @param dispute as stored
 */
export function disputeEvent(
  now: Now,
  actor: { memberId: string },
  name: AccountEventName,
  dispute: Dispute,
  changed: Changed = {},
  extra: { data?: Part; personal?: { [key: string]: Value | null } } = {},
): NewEvent {
  const others = (changed.disputes ?? []).filter((one) => one.id !== dispute.id);
  return accountEvent(
    now,
    actor,
    name,
    { ...changed, disputes: [...others, dispute] },
    { ...extra, data: { disputeId: dispute.id, number: dispute.number, state: dispute.state, ...extra.data } },
  );
}

/** What is said of each thing that settling did to disputes. */
const NAMES: { [kind in DisputeOutcome['kind']]: AccountEventName } = {
  changed: 'dispute.changed',
  resolved: 'dispute.resolved',
  credit_note_received: 'dispute.credit_note_received',
  closure_proposed: 'dispute.closure_proposed',
};

/**
 * The events of what settling an account did to its disputes, beside the act that was asked for: resolved by money or a
 * credit note, an awaited credit note received, an amount lowered, a closure proposed.
 *
 * @param stored the disputes as stored; outcomes of others are passed over
 */
export function disputeEvents(
  now: Now,
  actor: { memberId: string },
  outcomes: readonly DisputeOutcome[],
  stored: readonly Dispute[],
): NewEvent[] {
  return outcomes.flatMap((outcome) => {
    const dispute = stored.find((one) => one.id === outcome.disputeId);
    if (dispute === undefined) return [];
    const data: Part = outcome.kind === 'credit_note_received' ? { cents: outcome.cents } : {};
    return [disputeEvent(now, actor, NAMES[outcome.kind], dispute, {}, { data: { ...data, cause: 'ledger' } })];
  });
}
