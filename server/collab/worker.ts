import { parentPort } from 'node:worker_threads';
import * as Y from 'yjs';
import { DRAFTS_ROOT, NOTE_ROOT } from '#lib/protocol/collab.ts';
import { Authors, type Run } from './authors.ts';
import { packSnapshot, readEntry, updateOf, type Snapshot } from './entry.ts';
import { readVector } from './known.ts';
import { readFragment } from './fragment.ts';
import { readUpdate, type DraftEntry } from './read-update.ts';
import { packMemory, readMemory } from './thread-memory.ts';
import { buffersOf, type Answer, type Done, type Job, type Written } from './workshop.ts';

/**
 * Snapshots first: what came while one was made lies before it in the log and rests on it, and Yjs takes a time that
 * grows with the square of what it has to keep waiting.
 */
function inOrder(entries: readonly Written[]): {
  snapshots: Snapshot[];
  updates: { author: string; update: Uint8Array }[];
} {
  const snapshots: Snapshot[] = [];
  const updates: { author: string; update: Uint8Array }[] = [];
  for (const { author, bytes } of entries) {
    const entry = readEntry(bytes);
    if (entry.kind === 'snapshot') snapshots.push(entry);
    else for (const message of entry.messages) updates.push({ author, update: updateOf(message) });
  }
  return { snapshots, updates };
}

function built(entries: readonly Written[]): Y.Doc {
  const { snapshots, updates } = inOrder(entries);
  const doc = new Y.Doc();
  doc.transact(() => {
    for (const { update } of snapshots) Y.applyUpdate(doc, update);
    for (const { update } of updates) Y.applyUpdate(doc, update);
  });
  return doc;
}

/** Who sent what, as the log and the memory of its snapshots have it. */
function authorsOf(entries: readonly Written[]): Authors {
  const { snapshots, updates } = inOrder(entries);
  const authors = new Authors();
  for (const { vector, memory } of snapshots) {
    authors.settle(readVector(vector));
    if (memory === null) continue;
    for (const [client, runs] of readMemory(memory).authors) for (const run of runs) authors.remember(client, run);
  }
  for (const { author, update } of updates)
    for (const span of readUpdate(update, { drafts: true }).spans) authors.add(span, author);
  return authors;
}

/** All entries that the map of drafts ever had. */
function draftEntries(drafts: Y.Map<unknown>): DraftEntry[] {
  const entries: DraftEntry[] = [];
  for (const [id, newest] of drafts._map)
    for (let item: Y.Item | null = newest; item !== null; item = item.left)
      entries.push({ client: item.id.client, clock: item.id.clock, id, live: !item.deleted });
  return entries;
}

function memoryOf(doc: Y.Doc, entries: readonly Written[]): Uint8Array {
  const drafts = doc.getMap(DRAFTS_ROOT);
  const known = authorsOf(entries);
  const authors = new Map<number, Run[]>();
  for (const draft of drafts.values()) {
    if (!(draft instanceof Y.XmlFragment)) continue;
    for (const { client, from, to } of readFragment(draft).written)
      authors.set(client, [...(authors.get(client) ?? []), ...known.within(client, from, to)]);
  }
  for (const [client, runs] of authors) authors.set(client, joined(runs));
  return packMemory({ drafts: draftEntries(drafts), authors });
}

function joined(runs: readonly Run[]): Run[] {
  const result: Run[] = [];
  for (const run of runs.toSorted((a, b) => a.from - b.from)) {
    const last = result.at(-1);
    if (last !== undefined && last.to === run.from && last.member === run.member) last.to = run.to;
    else result.push({ ...run });
  }
  return result;
}

/** Runs beside the server's loop: everything that has to build a Y.Doc or walk a large update. */
function run(job: Job): Done {
  if (job.kind === 'difference') return { bytes: [Y.diffUpdate(job.update, job.vector)] };
  const doc = built(job.entries);
  if (job.kind === 'note') return { bytes: [], reading: readFragment(doc.getXmlFragment(NOTE_ROOT)) };
  if (job.kind === 'draft') {
    const draft = doc.getMap(DRAFTS_ROOT).get(job.draftId);
    if (!(draft instanceof Y.XmlFragment)) return { bytes: [] };
    const reading = readFragment(draft, job.seen === null ? null : readVector(job.seen), true);
    const known = authorsOf(job.entries);
    const authors = new Set(
      reading.written.flatMap(({ client, from, to }) => known.within(client, from, to).map(({ member }) => member)),
    );
    return { bytes: [], reading, authors: [...authors] };
  }
  const vector = Y.encodeStateVector(doc);
  const update = Y.encodeStateAsUpdate(doc);
  const deletes = Y.encodeStateAsUpdate(doc, vector);
  const memory = job.thread ? memoryOf(doc, job.entries) : null;
  return { bytes: [packSnapshot({ update, vector, deletes, memory })] };
}

parentPort?.on('message', ({ id, job }: { id: number; job: Job }) => {
  let answer: Answer;
  try {
    answer = { id, ok: true, ...run(job) };
  } catch (error) {
    answer = { id, ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
  parentPort?.postMessage(answer, answer.ok ? buffersOf(answer.bytes) : []);
});
