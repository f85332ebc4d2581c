import { checkName, checkValue } from '#server/store/guard.ts';
import type { Signal, Stop, Store, Value } from '#server/store/port.ts';

/** Writes between two sweeps of expired signals. */
const SWEEP_EVERY = 500;

/** Presence within one process: kept in memory, told in the next turn of the loop. A new listener hears what stands. */
export class Signals {
  readonly #scopes = new Map<string, Map<string, Signal>>();
  readonly #listeners = new Map<string, Set<(signals: Signal[]) => void>>();
  readonly #onError: (error: unknown) => void;
  #writes = 0;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  api(): Store['signals'] {
    return {
      put: async (scope, key, value, ttlMs) => this.#put(scope, key, value, ttlMs),
      remove: async (scope, key) => this.#remove(scope, key),
      tail: (scope, on) => this.#tail(scope, on),
    };
  }

  #put(scope: string, key: string, value: Value, ttlMs: number): void {
    checkName(scope);
    checkName(key);
    checkValue(value, 'signal');
    const signal: Signal = { scope, key, value, expiresAt: Date.now() + ttlMs };
    const keys = this.#scopes.get(scope) ?? new Map<string, Signal>();
    this.#scopes.set(scope, keys.set(key, signal));
    this.#tell(scope, [signal]);
    this.#writes += 1;
    if (this.#writes % SWEEP_EVERY === 0) this.#sweep();
  }

  #remove(scope: string, key: string): void {
    const keys = this.#scopes.get(scope);
    if (!keys?.delete(key)) return;
    if (keys.size === 0) this.#scopes.delete(scope);
    this.#tell(scope, [{ scope, key, value: null, expiresAt: Date.now() }]);
  }

  #tail(scope: string, on: (signals: Signal[]) => void): Stop {
    const listeners = this.#listeners.get(scope) ?? new Set();
    this.#listeners.set(scope, listeners.add(on));
    const now = Date.now();
    const standing = [...(this.#scopes.get(scope)?.values() ?? [])].filter(({ expiresAt }) => expiresAt > now);
    if (standing.length > 0) setImmediate(() => this.#call(scope, on, standing));
    return async () => {
      listeners.delete(on);
      if (listeners.size === 0) this.#listeners.delete(scope);
    };
  }

  #tell(scope: string, signals: Signal[]): void {
    const listeners = this.#listeners.get(scope);
    if (!listeners) return;
    setImmediate(() => {
      for (const on of [...listeners]) this.#call(scope, on, signals);
    });
  }

  #call(scope: string, on: (signals: Signal[]) => void, signals: Signal[]): void {
    if (!this.#listeners.get(scope)?.has(on)) return;
    try {
      on(signals);
    } catch (error) {
      this.#onError(error);
    }
  }

  #sweep(): void {
    const now = Date.now();
    for (const [scope, keys] of this.#scopes) {
      for (const [key, { expiresAt }] of keys) if (expiresAt <= now) keys.delete(key);
      if (keys.size === 0) this.#scopes.delete(scope);
    }
  }
}
