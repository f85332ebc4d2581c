import { SvelteMap } from 'svelte/reactivity';
import type { Id } from '#lib/domain/values.ts';
import type { PresenceEntry } from '#lib/protocol/realtime.ts';
import { connection as pageConnection, type Connection } from './connection.svelte.ts';

/** Who is where, as far as this user may know. */
export class PresenceMap {
  readonly #byAccount = new SvelteMap<Id, readonly PresenceEntry[]>();
  readonly #connection: Connection;
  #stop: (() => void) | null = null;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Begins to listen; safe to call again. @returns a function that stops it */
  start(): () => void {
    if (this.#stop === null) {
      const stops = [
        this.#connection.on('presence', ({ accountId, entries }) => this.#set(accountId, entries)),
        // what one may see is another now: the server says anew what it still is
        this.#connection.on('rights', () => this.#byAccount.clear()),
      ];
      this.#stop = () => {
        for (const stop of stops) stop();
        this.#byAccount.clear();
        this.#stop = null;
      };
    }
    return () => this.#stop?.();
  }

  /** Everybody on an account, oneself included. Nobody while the line is cut: what was true then may not be now. */
  on(accountId: Id): readonly PresenceEntry[] {
    return this.#connection.status === 'connected' ? (this.#byAccount.get(accountId) ?? NOBODY) : NOBODY;
  }

  /** The others. */
  others(accountId: Id, me: Id): readonly PresenceEntry[] {
    return this.on(accountId).filter((entry) => entry.memberId !== me);
  }

  #set(accountId: Id, entries: readonly PresenceEntry[]): void {
    if (entries.length === 0) this.#byAccount.delete(accountId);
    else this.#byAccount.set(accountId, entries);
  }
}

const NOBODY: readonly PresenceEntry[] = [];

/** The page's own; the root layout starts it. */
export const presence = new PresenceMap(pageConnection);
