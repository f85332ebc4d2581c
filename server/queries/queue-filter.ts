import { addDays } from '#lib/domain/calendar/calendar.ts';
import { CASE_STATES } from '#lib/domain/case/case.ts';
import type { Bucket } from '#lib/domain/balance/balance.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { QueueFilterInput, QueueSort, View } from '#lib/protocol/commands/queries.ts';
import { FAR_DAY, type Day } from '#lib/domain/values.ts';
import type { Condition } from '../store/port.ts';
import { ownTokens, scopeOf, type PlainFilter } from './scope.ts';

/** Each sort is one field of the queue row, served by an index. */
export const SORT_FIELDS: Record<QueueSort, string> = {
  priority: '-priority',
  overdue: '-overdueRank',
  delay: 'oldestDueDay',
  next_action: 'nextActionOn',
};

/** The due days that fall in a bucket on a day. */
function dueDaysOf(bucket: Bucket, today: Day): Condition {
  switch (bucket) {
    case 'not_due':
      return FAR_DAY;
    case 'd1_30':
      return { $gte: addDays(today, -30), $lt: today };
    case 'd31_60':
      return { $gte: addDays(today, -60), $lt: addDays(today, -30) };
    case 'd61_90':
      return { $gte: addDays(today, -90), $lt: addDays(today, -60) };
    case 'over_90':
      return { $lt: addDays(today, -90) };
  }
}

/** What a view holds, within the actor's rights. Null: nothing can be in it. */
export function viewFilter(actor: Actor, view: View): PlainFilter | null {
  switch (view) {
    case 'today':
      return { ...scopeOf(actor), state: 'open' };
    case 'mine': {
      const own = ownTokens(actor);
      return own.length === 0 ? null : { access: { $in: own }, state: 'open' };
    }
    case 'unassigned':
      return { ...scopeOf(actor), ownerId: 'none', state: 'open' };
    case 'everything':
      // Every state, named: one index serves all views, and a row is written into half as many.
      return { ...scopeOf(actor), state: { $in: [...CASE_STATES] } };
  }
}

/** A view narrowed by the filters that stand in the address (the search apart). */
export function queueFilter(actor: Actor, input: QueueFilterInput, today: Day): PlainFilter | null {
  const filter = viewFilter(actor, input.view);
  if (filter === null) return null;
  if (input.owner !== undefined) {
    if (filter.ownerId !== undefined && filter.ownerId !== input.owner) return null;
    filter.ownerId = input.owner;
  }
  if (input.salesRep !== undefined) filter.salesRepId = input.salesRep;
  if (input.entity !== undefined) filter.entityIds = { $in: [input.entity] };
  if (input.reason !== undefined) filter.reasons = { $in: [input.reason] };
  if (input.bucket !== undefined) filter.oldestDueDay = dueDaysOf(input.bucket, today);
  if (input.currency !== undefined) filter.currency = input.currency;
  if (input.claimed === 'free') filter.claimedBy = 'none';
  if (input.claimed === 'claimed') filter.claimedBy = { $ne: 'none' };
  if (input.claimed === 'by_me') filter.claimedBy = actor.memberId;
  return filter;
}
