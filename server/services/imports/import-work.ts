import type { Id } from '#lib/domain/values.ts';
import { workspaceStream } from '#lib/protocol/streams.ts';
import type { App } from '../../app.ts';
import { importRuns, jobLeases } from '../../store/kinds/workspace.ts';
import { inBackground } from '../background.ts';
import { eventOf } from '../account-event.ts';
import { nowIn } from '../command.ts';
import { AppError } from '#lib/protocol/errors.ts';
import { holdImports, releaseImports, updateRun } from './import-run.ts';
import { rollForward } from './roll-forward.ts';
import { removeStaged } from './staged-lines.ts';

/** Asked between two steps: the process ends. */
export interface Stop {
  readonly aborted: boolean;
}

/** Imports that this process works on, by app and import. */
const atWork = new WeakMap<App, Map<Id, Promise<void>>>();

function workOf(app: App): Map<Id, Promise<void>> {
  const found = atWork.get(app) ?? new Map<Id, Promise<void>>();
  atWork.set(app, found);
  return found;
}

/** Does a piece of an import's work beside everything else; nothing when this import is already worked on. */
export function startWork(app: App, workspaceId: Id, importId: Id, task: (stop: Stop) => Promise<void>): void {
  const work = workOf(app);
  if (work.has(importId)) return;
  const done = inBackground(app, 'import', async (stopping) => {
    const stop: Stop = {
      get aborted() {
        return stopping();
      },
    };
    try {
      await task(stop);
    } catch (error) {
      // Another process took the place while this one was slow: the import is that one's now, and has not failed.
      const lost = error instanceof AppError && error.code === 'import_running';
      if (lost) app.log.warn({ importId }, 'another process goes on with this import');
      else if (!stopping()) await failed(app, workspaceId, importId, error);
    } finally {
      work.delete(importId);
    }
  });
  work.set(importId, done);
}

/** Settles when the work on this import is done; null when there is none in this process. */
export const workOn = (app: App, importId: Id): Promise<void> | null => workOf(app).get(importId) ?? null;

/** Rolls a committed import forward beside everything else. */
export const startRollForward = (app: App, workspaceId: Id, importId: Id): void =>
  startWork(app, workspaceId, importId, (stop) => rollForward(app, workspaceId, importId, stop));

async function failed(app: App, workspaceId: Id, importId: Id, error: unknown): Promise<void> {
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
  while (workOf(app).size > 0) await Promise.all(workOf(app).values());
}

/**
 * Goes on with what a crash or a stop has left in a workspace: committed imports are rolled forward, readings cut short
 * are failed once nobody holds their place, and their lines taken away. Run at start and now and then.
 */
export async function resumeImports(app: App, workspaceId: Id): Promise<void> {
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
    } else if (held !== run.id) {
      await updateRun(store, run.id, (found) => (found.state === 'staging' ? { ...found, state: 'failed' } : null));
      await releaseImports(store, run.id);
      await removeStaged(store, run.id);
    }
  }
}
