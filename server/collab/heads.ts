import { FIRST_EPOCH } from '#lib/protocol/collab.ts';
import { EDITOR_SCHEMA_VERSION } from '#lib/protocol/version.ts';
import { documentHeads, type DocumentHead } from '#server/store/kinds/workspace.ts';
import { DuplicateKey } from '#server/store/port.ts';
import type { LogEntry, WorkspaceStore } from '#server/store/port.ts';
import { readEntry } from './entry.ts';

/** Author in the log of snapshots. */
const SNAPSHOT_AUTHOR = 'system';

/** The document's head as it is; the first epoch for one that was never written. */
export async function headOf(
  store: WorkspaceStore,
  doc: string,
): Promise<Pick<DocumentHead, 'epoch' | 'schemaVersion'>> {
  return (await store.docs(documentHeads).get(doc)) ?? { epoch: FIRST_EPOCH, schemaVersion: EDITOR_SCHEMA_VERSION };
}

/** Gives a document that is first written its head, so that a restore finds it and changes its epoch. */
export async function ensureHead(store: WorkspaceStore, doc: string, epoch: number): Promise<void> {
  if ((await store.docs(documentHeads).get(doc)) !== null) return;
  try {
    await store.transaction(async (tx) => {
      const heads = tx.docs(documentHeads);
      if ((await heads.get(doc)) !== null) return;
      await heads.insert({ id: doc, version: 1, epoch, schemaVersion: EDITOR_SCHEMA_VERSION });
    });
  } catch (error) {
    if (!(error instanceof DuplicateKey)) throw error;
  }
}

/**
 * Puts a document into its next epoch with the content that it has: clients of the old one start afresh and keep aside
 * what they had not saved. Done by a restore for every document, whose clients may know more than the store.
 * Interrupted, it can be run again: the same content twice is once.
 *
 * @param atLeast the new epoch is no smaller
 * @returns the new epoch
 */
export async function restartDocument(store: WorkspaceStore, doc: string, atLeast = 0): Promise<number> {
  const head = await store.docs(documentHeads).get(doc);
  const from = head?.epoch ?? FIRST_EPOCH;
  const epoch = Math.max(from + 1, atLeast);
  const entries = await store.log.read(doc, from);
  // A run that was interrupted may have left something there.
  await store.log.drop(doc, epoch, epoch + 1);
  for (const { author, bytes } of entries) await store.log.append(doc, epoch, author, bytes);
  await moveHead(store, doc, epoch);
  return epoch;
}

/**
 * Begins the document's next epoch with one snapshot of what is there now, and drops the log of the epochs before it:
 * what was deleted is nowhere any more. What another node still wrote to the old epoch meanwhile goes on in the new one.
 * Interrupted, it can be run again.
 *
 * @param snapshotOf one snapshot of all entries
 * @param settleMs how long other nodes may take to notice
 * @returns the new epoch
 */
export async function forgetDeleted(
  store: WorkspaceStore,
  doc: string,
  snapshotOf: (entries: LogEntry[]) => Promise<Uint8Array>,
  settleMs: number,
): Promise<number> {
  const head = await store.docs(documentHeads).get(doc);
  const from = head?.epoch ?? FIRST_EPOCH;
  const epoch = from + 1;
  const entries = await store.log.read(doc, from);
  const merged = new Set(entries.map(({ id }) => id));
  // A run that was interrupted may have left its snapshot there: of words that are gone since.
  await store.log.drop(doc, epoch, epoch + 1);
  if (entries.length > 0) await store.log.append(doc, epoch, SNAPSHOT_AUTHOR, await snapshotOf(entries));
  await moveHead(store, doc, epoch);
  if (settleMs > 0) await new Promise((done) => setTimeout(done, settleMs));
  for (const { id, author, bytes } of await store.log.read(doc, from))
    if (!merged.has(id) && readEntry(bytes).kind === 'updates') await store.log.append(doc, epoch, author, bytes);
  await store.log.drop(doc, 0, epoch);
  return epoch;
}

async function moveHead(store: WorkspaceStore, doc: string, epoch: number): Promise<void> {
  await store.transaction(async (tx) => {
    const heads = tx.docs(documentHeads);
    const now = await heads.get(doc);
    if (now === null) await heads.insert({ id: doc, version: 1, epoch, schemaVersion: EDITOR_SCHEMA_VERSION });
    else if (now.epoch < epoch) await heads.replace({ ...now, epoch });
  });
}

/**
 * `restartDocument` for every document of a workspace; answers how many. For a restore, before anybody connects.
 *
 * @param at now, in ms: an epoch that no client can know, even where the same backup was restored before
 */
export async function restartAllDocuments(store: WorkspaceStore, at: number): Promise<number> {
  let count = 0;
  for await (const head of store.docs(documentHeads).each({})) {
    await restartDocument(store, head.id, at);
    count += 1;
  }
  return count;
}
