import { AsyncLocalStorage } from 'node:async_hooks';
import { StoreUnavailable } from '#server/store/port.ts';
import type { LogUpdate, StoredEvent } from '#server/store/port.ts';
import { refuseInsideWork } from '#server/store/tx-state.ts';
import { toPortError } from '#server/store/embedded/connection.ts';
import type { Connection } from '#server/store/embedded/connection.ts';
import type { Flusher } from '#server/store/embedded/flusher.ts';

/** A group is committed when so many have joined or so long has passed (ms), so that reads are not kept waiting. */
const GROUP_SIZE = 256;
const GROUP_MS = 8;

/** What a group has appended, told to the tails after its COMMIT. */
export interface Appended {
  events: { n: number; item: StoredEvent }[];
  updates: { n: number; item: LogUpdate }[];
}

interface Job {
  work: () => unknown;
  /** One statement undoes itself: no savepoint needed. */
  single: boolean;
  resolve: (value: never) => void;
  reject: (error: unknown) => void;
}

/**
 * The one writer: transactions run one after another, each in a savepoint, and those that wait share a COMMIT. A caller
 * hears, and the tails are told, once the COMMIT is on the disk; until then the loop is free. If it fails, all of the
 * group hear StoreUnavailable, even those who were refused, since what refused them may not have happened.
 */
export class GroupWriter {
  readonly appended: Appended = { events: [], updates: [] };
  readonly #db: Connection;
  readonly #onCommit: (appended: Appended) => void;
  readonly #beforeCommit: () => void;
  readonly #flusher: Pick<Flusher, 'check' | 'flush'>;
  /** What the last job threw. */
  #failure: unknown = null;
  /** The context in which the store was opened: the writer and the tails belong to no request. */
  readonly #outside = AsyncLocalStorage.snapshot();
  #queue: Job[] = [];
  #between: (() => void)[] = [];
  #running: Promise<void> | null = null;
  #closed = false;

  constructor(
    db: Connection,
    onCommit: (appended: Appended) => void,
    beforeCommit: () => void,
    flusher: Pick<Flusher, 'check' | 'flush'>,
  ) {
    this.#flusher = flusher;
    this.#beforeCommit = beforeCommit;
    this.#db = db;
    this.#onCommit = onCommit;
  }

  /** Runs `work` inside a group. Refused from within another transaction's work, which would wait for itself. */
  async submit<R>(work: () => R | Promise<R>, single = false): Promise<R> {
    if (this.#closed) throw new StoreUnavailable('the store is closed');
    refuseInsideWork();
    return await new Promise<R>((resolve, reject) => {
      // The group is begun by whoever comes first: everybody's work keeps its own asynchronous context all the same.
      this.#queue.push({ work: AsyncLocalStorage.bind(work), single, resolve: resolve as Job['resolve'], reject });
      this.#running ??= this.#outside(() => this.#run());
    });
  }

  /** Runs `work` between two groups, outside of any transaction. */
  async between<R>(work: () => R): Promise<R> {
    if (this.#closed) throw new StoreUnavailable('the store is closed');
    refuseInsideWork();
    return await new Promise<R>((resolve, reject) => {
      this.#between.push(() => {
        try {
          resolve(work());
        } catch (error) {
          reject(toPortError(error));
        }
      });
      this.#running ??= this.#outside(() => this.#run());
    });
  }

  /** Refuses new work and waits for what is queued. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    do {
      await new Promise(setImmediate);
      if (this.#queue.length > 0) await this.#group();
      for (const work of this.#between.splice(0)) work();
    } while (this.#queue.length > 0 || this.#between.length > 0);
    this.#running = null;
  }

  async #group(): Promise<void> {
    const answers: (() => void)[] = [];
    const jobs: Job[] = [];
    let lost: unknown = null;
    this.#failure = null;
    try {
      this.#flusher.check();
      this.#db.exec('BEGIN IMMEDIATE');
      const until = performance.now() + GROUP_MS;
      do {
        const job = this.#queue.shift();
        if (!job) break;
        jobs.push(job);
        answers.push(await this.#one(job));
        // A full disk, for one, makes SQLite undo the whole transaction, and with it those before this one.
        if (!this.#db.db.isTransaction)
          throw this.#failure ?? new StoreUnavailable('the database gave up the transaction');
      } while (jobs.length < GROUP_SIZE && performance.now() < until);
      this.#beforeCommit();
      this.#db.exec('COMMIT');
      await this.#flusher.flush();
    } catch (error) {
      lost = error;
    }
    if (lost === null) {
      const { events, updates } = this.appended;
      const told = { events: events.splice(0), updates: updates.splice(0) };
      for (const answer of answers) answer();
      this.#onCommit(told);
      return;
    }
    this.#forget();
    const mapped = toPortError(lost);
    const error =
      mapped instanceof StoreUnavailable ? mapped : new StoreUnavailable('the commit failed', { cause: lost });
    // BEGIN itself failed: whoever is waiting hears it too, or the loop would never end.
    for (const job of jobs.length > 0 ? jobs : this.#queue.splice(0)) job.reject(error);
  }

  #forget(): void {
    this.appended.events.length = 0;
    this.appended.updates.length = 0;
    try {
      if (this.#db.db.isTransaction) this.#db.exec('ROLLBACK');
    } catch {
      // The next BEGIN fails and says so to its callers.
    }
  }

  /** Runs one job in its savepoint; answers how to tell its caller once the group is committed. */
  async #one(job: Job): Promise<() => void> {
    const events = this.appended.events.length;
    const updates = this.appended.updates.length;
    if (!job.single) this.#db.exec('SAVEPOINT one');
    try {
      const value = (job.single ? job.work() : await job.work()) as never;
      if (!job.single) this.#db.exec('RELEASE one');
      return () => job.resolve(value);
    } catch (error) {
      this.#failure = error;
      this.appended.events.length = events;
      this.appended.updates.length = updates;
      if (!job.single && this.#db.db.isTransaction) this.#db.exec('ROLLBACK TO one; RELEASE one');
      return () => job.reject(toPortError(error));
    }
  }
}
