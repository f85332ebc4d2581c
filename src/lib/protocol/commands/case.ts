import * as v from 'valibot';
import { NEXT_ACTIONS } from '#lib/domain/case/case.ts';
import { day, id, optionalText, text } from './common.ts';

export const claimCaseInput = v.object({ id });
export const releaseCaseInput = v.object({ id });
export const handOverCaseInput = v.object({ id, memberId: id });
export const breakClaimInput = v.object({ id, reason: text(500) });
/** `nextAction` and `nextActionOn` may be null only when nothing is left to chase. */
export const finishCaseInput = v.object({
  id,
  nextAction: v.optional(v.nullable(v.picklist(NEXT_ACTIONS)), null),
  nextActionOn: v.optional(v.nullable(day), null),
});
export const postponeCaseInput = v.object({
  id,
  reason: text(500),
  nextActionOn: day,
  nextAction: v.optional(v.nullable(v.picklist(NEXT_ACTIONS)), null),
});
export const reassignCaseInput = v.object({ id, ownerId: v.nullable(id), reason: optionalText(500) });
/** Either ids, or every case that a filter of the queue finds. `preview` answers what would change and stores nothing. */
export const reassignCasesInput = v.object({
  ids: v.pipe(v.array(id), v.minLength(1, 'empty'), v.maxLength(5_000, 'too_long')),
  ownerId: v.nullable(id),
  reason: optionalText(500),
  preview: v.optional(v.boolean(), false),
});
export const takeNextInput = v.object({
  view: v.optional(v.picklist(['today', 'mine', 'unassigned', 'everything']), 'today'),
});

export type FinishCaseInput = v.InferOutput<typeof finishCaseInput>;
export type PostponeCaseInput = v.InferOutput<typeof postponeCaseInput>;
export type ReassignCasesInput = v.InferOutput<typeof reassignCasesInput>;
