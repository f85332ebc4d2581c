import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { refuseFile } from './refused.ts';
import type { PdfAnswer } from './pdf-worker.ts';

/** Longest time for one PDF, its waiting not counted. */
const PDF_MS = 10_000;
/** How much larger the process may grow meanwhile: a small file can hold gigabytes. */
const MAX_GROWTH = 500 * 1_024 * 1_024;
const WATCH_MS = 50;

/** The worker's source: beside this file, or under the project when the server is bundled elsewhere. */
function workerFile(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  for (let folder = here; ; folder = dirname(folder)) {
    for (const path of [join(folder, 'pdf-worker.ts'), join(folder, 'server/import/einvoice/pdf-worker.ts')])
      if (path.endsWith(join('import', 'einvoice', 'pdf-worker.ts')) && existsSync(path)) return path;
    if (folder === dirname(folder)) throw new Error('server/import/einvoice/pdf-worker.ts is not there');
  }
}

function open(bytes: Uint8Array): Promise<PdfAnswer | 'slow'> {
  return new Promise((resolve) => {
    const before = process.memoryUsage.rss();
    const worker = new Worker(workerFile(), {
      workerData: bytes,
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 256 },
      stdout: true,
      stderr: true,
    });
    const end = (answer: PdfAnswer | 'slow'): void => {
      clearTimeout(late);
      clearInterval(watch);
      resolve(answer);
      void worker.terminate();
    };
    const late = setTimeout(() => end('slow'), PDF_MS);
    const watch = setInterval(() => {
      if (process.memoryUsage.rss() - before > MAX_GROWTH) end('slow');
    }, WATCH_MS);
    worker.on('message', (answer: PdfAnswer) => end(answer));
    worker.on('error', () => end({ ok: false, code: 'pdf_broken' }));
    worker.on('exit', () => end({ ok: false, code: 'pdf_broken' }));
  });
}

let turn: Promise<unknown> = Promise.resolve();

/**
 * The invoice's XML that a Factur-X or ZUGFeRD file carries. One PDF at a time, in a thread of its own with bounds on time
 * and memory.
 *
 * @throws AppError einvoice_unreadable: pdf_broken, pdf_locked, pdf_plain (no invoice in it), pdf_too_slow, xml_too_complex (larger
 *   than any file may be)
 */
export async function xmlOfPdf(bytes: Uint8Array): Promise<Uint8Array> {
  const opened = turn.then(() => open(bytes));
  turn = opened.catch(() => undefined);
  const answer = await opened;
  if (answer === 'slow') return refuseFile('pdf_too_slow');
  return answer.ok ? answer.xml : refuseFile(answer.code);
}
