import type { Account } from '#lib/domain/account/account.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import { distribute, type Distributable } from '#lib/domain/owner/distribute.ts';
import type { Id } from '#lib/domain/values.ts';
import type { DistributeOwnersInput } from '#lib/protocol/commands/import.ts';
import type { BulkJobView } from '#lib/protocol/views/views.ts';
import { storeOf, type App } from '../../app.ts';
import { accounts, queueRows } from '../../store/kinds/workspace.ts';
import type { WorkspaceStore } from '../../store/port.ts';
import { authorize } from '../authorize.ts';
import { planBulk, planView, startBulk } from '../cases/bulk.ts';
import { colleaguesOf, refuseField } from '../colleagues.ts';
import type { CommandMeta } from '../command.ts';

/** In one go; the rest is given out by asking again. A stored job holds one line per account. */
const MAX_ACCOUNTS = 5_000;

/**
 * Gives the accounts without an owner out by rule, as a stored bulk job. With `preview` (the default) it only answers
 * who would get what.
 *
 * @returns the preview; or the job, finished if it is small, running otherwise
 * @throws AppError forbidden; validation_failed when a member named is no active colleague
 */
export async function distributeOwners(
  app: App,
  actor: Actor,
  input: DistributeOwnersInput,
  meta: CommandMeta,
): Promise<BulkJobView> {
  authorize(actor, 'owner.distribute');
  await ensureColleagues(app, actor, input.rule);
  const { assignments } = distribute(await ownerless(storeOf(app, actor)), input.rule);
  const pairs = assignments.map(({ accountId, ownerId }) => ({ accountId, toOwnerId: ownerId }));
  const plan = await planBulk(app, actor, pairs);
  if (input.preview) return planView('distribute', plan);
  return startBulk(app, actor, meta, { kind: 'distribute', input, plan, reason: null });
}

function membersOf(rule: DistributeOwnersInput['rule']): Id[] {
  if (rule.by === 'evenly' || rule.by === 'size') return rule.memberIds;
  return rule.by === 'letters' ? rule.ranges.map((one) => one.memberId) : rule.entities.map((one) => one.memberId);
}

async function ensureColleagues(app: App, actor: Actor, rule: DistributeOwnersInput['rule']): Promise<void> {
  const colleagues = await colleaguesOf(app, actor.workspaceId);
  for (const id of membersOf(rule)) if (colleagues.member(id) === null) refuseField('rule', 'member');
}

async function ownerless(store: WorkspaceStore): Promise<Distributable[]> {
  const found: Account[] = [];
  for await (const account of store.docs(accounts).each({ access: { $in: ['owner:none'] } })) {
    found.push(account);
    if (found.length >= MAX_ACCOUNTS) break;
  }
  const sizes = new Map<Id, number>();
  for (let at = 0; at < found.length; at += 1_000) {
    const ids = found.slice(at, at + 1_000).map((account) => account.id);
    for (const row of await store.docs(queueRows).getMany(ids)) sizes.set(row.id, row.overdueRank);
  }
  return found.map((account) => ({
    id: account.id,
    number: account.number,
    name: account.name,
    entityIds: account.entityIds,
    size: sizes.get(account.id) ?? 0,
  }));
}
