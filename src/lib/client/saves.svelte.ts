import type { Status } from './connection.svelte.ts';

/** What the shell shows: nothing waits, something is being saved, or it cannot be for now. */
export type SyncState = 'live' | 'saving' | 'connecting' | 'offline';

/**
 * Whether what the user did is stored. Commands count from the click to the answer; prose (note, drafts) from the
 * keystroke to its acknowledgement, by source.
 */
export class Saves {
  /** Commands under way. */
  commands = $state(0);
  #prose = $state.raw<ReadonlyMap<string, number>>(new Map());

  /** How many acts wait for the server. */
  get pending(): number {
    let sum = this.commands;
    for (const count of this.#prose.values()) sum += count;
    return sum;
  }

  /** Counts a command until it settles. */
  async track<T>(work: Promise<T>): Promise<T> {
    this.commands += 1;
    try {
      return await work;
    } finally {
      this.commands -= 1;
    }
  }

  /** Prose that is not acknowledged yet. @param source document's name @param count updates that wait; 0 when all are stored */
  waiting(source: string, count: number): void {
    if ((this.#prose.get(source) ?? 0) === count) return;
    const next = new Map(this.#prose);
    if (count === 0) next.delete(source);
    else next.set(source, count);
    this.#prose = next;
  }

  /** @param status of the connection */
  sync(status: Status): { state: SyncState; pending: number } {
    const pending = this.pending;
    if (status !== 'connected') return { state: status, pending };
    return { state: pending > 0 ? 'saving' : 'live', pending };
  }
}

/** The page's own. */
export const saves = new Saves();
