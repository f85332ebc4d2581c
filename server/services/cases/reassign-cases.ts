import type { Actor } from '#lib/domain/member/member.ts';
import type { ReassignCasesInput } from '#lib/protocol/commands/case.ts';
import type { BulkJobView } from '#lib/protocol/views/views.ts';
import type { App } from '../../app.ts';
import { authorize } from '../authorize.ts';
import { colleaguesOf } from '../colleagues.ts';
import type { CommandMeta } from '../command.ts';
import { planBulk, planView, startBulk } from './bulk.ts';
import { ensureOwner } from './reassign-case.ts';

/**
 * Gives many accounts to another owner, or to nobody: a stored job with one transaction and one result per account,
 * resumed after a crash. With `preview` it only answers what would change, and what each owner would gain and lose.
 *
 * @returns the preview; or the job, finished if it is small, running otherwise (`bulk.read` follows it)
 * @throws AppError forbidden; validation_failed at ownerId
 */
export async function reassignCases(
  app: App,
  actor: Actor,
  input: ReassignCasesInput,
  meta: CommandMeta,
): Promise<BulkJobView> {
  authorize(actor, 'case.reassign');
  ensureOwner(await colleaguesOf(app, actor.workspaceId), input.ownerId);
  const pairs = [...new Set(input.ids)].map((accountId) => ({ accountId, toOwnerId: input.ownerId }));
  const plan = await planBulk(app, actor, pairs);
  if (input.preview) return planView('reassign', plan);
  return startBulk(app, actor, meta, { kind: 'reassign', input, plan, reason: input.reason });
}
