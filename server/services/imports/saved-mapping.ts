import { createHash } from 'node:crypto';
import type { ImportMapping, ImportRun } from '#lib/domain/import/import.ts';
import { uniqueColumns } from '#lib/domain/import/known-columns.ts';
import type { Instant } from '#lib/domain/values.ts';
import { savedMappings } from '../../store/kinds/workspace.ts';
import type { Tx, WorkspaceStore } from '../../store/port.ts';

/** Files with the same columns are read in the same way: the id of their saved mapping. */
export function columnsDigest(header: readonly string[]): string {
  const names = uniqueColumns(header).map((name) => name.trim().toLowerCase());
  return createHash('sha256').update(JSON.stringify(names)).digest('hex').slice(0, 40);
}

/** How the last accepted file with these columns was read, or null. */
export async function readSavedMapping(
  store: WorkspaceStore,
  header: readonly string[],
): Promise<ImportMapping | null> {
  return (await store.docs(savedMappings).get(columnsDigest(header)))?.mapping ?? null;
}

/** Remembers how an accepted file was read, for the next one with its columns. */
export async function saveMapping(tx: Tx, run: ImportRun, at: Instant): Promise<void> {
  const id = columnsDigest(run.preview.header);
  const known = await tx.docs(savedMappings).get(id);
  const saved = { id, mapping: run.mapping, savedAt: at };
  if (known === null) await tx.docs(savedMappings).insert({ ...saved, version: 1 });
  else await tx.docs(savedMappings).replace({ ...saved, version: known.version });
}
