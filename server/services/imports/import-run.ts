import type { ImportRun } from '#lib/domain/import/import.ts';
import type { Id } from '#lib/domain/values.ts';
import { AppError } from '#lib/protocol/errors.ts';
import type { App } from '../../app.ts';
import { newId } from '../../store/id.ts';
import { importRuns, jobLeases } from '../../store/kinds/workspace.ts';
import { DuplicateKey, VersionConflict, type Tx, type WorkspaceStore } from '../../store/port.ts';

const LEASE_ID = 'import';
/** Renewed with the progress, every second or so. */
const LEASE_MS = 30_000;
const PROCESS = newId();

/** The embedded store has one process: what an earlier one held is free again. */
const holderIn = (app: App): string => (app.store.engine === 'embedded' ? 'embedded' : PROCESS);

/**
 * Takes the workspace's one place for an import at work, or keeps it.
 *
 * @throws AppError import_running when another import holds it
 */
export async function holdImports(tx: Tx, app: App, importId: Id): Promise<void> {
  const leases = tx.docs(jobLeases);
  const found = await leases.get(LEASE_ID);
  const lease = {
    id: LEASE_ID,
    holder: `${holderIn(app)}:${importId}`,
    until: new Date(app.clock.ms() + LEASE_MS).toISOString(),
    last: importId,
  };
  if (found === null) return leases.insert({ ...lease, version: 1 });
  const held = found.holder !== lease.holder && found.until > app.clock.now();
  if (held) throw new AppError('import_running', { importId: found.last });
  await leases.replace({ ...lease, version: found.version });
}

/** Gives the place back, if it is still this import's. */
export async function releaseImports(store: WorkspaceStore, importId: Id): Promise<void> {
  await store.transaction(async (tx) => {
    const found = await tx.docs(jobLeases).get(LEASE_ID);
    if (found?.last === importId) await tx.docs(jobLeases).remove(found.id, found.version);
  });
}

/**
 * Changes a run whatever its version was: progress is written beside what users do with it. The work may add events
 * and hold the place in the same transaction; it answers null to leave the run as it is.
 */
export async function updateRun(
  store: WorkspaceStore,
  importId: Id,
  work: (run: ImportRun, tx: Tx) => Promise<ImportRun | null> | ImportRun | null,
): Promise<ImportRun> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await store.transaction(async (tx) => {
        const run = await tx.docs(importRuns).get(importId);
        if (run === null) throw new AppError('not_found');
        const next = await work(run, tx);
        return next === null ? run : tx.docs(importRuns).replace(next);
      });
    } catch (error) {
      const lost = error instanceof VersionConflict || error instanceof DuplicateKey;
      if (!lost || attempt >= 20) throw error;
    }
  }
}
