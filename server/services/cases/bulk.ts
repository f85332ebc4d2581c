import type { Account } from '#lib/domain/account/account.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { QueueRow } from '#lib/domain/queue/queue-row.ts';
import type { Id } from '#lib/domain/values.ts';
import { inScope } from '#lib/policies/in-scope.ts';
import { workspaceStream } from '#lib/protocol/streams.ts';
import type { BulkJobView, BulkLine } from '#lib/protocol/views/views.ts';
import { storeOf, type App } from '../../app.ts';
import { newId } from '../../store/id.ts';
import { accounts, bulkJobs, queueRows, type BulkJob } from '../../store/kinds/workspace.ts';
import { eventOf } from '../account-event.ts';
import { inBackground } from '../background.ts';
import { command, type CommandMeta } from '../command.ts';
import { runBulk } from './run-bulk.ts';

/** So many accounts are done before the command answers; more go on in the background. */
const AT_ONCE = 20;
const CHUNK = 1_000;

export interface BulkPlan {
  lines: BulkLine[];
  byOwner: BulkJobView['byOwner'];
}

/** What a change of owners would do, account by account, and what each owner would gain and lose. Stores nothing. */
export async function planBulk(
  app: App,
  actor: Actor,
  pairs: readonly { accountId: Id; toOwnerId: Id | null }[],
): Promise<BulkPlan> {
  const store = storeOf(app, actor);
  const lines: BulkLine[] = [];
  const sums = new Map<string, BulkJobView['byOwner'][number]>();
  for (let at = 0; at < pairs.length; at += CHUNK) {
    const chunk = pairs.slice(at, at + CHUNK);
    const ids = chunk.map((pair) => pair.accountId);
    const known = new Map((await store.docs(accounts).getMany(ids)).map((one) => [one.id, one]));
    const rows = new Map((await store.docs(queueRows).getMany(ids)).map((one) => [one.id, one]));
    for (const { accountId, toOwnerId } of chunk) {
      const account = known.get(accountId);
      const seen = account !== undefined && inScope(actor.rights, account.access) ? account : null;
      const line = lineOf(accountId, toOwnerId, seen, rows.get(accountId) ?? null);
      lines.push(line);
      if (line.result === 'would_change') count(sums, line, rows.get(accountId)?.overdueRank ?? 0);
    }
  }
  return { lines, byOwner: [...sums.values()] };
}

function lineOf(accountId: Id, toOwnerId: Id | null, account: Account | null, row: QueueRow | null): BulkLine {
  if (account === null)
    return {
      accountId,
      number: '',
      name: '',
      fromOwnerId: null,
      toOwnerId,
      claimedBy: null,
      result: 'refused',
      code: 'not_found',
    };
  return {
    accountId,
    number: account.number,
    name: account.name,
    fromOwnerId: account.ownerId,
    toOwnerId,
    claimedBy: row === null || row.claimedBy === 'none' ? null : row.claimedBy,
    result: account.ownerId === toOwnerId ? 'unchanged' : 'would_change',
    code: null,
  };
}

function count(sums: Map<string, BulkJobView['byOwner'][number]>, line: BulkLine, rank: number): void {
  const of = (ownerId: string) => {
    const sum = sums.get(ownerId) ?? { ownerId, gains: 0, loses: 0, gainsRank: 0, losesRank: 0 };
    sums.set(ownerId, sum);
    return sum;
  };
  const from = of(line.fromOwnerId ?? 'none');
  from.loses += 1;
  from.losesRank += rank;
  const to = of(line.toOwnerId ?? 'none');
  to.gains += 1;
  to.gainsRank += rank;
}

/** A plan as its author sees it before anything is stored. */
export function planView(kind: BulkJob['kind'], plan: BulkPlan): BulkJobView {
  return { id: '', kind, state: 'preview', done: 0, total: plan.lines.length, ...plan };
}

/** A stored job as its readers see it. */
export function bulkView(job: BulkJob): BulkJobView {
  return {
    id: job.id,
    kind: job.kind,
    state: job.state,
    done: job.done,
    total: job.lines.length,
    lines: job.lines.map(({ done: _done, ...line }) => line),
    byOwner: job.byOwner,
  };
}

/**
 * Stores a plan as a job and sets it going.
 *
 * @returns the job: finished when it is small, else as it begins
 */
export async function startBulk(
  app: App,
  actor: Actor,
  meta: CommandMeta,
  asked: { kind: BulkJob['kind']; input: unknown; plan: BulkPlan; reason: string | null },
): Promise<BulkJobView> {
  const { kind, input, plan, reason } = asked;
  const name = kind === 'reassign' ? 'cases.reassign' : 'owners.distribute';
  const { id } = await command(app, actor, meta, { name, input }, async (tx, now) => {
    const job: BulkJob = {
      id: newId(now.ms),
      version: 1,
      kind,
      state: 'running',
      startedBy: actor.memberId,
      createdAt: now.at,
      reason,
      lines: plan.lines.map((line) => ({ ...line, done: line.result !== 'would_change' })),
      done: plan.lines.filter((line) => line.result !== 'would_change').length,
      byOwner: plan.byOwner,
    };
    await tx.docs(bulkJobs).insert(job);
    await tx.append(workspaceStream(actor.workspaceId), [
      eventOf(now, actor, 'bulk.started', { jobId: job.id, kind, total: job.lines.length }),
    ]);
    return { id: job.id };
  });
  const running = inBackground(app, 'bulk', (stopping) => runBulk(app, actor.workspaceId, id, stopping));
  if (plan.lines.length <= AT_ONCE) await running;
  const job = await storeOf(app, actor).docs(bulkJobs).get(id);
  if (job === null) throw new Error(`bulk job ${id} is gone`);
  return bulkView(job);
}
