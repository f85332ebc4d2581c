import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { NoteNode } from '#lib/protocol/editor-schema.ts';

/** `compact`: one snapshot of all updates. `difference`: what `vector` lacks of one. `json`: the note to read. */
export type Job =
  | { kind: 'compact' | 'json'; updates: Uint8Array[] }
  | { kind: 'difference'; updates: Uint8Array[]; vector: Uint8Array };

export type Answer =
  { id: number; ok: true; bytes: Uint8Array[]; json?: NoteNode } | { id: number; ok: false; reason: string };

type Done = Extract<Answer, { ok: true }>;

/** A worker with nothing to do is let go after this (ms). */
const IDLE_MS = 60_000;

/** The worker's source: beside this file, or under the project when the server is bundled elsewhere. */
function workerFile(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  for (let folder = here; ; folder = dirname(folder)) {
    for (const path of [join(folder, 'worker.ts'), join(folder, 'server/collab/worker.ts')])
      if (path.endsWith(join('server', 'collab', 'worker.ts')) && existsSync(path)) return path;
    if (folder === dirname(folder)) throw new Error('server/collab/worker.ts is not there');
  }
}

/** Work on whole documents, done in one thread beside the server's loop, one job after another. */
export class Workshop {
  #worker: Worker | null = null;
  #idle: NodeJS.Timeout | null = null;
  #next = 1;
  readonly #waiting = new Map<number, { resolve: (done: Done) => void; reject: (error: Error) => void }>();

  async run(job: Job): Promise<Done> {
    const worker = (this.#worker ??= this.#start());
    if (this.#idle !== null) clearTimeout(this.#idle);
    const id = this.#next++;
    return await new Promise<Done>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      worker.ref();
      worker.postMessage({ id, job });
    });
  }

  async close(): Promise<void> {
    if (this.#idle !== null) clearTimeout(this.#idle);
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(workerFile(), { execArgv: [] });
    worker.unref();
    worker.on('message', (answer: Answer) => {
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if (this.#waiting.size === 0) this.#rest(worker);
      if (answer.ok) waiting?.resolve(answer);
      else waiting?.reject(new Error(answer.reason));
    });
    const fail = (error: Error): void => {
      if (this.#worker === worker) this.#worker = null;
      for (const { reject } of this.#waiting.values()) reject(error);
      this.#waiting.clear();
    };
    worker.on('error', fail);
    worker.on('exit', () => fail(new Error('the worker ended')));
    return worker;
  }

  #rest(worker: Worker): void {
    worker.unref();
    this.#idle = setTimeout(() => {
      if (this.#worker === worker) this.#worker = null;
      void worker.terminate();
    }, IDLE_MS);
    this.#idle.unref();
  }
}
