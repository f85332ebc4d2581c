import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import { workspaceStream } from '#lib/protocol/streams.ts';
import { AppError } from '#lib/protocol/errors.ts';
import type { App } from '../../app.ts';
import { bulkJobs, type BulkJob } from '../../store/kinds/workspace.ts';
import { accessCase } from '../access-account.ts';
import { eventOf } from '../account-event.ts';
import { colleaguesOf, type Colleagues } from '../colleagues.ts';
import { command, NO_META } from '../command.ts';
import { dropJob, holdJob } from '../job-lease.ts';
import { notify } from '../notices.ts';
import { systemActor } from '../system.ts';
import { ensureOwner, giveTo } from './reassign-case.ts';

type Line = BulkJob['lines'][number];

/**
 * Results are written down every so many accounts, fewer times in a long job, whose record is large: a crash repeats at
 * most so many, without doing them twice.
 */
const saveEvery = (job: BulkJob): number => Math.max(25, Math.ceil(job.lines.length / 40));
const LEASE_MS = 30_000;

/** Jobs at work in this process. */
const running = new Set<Id>();

/**
 * Does what is left of a bulk job: one transaction per account, each under an idempotency key of its own, so that one
 * done before a crash is found done. Ends at once when another process is at it.
 *
 * @param stopping asked between two accounts; the rest is done when the job is taken up again
 */
export async function runBulk(app: App, workspaceId: Id, jobId: Id, stopping: () => boolean): Promise<void> {
  if (running.has(jobId)) return;
  running.add(jobId);
  try {
    const leaseId = `bulk:${jobId}`;
    if ((await holdJob(app, workspaceId, leaseId, LEASE_MS)) === null) return;
    const store = app.store.workspace(workspaceId);
    let job = await store.docs(bulkJobs).get(jobId);
    if (job === null || job.state === 'finished') return;
    const colleagues = await colleaguesOf(app, workspaceId);
    const actor = colleagues.actor(job.startedBy);
    const lines = [...job.lines];
    let unsaved = 0;
    for (const [at, line] of lines.entries()) {
      if (line.done) continue;
      if (stopping()) break;
      lines[at] = { ...(await doLine(app, actor, colleagues, job, line)), done: true };
      unsaved += 1;
      if (unsaved < saveEvery(job)) continue;
      job = await saveLines(app, workspaceId, job, lines);
      unsaved = 0;
      if ((await holdJob(app, workspaceId, leaseId, LEASE_MS)) === null) return;
    }
    job = await saveLines(app, workspaceId, job, lines);
    if (job.lines.every((line) => line.done)) await finish(app, actor ?? systemActor(workspaceId), job);
    if (!stopping()) await dropJob(app, workspaceId, leaseId);
  } finally {
    running.delete(jobId);
  }
}

async function doLine(app: App, actor: Actor | null, colleagues: Colleagues, job: BulkJob, line: Line): Promise<Line> {
  if (actor === null) return { ...line, result: 'refused', code: 'forbidden' };
  const input = { id: line.accountId, ownerId: line.toOwnerId };
  const meta = { ...NO_META, idempotencyKey: `bulk:${job.id}:${line.accountId}` };
  try {
    const result = await command(app, actor, meta, { name: 'case.reassign', input }, async (tx, now) => {
      const found = await accessCase(tx, actor, line.accountId, 'case.reassign');
      ensureOwner(colleagues, line.toOwnerId);
      if (found.account.ownerId === line.toOwnerId) return 'unchanged';
      // Given out by rule means: it had no owner. Somebody who chose one meanwhile is right.
      if (job.kind === 'distribute' && found.account.ownerId !== null)
        throw new AppError('conflict', { rule: 'OWN-5' });
      await giveTo(tx, now, actor, colleagues, found, { ownerId: line.toOwnerId, reason: job.reason });
      return 'changed';
    });
    return { ...line, result: result === 'changed' ? 'changed' : 'unchanged', code: null };
  } catch (error) {
    if (error instanceof AppError) return { ...line, result: 'refused', code: error.code };
    throw error;
  }
}

async function saveLines(app: App, workspaceId: Id, job: BulkJob, lines: Line[]): Promise<BulkJob> {
  const done = lines.filter((line) => line.done).length;
  return app.store
    .workspace(workspaceId)
    .transaction((tx) => tx.docs(bulkJobs).replace({ ...job, lines: [...lines], done }));
}

/** Says the end, to the workspace and to everybody who gained or lost accounts. */
async function finish(app: App, actor: Actor, job: BulkJob): Promise<void> {
  const changed = job.lines.filter((line) => line.result === 'changed');
  const refused = job.lines.filter((line) => line.result === 'refused').length;
  const gains = countBy(changed.map((line) => line.toOwnerId));
  const loses = countBy(changed.map((line) => line.fromOwnerId));
  await command(app, actor, NO_META, { name: 'bulk.finish', input: { id: job.id } }, async (tx, now) => {
    const stored = await tx.docs(bulkJobs).get(job.id);
    if (stored === null || stored.state === 'finished') return;
    await tx.docs(bulkJobs).replace({ ...stored, state: 'finished' });
    await tx.append(workspaceStream(actor.workspaceId), [
      eventOf(now, actor, 'bulk.finished', {
        jobId: job.id,
        kind: job.kind,
        total: job.lines.length,
        changed: changed.length,
        refused,
      }),
    ]);
    for (const memberId of new Set([...gains.keys(), ...loses.keys()]))
      await notify(tx, now, actor, [memberId], {
        kind: 'bulk.finished',
        data: { jobId: job.id, gains: gains.get(memberId) ?? 0, loses: loses.get(memberId) ?? 0 },
        reason: job.reason,
      });
  });
}

function countBy(ids: (Id | null)[]): Map<Id, number> {
  const counts = new Map<Id, number>();
  for (const id of ids) if (id !== null) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}
