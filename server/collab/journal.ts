import type { Logger } from 'pino';

/** One update on its way to the store. */
export interface Pending {
  bytes: number;
  /** Stores it; settles after the commit. */
  store: () => Promise<void>;
  /** Called once it is journalled. */
  stored: () => void;
}

/** Updates of this time (ms) share a commit. */
const WINDOW_MS = 12;
const RETRY_MS = { first: 100, most: 2_000 } as const;

/**
 * The way of updates to the store's log: those of a window are handed over together, so that they share a commit; what
 * the store could not take stays here, in its order, and is tried again until it can.
 */
export class Journal {
  readonly #log: Logger;
  #queue: Pending[] = [];
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> | null = null;
  #retryMs = 0;
  /** Bytes that are not journalled yet. */
  waitingBytes = 0;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** True while the last try failed. */
  get failing(): boolean {
    return this.#retryMs > 0;
  }

  add(pending: Pending): void {
    this.#queue.push(pending);
    this.waitingBytes += pending.bytes;
    this.#schedule(WINDOW_MS);
  }

  /** Tries to bring everything home; gives up after `ms`. True when nothing is left. */
  async drain(ms: number): Promise<boolean> {
    const end = Date.now() + ms;
    while (this.#queue.length > 0 || this.#running !== null) {
      if (Date.now() > end) return false;
      if (this.#timer !== null && this.#retryMs === 0) {
        clearTimeout(this.#timer);
        this.#timer = null;
        this.#running ??= this.#flush();
      }
      await (this.#running ?? new Promise((resolve) => setTimeout(resolve, 20)));
    }
    return true;
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #schedule(ms: number): void {
    if (this.#timer !== null || this.#running !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#running = this.#flush();
    }, ms);
  }

  async #flush(): Promise<void> {
    const batch = this.#queue;
    this.#queue = [];
    let failure: unknown = null;
    const failed: Pending[] = [];
    await Promise.all(
      batch.map(async (pending) => {
        try {
          await pending.store();
          this.waitingBytes -= pending.bytes;
          pending.stored();
        } catch (error) {
          failure = error;
          failed.push(pending);
        }
      }),
    );
    this.#running = null;
    if (failed.length > 0) {
      if (this.#retryMs === 0) this.#log.error({ err: failure, updates: failed.length }, 'prose is not being saved');
      this.#retryMs = Math.min(RETRY_MS.most, this.#retryMs === 0 ? RETRY_MS.first : this.#retryMs * 2);
      const order = new Set(failed);
      this.#queue = [...batch.filter((pending) => order.has(pending)), ...this.#queue];
    } else if (this.#retryMs > 0) {
      this.#retryMs = 0;
      this.#log.info({}, 'prose is being saved again');
    }
    if (this.#queue.length > 0) this.#schedule(Math.max(this.#retryMs, WINDOW_MS));
  }
}
