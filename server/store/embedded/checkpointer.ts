import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Connection } from '#server/store/embedded/connection.ts';
import { sizeOf } from '#server/store/embedded/files.ts';

/** The write-ahead log is written back to the database beyond this size (bytes). */
const WRITE_BACK_AT = 32_000_000;
/** Beyond this, whoever commits waits for it: the thread cannot keep up. */
const WAIT_AT = 512_000_000;
/** What the log file is cut to when it begins anew. */
export const WAL_KEPT = 8_000_000;

/** Text, and not a file of its own, so that it runs wherever the server's code was put. */
const WRITE_BACK = `
const { DatabaseSync } = require('node:sqlite');
const { parentPort, workerData } = require('node:worker_threads');
const db = new DatabaseSync(workerData, { timeout: 0 });
parentPort.on('message', (word) => {
  if (word === 'stop') {
    db.close();
    return parentPort.close();
  }
  try {
    db.exec('PRAGMA wal_checkpoint(PASSIVE)');
  } catch {
    // The writer finds the log still too long and asks again.
  }
  parentPort.postMessage('done');
});
`;

/**
 * Writes the write-ahead log back in a thread, which neither stops the writer nor the loop. What was committed meanwhile
 * is little, and is written back by the writer itself between two groups: the log is then empty and begins anew.
 */
export class Checkpointer {
  readonly #path: string;
  readonly #wal: string;
  readonly #writer: Connection;
  #worker: Worker | null = null;
  #state: 'idle' | 'running' | 'nearly done' = 'idle';

  constructor(path: string, wal: string, writer: Connection) {
    this.#path = path;
    this.#wal = wal;
    this.#writer = writer;
  }

  /** Called between two groups, never inside a transaction. */
  afterCommit(): void {
    const size = sizeOf(this.#wal);
    if (this.#state === 'nearly done' || size > WAIT_AT) {
      if (this.#state === 'nearly done') this.#state = 'idle';
      this.#writer.get('PRAGMA wal_checkpoint(PASSIVE)');
    } else if (this.#state === 'idle' && size > WRITE_BACK_AT) {
      this.#state = 'running';
      this.#worker ??= this.#start();
      this.#worker.postMessage('write back');
    }
  }

  /** Ends the thread and closes its connection. */
  async close(): Promise<void> {
    if (!this.#worker) return;
    this.#worker.ref();
    const ended = once(this.#worker, 'exit');
    this.#worker.postMessage('stop');
    await ended;
    this.#worker = null;
  }

  #start(): Worker {
    const worker = new Worker(WRITE_BACK, { eval: true, workerData: this.#path });
    worker.unref();
    worker.on('message', () => (this.#state = 'nearly done'));
    worker.on('error', () => undefined);
    worker.on('exit', () => {
      this.#worker = null;
      this.#state = 'idle';
    });
    return worker;
  }
}
