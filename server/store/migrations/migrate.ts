import { MIGRATIONS } from '#server/store/migrations/all.ts';
import type { Migration } from '#server/store/migrations/migration.ts';
import { VersionConflict } from '#server/store/port.ts';
import type { Docs, Filter, Kind, Store, Versioned, WorkspaceStore } from '#server/store/port.ts';

/** Documents changed by one transaction of a migration. */
const BATCH = 200;

export interface MigrationReport {
  from: number;
  to: number;
  /** Names of the migrations that ran. */
  ran: string[];
}

/**
 * Runs the migrations that the store has not seen yet, in order and on one node at a time. The version is stored after
 * each one, so a killed run is resumed by the next, and another run changes nothing.
 */
export async function migrate(
  store: Store,
  migrations: readonly Migration[] = MIGRATIONS,
  onStep: (migration: Migration) => void = () => undefined,
): Promise<MigrationReport> {
  const known = await store.schema.version();
  if (migrations.every(({ to }) => to <= known)) return { from: known, to: known, ran: [] };
  return store.schema.alone(() => runAll(store, migrations, onStep));
}

async function runAll(
  store: Store,
  migrations: readonly Migration[],
  onStep: (migration: Migration) => void,
): Promise<MigrationReport> {
  const from = await store.schema.version();
  const ran: string[] = [];
  let version = from;
  for (const migration of migrations) {
    if (migration.to <= version) continue;
    if (migration.to !== version + 1) throw new Error(`no migration leads from version ${version} to ${migration.to}`);
    onStep(migration);
    await migration.run({ store, workspaces: await store.schema.workspaces() });
    await store.schema.setVersion(migration.to);
    version = migration.to;
    ran.push(migration.name);
  }
  return { from, to: version, ran };
}

/**
 * Changes the documents of a kind, in small transactions. `change` answers the new document, or null for one that is as
 * it should be already; it may see documents of the old shape and of the new one. A document that somebody else has
 * changed meanwhile is read again.
 */
export async function changeAll<T extends Versioned>(
  workspace: WorkspaceStore,
  kind: Kind<T>,
  change: (doc: T) => T | null,
  filter: Filter = {},
): Promise<void> {
  let ids: string[] = [];
  const flush = async (): Promise<void> => {
    const batch = ids;
    ids = [];
    if (batch.length > 0) await changeBatch(workspace, kind, change, batch);
  };
  for await (const doc of (workspace.docs(kind) as Docs<T>).each(filter)) {
    if (change(doc) !== null) ids.push(doc.id);
    if (ids.length >= BATCH) await flush();
  }
  await flush();
}

async function changeBatch<T extends Versioned>(
  workspace: WorkspaceStore,
  kind: Kind<T>,
  change: (doc: T) => T | null,
  ids: string[],
): Promise<void> {
  for (;;) {
    try {
      return await workspace.transaction(async (tx) => {
        const docs = await tx.docs(kind).getMany(ids);
        await tx.docs(kind).replaceMany(docs.flatMap((doc) => change(doc) ?? []));
      });
    } catch (error) {
      if (!(error instanceof VersionConflict)) throw error;
    }
  }
}
