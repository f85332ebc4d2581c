import { parentPort } from 'node:worker_threads';
import * as Y from 'yjs';
import { packSnapshot, updatesOf } from './entry.ts';
import { noteJson } from './note-json.ts';
import { buffersOf, type Answer, type Job } from './workshop.ts';

/** Runs beside the server's loop: everything that has to build a Y.Doc or walk a large update. */
function run(job: Job): Omit<Answer & { ok: true }, 'id' | 'ok'> {
  if (job.kind === 'difference') return { bytes: [Y.diffUpdate(job.update, job.vector)] };
  const doc = new Y.Doc();
  doc.transact(() => {
    for (const entry of job.entries) for (const update of updatesOf(entry)) Y.applyUpdate(doc, update);
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
