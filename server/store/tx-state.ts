import { AsyncLocalStorage } from 'node:async_hooks';
import { MAX_TX_WRITES, refuse } from '#server/store/guard.ts';

const insideWork = new AsyncLocalStorage<{ over: boolean }>();

/** Runs a transaction's work, marked as such for `refuseInsideWork`. */
export async function markWork<R>(work: () => Promise<R>): Promise<R> {
  const mark = { over: false };
  try {
    return await insideWork.run(mark, work);
  } finally {
    mark.over = true;
  }
}

/** Refuses a write of its own from within a transaction's work: it would wait for that transaction to end. */
export function refuseInsideWork(): void {
  if (insideWork.getStore()?.over === false) refuse('a write of its own inside a transaction: use its tx');
}

/**
 * One transaction's life, kept alike by both stores: one operation at a time, nothing after the end, and nothing more
 * once an operation has failed (MongoDB has aborted by then), even if the caller swallowed the error.
 */
export class TxState {
  #busy = false;
  #ended = false;
  #failure: unknown = null;
  #writes = 0;
  #running: Promise<unknown> | null = null;

  /** Runs one operation of the transaction. `writes`: documents or events that it writes. */
  async run<R>(operation: () => R | Promise<R>, writes = 0): Promise<R> {
    if (this.#ended) refuse('this transaction has ended');
    if (this.#failure) throw this.#failure;
    try {
      if (this.#busy) refuse('one operation at a time in a transaction: await each');
      this.#busy = true;
      this.#writes += writes;
      if (this.#writes > MAX_TX_WRITES) refuse(`more than ${MAX_TX_WRITES} writes in one transaction`);
      const result = operation();
      this.#running = result instanceof Promise ? result : null;
      const value = result instanceof Promise ? await result : (await undefined, result);
      this.#busy = false;
      return value;
    } catch (error) {
      this.#failure ??= error;
      throw error;
    }
  }

  /** Called when `work` has returned: throws what failed meanwhile. */
  finish(): void {
    this.#ended = true;
    if (this.#failure) throw this.#failure;
    if (this.#busy) refuse('an operation of the transaction was not awaited');
  }

  /** Waits for an operation that `work` has not awaited: the database must not get it after the transaction's end. */
  async settled(): Promise<void> {
    await this.#running?.catch(() => undefined);
  }

  /** Called when `work` has thrown. */
  abandon(): void {
    this.#ended = true;
  }
}
