import { DISPUTE_STATES, LIVE_STATES } from '#lib/domain/dispute/dispute.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { DisputeFilterInput, DisputeSort, DisputeView } from '#lib/protocol/commands/dispute.ts';
import type { Day } from '#lib/domain/values.ts';
import type { Condition } from '../store/port.ts';
import { scopeOf, type PlainFilter } from './scope.ts';

/** Each sort is one field of the dispute, served by an index. */
export const DISPUTE_SORT_FIELDS: Record<DisputeSort, string> = {
  deadline: 'dueDay',
  amount: '-disputedCents',
  oldest: 'openedOn',
  newest: '-number',
};

/** What a view holds, within the actor's rights. Null: nothing can be in it. */
function viewOf(actor: Actor, view: DisputeView, today: Day): PlainFilter | null {
  const live: PlainFilter = { ...scopeOf(actor), state: { $in: [...LIVE_STATES] } };
  switch (view) {
    case 'live':
      return live;
    case 'mine':
      return { ...live, memberId: { $in: actor.owners } };
    case 'department':
      return actor.departments.length === 0 ? null : { ...live, department: { $in: actor.departments } };
    case 'late':
      return { ...live, dueDay: { $lt: today } };
    case 'awaiting':
      return { ...scopeOf(actor), state: { $in: ['resolved', 'closed'] }, awaitingCents: { $gt: 0 } };
    case 'resolved':
      return { ...scopeOf(actor), state: 'resolved' };
    case 'closed':
      return { ...scopeOf(actor), state: 'closed' };
    case 'everything':
      // Every state, named: one index serves all views.
      return { ...scopeOf(actor), state: { $in: [...DISPUTE_STATES] } };
  }
}

/** A view narrowed by the filters that stand in the address (the search apart). Null: nothing can be in it. */
export function disputeFilter(actor: Actor, input: DisputeFilterInput, today: Day): PlainFilter | null {
  const filter = viewOf(actor, input.view, today);
  if (filter === null) return null;
  if (input.state !== undefined && !narrow(filter, 'state', input.state)) return null;
  if (input.department !== undefined && !narrow(filter, 'department', input.department)) return null;
  if (input.member !== undefined && !narrow(filter, 'memberId', input.member)) return null;
  if (input.reason !== undefined) filter.reason = input.reason;
  if (input.rootCause !== undefined) filter.rootCause = input.rootCause;
  if (input.accountId !== undefined) filter.accountId = input.accountId;
  if (input.currency !== undefined) filter.currency = input.currency;
  const opened = between(input.openedFrom, input.openedUntil);
  if (opened !== null) filter.openedOn = opened;
  const { fromCents, belowCents } = input;
  if (fromCents !== undefined || belowCents !== undefined)
    filter.disputedCents = {
      ...(fromCents !== undefined && { $gte: fromCents }),
      ...(belowCents !== undefined && { $lt: belowCents }),
    };
  return filter;
}

/** Days from one to another, both included; null when neither is given. */
export function between(from: Day | undefined, until: Day | undefined): Condition | null {
  if (from === undefined && until === undefined) return null;
  return { ...(from !== undefined && { $gte: from }), ...(until !== undefined && { $lte: until }) };
}

/** Pins a field to a value that its present condition allows; answers false when it does not. */
function narrow(filter: PlainFilter, field: string, value: string): boolean {
  const present = filter[field];
  if (typeof present === 'string' && present !== value) return false;
  if (typeof present === 'object' && present !== null && present.$in?.includes(value) === false) return false;
  filter[field] = value;
  return true;
}
