import type { Id } from '#lib/domain/values.ts';
import { workspaceStream } from '#lib/protocol/streams.ts';
import type { App } from '../../app.ts';
import { importRuns, jobLeases } from '../../store/kinds/workspace.ts';
import { workspaces } from '../../store/kinds/installation.ts';
import { eventOf } from '../account-event.ts';
import { nowIn } from '../command.ts';
import { AppError } from '#lib/protocol/errors.ts';
import { holdImports, releaseImports, updateRun } from './import-run.ts';
import { rollForward } from './roll-forward.ts';
import { removeStaged } from './staged-lines.ts';

interface Work {
  stop: AbortController;
  done: Promise<void>;
}

/** Imports that this process rolls forward, by app and import. */
const atWork = new WeakMap<App, Map<Id, Work>>();

function workOf(app: App): Map<Id, Work> {
  const found = atWork.get(app) ?? new Map<Id, Work>();
  atWork.set(app, found);
  return found;
}

/** Does a piece of an import's work beside everything else; nothing when this import is already worked on. */
export function startWork(app: App, workspaceId: Id, importId: Id, task: (signal: AbortSignal) => Promise<void>): void {
  const work = workOf(app);
  if (work.has(importId)) return;
  const stop = new AbortController();
  const done = task(stop.signal)
    .catch((error: unknown) => failed(app, workspaceId, importId, error, stop.signal.aborted))
    .finally(() => work.delete(importId));
  work.set(importId, { stop, done });
}

/** Settles when the work on this import is done; null when there is none in this process. */
export const workOn = (app: App, importId: Id): Promise<void> | null => workOf(app).get(importId)?.done ?? null;

/** Rolls a committed import forward beside everything else. */
export const startRollForward = (app: App, workspaceId: Id, importId: Id): void =>
  startWork(app, workspaceId, importId, (signal) => rollForward(app, workspaceId, importId, signal));

async function failed(app: App, workspaceId: Id, importId: Id, error: unknown, stopping: boolean): Promise<void> {
  if (stopping) return;
  app.log.error({ err: error, importId }, 'import failed');
  try {
    const store = app.store.workspace(workspaceId);
    const now = await nowIn(app, workspaceId);
    await updateRun(store, importId, async (run, tx) => {
      if (run.state !== 'applying' && run.state !== 'staging') return null;
      await tx.append(workspaceStream(workspaceId), [
        eventOf(now, { memberId: run.startedBy }, 'import.failed', { importId }),
      ]);
      return { ...run, state: 'failed' };
    });
    await releaseImports(store, importId);
  } catch (again) {
    app.log.error({ err: again, importId }, 'import failed, and that could not be stored');
  }
}

/** Waits until no import is at work in this process. */
export async function importsIdle(app: App): Promise<void> {
  for (;;) {
    const all = [...workOf(app).values()];
    if (all.length === 0) return;
    await Promise.all(all.map(({ done }) => done));
  }
}

/** Stops after the transactions in hand; what is left goes on at the next start. For the end of the process. */
export async function stopImports(app: App): Promise<void> {
  for (const { stop } of workOf(app).values()) stop.abort();
  await importsIdle(app);
}

/**
 * Goes on with what a crash or a stop has left: committed imports are rolled forward, readings cut short are failed,
 * lines that nobody will apply are taken away. Run at start, and now and then where several nodes share the store.
 */
export async function resumeImports(app: App): Promise<void> {
  for await (const workspace of app.store.installation.docs(workspaces).each({}))
    await resumeIn(app, workspace.id).catch((error: unknown) => {
      app.log.error({ err: error, workspaceId: workspace.id }, 'imports could not be resumed');
    });
}

async function resumeIn(app: App, workspaceId: Id): Promise<void> {
  const store = app.store.workspace(workspaceId);
  const page = await store.docs(importRuns).find({ state: { $in: ['staging', 'applying'] } }, { limit: 100 });
  const lease = await store.docs(jobLeases).get('import');
  const held = lease !== null && lease.until > app.clock.now() ? lease.last : null;
  for (const run of page.docs) {
    if (workOf(app).has(run.id)) continue;
    if (run.state === 'applying') {
      try {
        await updateRun(store, run.id, async (_run, tx) => {
          await holdImports(tx, app, run.id);
          return null;
        });
        startRollForward(app, workspaceId, run.id);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
      }
    } else if (app.store.engine === 'embedded' || held !== run.id) {
      await updateRun(store, run.id, (found) => (found.state === 'staging' ? { ...found, state: 'failed' } : null));
      await releaseImports(store, run.id);
      await removeStaged(store, run.id);
    }
  }
}
