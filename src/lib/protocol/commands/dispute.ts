import * as v from 'valibot';
import { DISPUTE_REASONS, DISPUTE_STATES, RESOLUTION_PARTS, ROOT_CAUSES } from '#lib/domain/dispute/dispute.ts';
import { DEPARTMENTS } from '#lib/domain/member/member.ts';
import { cents, currency, day, id, optionalText, positiveCents, text } from './common.ts';
import { after, limit, search } from './pages.ts';

/** Part of an item, in cents of its currency; null: all that is open and not disputed yet. */
const disputedItem = v.object({ itemId: id, cents: v.optional(v.nullable(positiveCents), null) });
const items = v.pipe(v.array(disputedItem), v.minLength(1, 'empty'), v.maxLength(200, 'too_long'));

/** Items of one account and one currency. `department`: other than the reason's usual owner. */
export const openDisputeInput = v.object({
  accountId: id,
  items,
  reason: v.picklist(DISPUTE_REASONS),
  detail: optionalText(2_000),
  department: v.optional(v.nullable(v.picklist(DEPARTMENTS)), null),
  memberId: v.optional(v.nullable(id), null),
});
/** Corrects amounts, items or detail of a live dispute. */
export const changeDisputeInput = v.object({
  id,
  items: v.optional(items),
  /** Left out: as it is; null or empty: none. */
  detail: v.optional(v.unwrap(optionalText(2_000))),
});
export const qualifyDisputeInput = v.object({
  id,
  reason: v.picklist(DISPUTE_REASONS),
  department: v.optional(v.nullable(v.picklist(DEPARTMENTS)), null),
  memberId: v.optional(v.nullable(id), null),
});
/** Also a reassignment, from any live state but open. `ask`: make a task for the department or person, with these words. */
export const assignDisputeInput = v.object({
  id,
  department: v.picklist(DEPARTMENTS),
  memberId: v.optional(v.nullable(id), null),
  ask: optionalText(2_000),
});
export const waitDisputeInput = v.object({ id, until: day, reason: optionalText(500) });
export const resumeDisputeInput = v.object({ id });
/** The owner department accepts the claim or refuses it, with the cause. Closes its open `answer_dispute` task. */
export const answerDisputeInput = v.object({
  id,
  decision: v.picklist(['accepted', 'refused']),
  rootCause: v.picklist(ROOT_CAUSES),
  text: optionalText(2_000),
});
const part = v.optional(v.pipe(cents, v.minValue(0, 'cents')), 0);
const parts = v.object(
  Object.fromEntries(RESOLUTION_PARTS.map((name) => [name, part])) as Record<
    (typeof RESOLUTION_PARTS)[number],
    typeof part
  >,
);
/**
 * How the disputed amount ends; the parts add up to it. A rejected part needs `answer`, posted to the customer, unless one
 * was posted since the dispute was (re)opened. Above the workspace's limits it is kept for a second person.
 */
export const resolveDisputeInput = v.object({
  id,
  parts,
  rootCause: v.optional(v.nullable(v.picklist(ROOT_CAUSES)), null),
  answer: optionalText(4_000),
});
export const approveDisputeInput = v.object({ id, agree: v.boolean(), reason: optionalText(500) });
/** From resolved; from open only as opened by mistake, with a reason. */
export const closeDisputeInput = v.object({ id, reason: optionalText(500) });
export const reopenDisputeInput = v.object({ id, reason: text(500) });
/** A proposal confirmed becomes a dispute; dismissed, it does not come again for that item. */
export const confirmProposalInput = v.object({ id, reason: v.optional(v.picklist(DISPUTE_REASONS), 'short_payment') });
export const dismissProposalInput = v.object({ id, reason: optionalText(500) });

const limitCents = v.pipe(cents, v.minValue(0, 'cents'), v.maxValue(100_000_000_00, 'cents'));
const workingDays = v.pipe(v.number(), v.integer('days'), v.minValue(1, 'days'), v.maxValue(120, 'days'));
/** Departments by reason: those left out keep theirs. Limits in cents of the workspace's currency; days are working days. */
export const changeDisputeSettingsInput = v.object({
  departments: v.optional(
    v.object(
      Object.fromEntries(DISPUTE_REASONS.map((reason) => [reason, v.optional(v.picklist(DEPARTMENTS))])) as Record<
        (typeof DISPUTE_REASONS)[number],
        v.OptionalSchema<v.PicklistSchema<typeof DEPARTMENTS, undefined>, undefined>
      >,
    ),
    {},
  ),
  creditNoteLimitCents: limitCents,
  writeOffLimitCents: limitCents,
  qualifyDays: workingDays,
  answerDays: workingDays,
  resolveDays: workingDays,
});

export const DISPUTE_VIEWS = [
  'live',
  'mine',
  'department',
  'late',
  'awaiting',
  'resolved',
  'closed',
  'everything',
] as const;
export type DisputeView = (typeof DISPUTE_VIEWS)[number];
export const DISPUTE_SORTS = ['deadline', 'amount', 'oldest', 'newest'] as const;
export type DisputeSort = (typeof DISPUTE_SORTS)[number];

/** Whole cents, as a number or as the address has them. */
const typedCents = v.pipe(
  v.union([v.number(), v.pipe(v.string(), v.regex(/^\d{1,15}$/, 'cents'), v.transform(Number))]),
  v.safeInteger('cents'),
  v.minValue(0, 'cents'),
);
/** Filters of the disputes, as they stand in the address. */
export const disputeFilterInput = v.object({
  view: v.optional(v.picklist(DISPUTE_VIEWS), 'live'),
  state: v.optional(v.picklist(DISPUTE_STATES)),
  reason: v.optional(v.picklist(DISPUTE_REASONS)),
  rootCause: v.optional(v.picklist(ROOT_CAUSES)),
  department: v.optional(v.picklist(DEPARTMENTS)),
  member: v.optional(id),
  accountId: v.optional(id),
  currency: v.optional(currency),
  openedFrom: v.optional(day),
  openedUntil: v.optional(day),
  /** Contested now, in cents of the dispute's currency: from, included, and below. */
  fromCents: v.optional(typedCents),
  belowCents: v.optional(typedCents),
  search,
});
export const disputePageInput = v.object({
  ...disputeFilterInput.entries,
  sort: v.optional(v.picklist(DISPUTE_SORTS), 'deadline'),
  limit: limit(200, 50),
  after,
});
/** `from`: the list that the reader came from, as its address has it after `?`. */
export const readDisputeInput = v.object({
  id,
  from: v.optional(v.nullable(v.pipe(v.string(), v.maxLength(1_000))), null),
});
/** Newest first; without an account, of all that the reader sees. */
export const proposalListInput = v.object({ accountId: v.optional(id), limit: limit(200, 50), after });
export const BOARD_BY = ['state', 'reason', 'department', 'age', 'amount'] as const;
export const disputeBoardInput = v.object({
  ...disputeFilterInput.entries,
  by: v.optional(v.picklist(BOARD_BY), 'state'),
  limit: limit(100, 20),
});
/** Figures of the disputes opened within the days (both included). */
export const disputeInsightInput = v.object({
  from: v.optional(v.nullable(day), null),
  until: v.optional(v.nullable(day), null),
  by: v.optional(v.picklist(['reason', 'rootCause', 'department', 'age', 'amount', 'account']), 'reason'),
  currency: v.optional(currency),
});

export type OpenDisputeInput = v.InferOutput<typeof openDisputeInput>;
export type ChangeDisputeInput = v.InferOutput<typeof changeDisputeInput>;
export type ChangeDisputeSettingsInput = v.InferOutput<typeof changeDisputeSettingsInput>;
export type QualifyDisputeInput = v.InferOutput<typeof qualifyDisputeInput>;
export type AssignDisputeInput = v.InferOutput<typeof assignDisputeInput>;
export type AnswerDisputeInput = v.InferOutput<typeof answerDisputeInput>;
export type ResolveDisputeInput = v.InferOutput<typeof resolveDisputeInput>;
export type DisputeFilterInput = v.InferOutput<typeof disputeFilterInput>;
export type DisputePageInput = v.InferOutput<typeof disputePageInput>;
export type DisputeBoardInput = v.InferOutput<typeof disputeBoardInput>;
export type ReadDisputeInput = v.InferOutput<typeof readDisputeInput>;
export type ProposalListInput = v.InferOutput<typeof proposalListInput>;
export type DisputeInsightInput = v.InferOutput<typeof disputeInsightInput>;
