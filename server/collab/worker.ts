import { parentPort } from 'node:worker_threads';
import * as Y from 'yjs';
import { packSnapshot, readEntry, updateOf } from './entry.ts';
import { noteJson } from './note-json.ts';
import { buffersOf, type Answer, type Job } from './workshop.ts';

/**
 * Snapshots first: what came while one was made lies before it in the log and rests on it, and Yjs takes a time that
 * grows with the square of what it has to keep waiting.
 */
function inOrder(bytes: readonly Uint8Array[]): Uint8Array[] {
  const snapshots: Uint8Array[] = [];
  const updates: Uint8Array[] = [];
  for (const entry of bytes.map(readEntry))
    if (entry.kind === 'snapshot') snapshots.push(entry.update);
    else for (const message of entry.messages) updates.push(updateOf(message));
  return [...snapshots, ...updates];
}

/** Runs beside the server's loop: everything that has to build a Y.Doc or walk a large update. */
function run(job: Job): Omit<Answer & { ok: true }, 'id' | 'ok'> {
  if (job.kind === 'difference') return { bytes: [Y.diffUpdate(job.update, job.vector)] };
  const doc = new Y.Doc();
  doc.transact(() => {
    for (const update of inOrder(job.entries)) Y.applyUpdate(doc, update);
  });
  if (job.kind === 'json') return { bytes: [], json: noteJson(doc) };
  const vector = Y.encodeStateVector(doc);
  const update = Y.encodeStateAsUpdate(doc);
  return { bytes: [packSnapshot({ update, vector, deletes: Y.encodeStateAsUpdate(doc, vector) })] };
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
