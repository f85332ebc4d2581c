import type { Timestamp } from 'mongodb';
import { checkName, checkValue } from '../guard.ts';
import type { Signal, Stop, Store, Value } from '../port.ts';
import { follow, REOPEN_MS } from './change-stream.ts';
import type { Database, SignalRow } from './database.ts';
import { outside } from './errors.ts';

const signalOf = (row: SignalRow): Signal => ({
  scope: row.scope,
  key: row.key,
  value: row.value === null ? null : (JSON.parse(row.value) as Value),
  expiresAt: row.expiresAt,
});

/** Presence between nodes: small expiring rows, told by one change stream for all scopes. */
export class Signals {
  readonly #database: Database;
  readonly #now: () => Timestamp;
  readonly #onError: (error: unknown) => void;
  readonly #listeners = new Map<string, Set<(signals: Signal[]) => void>>();
  /** The last write of each key: what is put and then removed must not come in the other order. */
  readonly #writing = new Map<string, Promise<void>>();
  #stream: (() => Promise<void>) | null = null;
  #closed = false;

  /** @param now an operation time that is past: what was put since then is told */
  constructor(database: Database, now: () => Timestamp, onError: (error: unknown) => void) {
    this.#database = database;
    this.#now = now;
    this.#onError = onError;
  }

  api(): Store['signals'] {
    return {
      put: (scope, key, value, ttlMs) => outside(() => this.#put(scope, key, value, ttlMs)),
      remove: (scope, key) => outside(() => this.#put(scope, key, null, 0)),
      tail: (scope, on) => this.#tail(scope, on),
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#listeners.clear();
    await this.#stream?.();
  }

  async #put(scope: string, key: string, value: Value | null, ttlMs: number): Promise<void> {
    checkName(scope);
    checkName(key);
    if (value !== null) checkValue(value, 'signal');
    const id = `${scope}\n${key}`;
    const write = (): Promise<void> => this.#write(id, scope, key, value, ttlMs);
    const mine = (this.#writing.get(id) ?? Promise.resolve()).then(write, write);
    this.#writing.set(id, mine);
    try {
      await mine;
    } finally {
      if (this.#writing.get(id) === mine) this.#writing.delete(id);
    }
  }

  async #write(_id: string, scope: string, key: string, value: Value | null, ttlMs: number): Promise<void> {
    const expiresAt = Date.now() + ttlMs;
    await this.#database.signals.replaceOne(
      { _id },
      { scope, key, value: value === null ? null : JSON.stringify(value), expiresAt, gone: new Date(expiresAt) },
      { upsert: true },
    );
  }

  #tail(scope: string, on: (signals: Signal[]) => void): Stop {
    const listeners = this.#listeners.get(scope) ?? new Set();
    this.#listeners.set(scope, listeners.add(on));
    this.#open();
    this.#database.signals
      .find({ scope, value: { $ne: null }, expiresAt: { $gt: Date.now() } })
      .toArray()
      .then(
        (rows) => {
          if (rows.length > 0) this.#call(scope, on, rows.map(signalOf));
        },
        (error: unknown) => {
          if (!this.#closed) this.#onError(error);
        },
      );
    return async () => {
      listeners.delete(on);
      if (listeners.size === 0) this.#listeners.delete(scope);
    };
  }

  #open(): void {
    if (this.#stream !== null || this.#closed) return;
    this.#stream = follow(
      this.#database.signals,
      { operationType: { $in: ['insert', 'replace', 'update'] } },
      // Not from the moment at which the stream stands: what is put until then would go unheard.
      { fullDocument: 'updateLookup', startAtOperationTime: this.#now() },
      (change) => {
        const row = 'fullDocument' in change ? (change.fullDocument ?? null) : null;
        // Removed meanwhile, or gone before anybody listened.
        if (row === null || (row.value !== null && row.expiresAt <= Date.now())) return;
        for (const on of [...(this.#listeners.get(row.scope) ?? [])]) this.#call(row.scope, on, [signalOf(row)]);
      },
      (error) => {
        this.#stream = null;
        if (this.#closed) return;
        this.#onError(error);
        // Presence is put again by whoever is present: what was missed meanwhile comes back by itself.
        setTimeout(() => this.#open(), REOPEN_MS).unref();
      },
    );
  }

  #call(scope: string, on: (signals: Signal[]) => void, signals: Signal[]): void {
    if (this.#listeners.get(scope)?.has(on) !== true) return;
    try {
      on(signals);
    } catch (error) {
      this.#onError(error);
    }
  }
}
