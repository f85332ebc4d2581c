import type { Id } from '#lib/domain/values.ts';
import type { App } from '../app.ts';
import { newId } from '../store/id.ts';
import { jobLeases } from '../store/kinds/workspace.ts';
import { DuplicateKey, VersionConflict } from '../store/port.ts';

const PROCESS = newId();

/** The embedded store has one process: what an earlier one held is free again. */
const holderIn = (app: App): string => (app.store.engine === 'embedded' ? 'embedded' : PROCESS);

/**
 * Takes or keeps the right to run a piece of scheduled work in a workspace, for `ttlMs`.
 *
 * @param last what the work has done so far (a day, an instant); left as it is when undefined
 * @returns what was done last ('' if nothing), or null when another process holds it
 */
export async function holdJob(app: App, workspaceId: Id, id: Id, ttlMs: number, last?: string): Promise<string | null> {
  const holder = holderIn(app);
  try {
    return await app.store.workspace(workspaceId).transaction(async (tx) => {
      const docs = tx.docs(jobLeases);
      const found = await docs.get(id);
      const until = new Date(app.clock.ms() + ttlMs).toISOString();
      if (found === null) {
        await docs.insert({ id, version: 1, holder, until, last: last ?? '' });
        return '';
      }
      if (found.holder !== holder && found.until > app.clock.now()) return null;
      await docs.replace({ ...found, holder, until, last: last ?? found.last });
      return found.last;
    });
  } catch (error) {
    if (error instanceof VersionConflict || error instanceof DuplicateKey) return null;
    throw error;
  }
}

/** Forgets a lease whose work will not come again. */
export async function dropJob(app: App, workspaceId: Id, id: Id): Promise<void> {
  await app.store.workspace(workspaceId).transaction(async (tx) => {
    const found = await tx.docs(jobLeases).get(id);
    if (found !== null) await tx.docs(jobLeases).remove(id, found.version);
  });
}
