import * as v from 'valibot';
import { BUCKETS } from '#lib/domain/balance/balance.ts';
import { CASE_REASONS } from '#lib/domain/case/case.ts';
import { ITEM_KINDS } from '#lib/domain/item/item.ts';
import { currency, day, id } from './common.ts';
import { after, limit, search } from './pages.ts';

export const VIEWS = ['today', 'mine', 'unassigned', 'everything'] as const;
export type View = (typeof VIEWS)[number];
export const SORTS = ['priority', 'overdue', 'delay', 'next_action'] as const;
export type QueueSort = (typeof SORTS)[number];

/** Filters of the queue, as they stand in the address. */
export const queueFilterInput = v.object({
  view: v.optional(v.picklist(VIEWS), 'today'),
  owner: v.optional(v.union([v.literal('none'), id])),
  salesRep: v.optional(id),
  entity: v.optional(id),
  reason: v.optional(v.picklist(CASE_REASONS)),
  bucket: v.optional(v.picklist(BUCKETS)),
  currency: v.optional(currency),
  claimed: v.optional(v.picklist(['free', 'claimed', 'by_me'])),
  search,
});
export const queuePageInput = v.object({
  ...queueFilterInput.entries,
  sort: v.optional(v.picklist(SORTS), 'priority'),
  limit: limit(200, 50),
  after,
});
export const queueCountsInput = queueFilterInput;
export const findInput = v.object({ search, limit: limit(20, 6) });
export const accountListInput = v.object({ search, limit: limit(100, 30), after });
export const accountItemsInput = v.object({
  id,
  state: v.optional(v.picklist(['open', 'overdue', 'disputed', 'credit', 'settled', 'all']), 'open'),
  kind: v.optional(v.picklist(ITEM_KINDS)),
  currency: v.optional(currency),
  limit: limit(500, 100),
  after,
});
export const timelineInput = v.object({
  id,
  before: after,
  names: v.optional(v.pipe(v.string(), v.maxLength(1_000))),
  /** Only what was done on this dispute of the account. */
  disputeId: v.optional(id),
  limit: limit(200, 50),
});
export const taskListInput = v.object({
  whose: v.optional(v.picklist(['mine', 'account', 'created']), 'mine'),
  accountId: v.optional(id),
  state: v.optional(v.picklist(['open', 'closed']), 'open'),
  limit: limit(200, 50),
});
export const agedBalanceInput = v.object({
  asOf: v.optional(v.nullable(day), null),
  by: v.optional(v.picklist(['owner', 'entity', 'salesRep', 'account', 'total']), 'owner'),
  currency: v.optional(currency),
});

export type QueueFilterInput = v.InferOutput<typeof queueFilterInput>;
export type QueuePageInput = v.InferOutput<typeof queuePageInput>;
export type FindInput = v.InferOutput<typeof findInput>;
export type AccountItemsInput = v.InferOutput<typeof accountItemsInput>;
export type TaskListInput = v.InferOutput<typeof taskListInput>;
export type AgedBalanceInput = v.InferOutput<typeof agedBalanceInput>;
