import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Id } from '#lib/domain/values.ts';
import type { Reading } from './fragment.ts';

/** An entry of the log, or what is like one and not journalled yet. */
export interface Written {
  author: Id;
  bytes: Uint8Array;
}

/**
 * `compact`: one packed snapshot of all entries of the log. `note`: the note to read. `draft`: one draft of a thread, as
 * somebody saw it who had the state vector `seen`, and who wrote in it. These take the entries' memory with them.
 * `difference`: what `vector` lacks of one update.
 */
export type Job =
  | { kind: 'compact'; thread: boolean; entries: Written[] }
  | { kind: 'note'; entries: Written[] }
  | { kind: 'draft'; draftId: string; seen: Uint8Array | null; entries: Written[] }
  | { kind: 'difference'; update: Uint8Array; vector: Uint8Array };

export interface Done {
  bytes: Uint8Array[];
  /** Undefined when there is no such draft. */
  reading?: Reading;
  authors?: Id[];
}

export type Answer = ({ id: number; ok: true } & Done) | { id: number; ok: false; reason: string };

/** A worker with nothing to do is let go after this (ms). */
const IDLE_MS = 60_000;

/** Memory that can go over to the other thread instead of being copied: what nothing else lies in. */
export function buffersOf(arrays: readonly Uint8Array[]): ArrayBuffer[] {
  const own = arrays.filter(
    ({ buffer, byteLength }) => buffer instanceof ArrayBuffer && buffer.byteLength === byteLength,
  );
  return [...new Set(own.map(({ buffer }) => buffer as ArrayBuffer))];
}

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
      worker.postMessage(
        { id, job },
        job.kind === 'difference' ? [] : buffersOf(job.entries.map(({ bytes }) => bytes)),
      );
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
