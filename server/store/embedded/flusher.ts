import fs from 'node:fs';
import { StoreUnavailable } from '#server/store/port.ts';

/**
 * Brings what was committed onto the disk in a thread, so that a slow disk keeps only those waiting who wait for their
 * commit, and not the loop. SQLite's own flush at COMMIT (`synchronous = FULL`) is the same call on the same file.
 */
export class Flusher {
  readonly #handle: number;
  #failure: StoreUnavailable | null = null;

  /** @param wal the write-ahead log, which keeps its file for as long as a connection is open */
  constructor(wal: string) {
    this.#handle = fs.openSync(wal, 'r+');
  }

  /**
   * Throws once a flush has failed: the system may have dropped what it could not write and call the next flush a
   * success, so nothing more can be promised before the database is opened anew.
   */
  check(): void {
    if (this.#failure !== null) throw this.#failure;
  }

  async flush(): Promise<void> {
    this.check();
    await new Promise<void>((resolve, reject) => {
      fs.fdatasync(this.#handle, (error) => {
        if (error === null) return resolve();
        this.#failure = new StoreUnavailable('the disk failed: start again once it is sound', { cause: error });
        reject(this.#failure);
      });
    });
  }

  close(): void {
    fs.closeSync(this.#handle);
  }
}
