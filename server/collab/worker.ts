import { parentPort } from 'node:worker_threads';
import * as Y from 'yjs';
import { noteJson } from './note-json.ts';
import type { Answer, Job } from './workshop.ts';

/** Runs beside the server's loop: everything that has to build a Y.Doc or walk a large update. */
function run(job: Job): Omit<Answer & { ok: true }, 'id' | 'ok'> {
  if (job.kind === 'difference') return { bytes: [Y.diffUpdate(job.updates[0] ?? new Uint8Array([0, 0]), job.vector)] };
  const doc = new Y.Doc();
  doc.transact(() => {
    for (const update of job.updates) Y.applyUpdate(doc, update);
  });
  if (job.kind === 'json') return { bytes: [], json: noteJson(doc) };
  const vector = Y.encodeStateVector(doc);
  return { bytes: [Y.encodeStateAsUpdate(doc), vector, Y.encodeStateAsUpdate(doc, vector)] };
}

parentPort?.on('message', ({ id, job }: { id: number; job: Job }) => {
  let answer: Answer;
  try {
    answer = { id, ok: true, ...run(job) };
  } catch (error) {
    answer = { id, ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
  parentPort?.postMessage(answer);
});
