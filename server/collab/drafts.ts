import { COLLAB_LIMITS } from '#lib/protocol/collab.ts';
import type { Vector } from './known.ts';
import type { DraftEntry, Parts } from './read-update.ts';

/** Entries that one document may ever have: the deleted ones leave a trace of some bytes each. */
const MOST_EVER = 20_000;
/** Entries that one update may bring: more than a client has begun while it was away. */
const MOST_AT_ONCE = 200;
/** Entries that one member may bring to one document within an hour: nobody uses up what is there for all, for ever. */
const MOST_AN_HOUR = 400;
const HOUR_MS = 3_600_000;
/** Drafts beyond the clients' own bound: several who begin one at once know nothing of each other. */
const TOGETHER = 14;

/**
 * What the map of a thread's drafts holds, known without building anything of it. An update names its map only where a
 * draft begins; what stands beside an entry lies in the map too, so nothing ever may.
 */
export class Drafts {
  readonly #entries = new Map<number, Map<number, DraftEntry>>();
  readonly #live = new Map<string, number>();
  #size = 0;

  /** Why an update whose dependencies are all there cannot be taken; null when it can. */
  refusal({ drafts, beside }: Parts, vector: Vector): 'misplaced' | 'too_many' | null {
    const fresh = drafts.filter(({ client, clock }) => clock >= (vector.get(client) ?? 0));
    if (fresh.length > MOST_AT_ONCE) return 'too_many';
    for (let i = 0; i < beside.length; i += 2) {
      const client = beside[i] ?? 0;
      const clock = beside[i + 1] ?? 0;
      if (this.#entries.get(client)?.has(clock)) return 'misplaced';
      if (fresh.some((entry) => entry.client === client && entry.clock === clock)) return 'misplaced';
    }
    const begun = new Set(fresh.filter(({ live }) => live).map(({ id }) => id));
    for (const id of begun) if (this.#live.has(id)) begun.delete(id);
    if (begun.size > 0 && this.#live.size + begun.size > COLLAB_LIMITS.drafts + TOGETHER) return 'too_many';
    return this.#size + fresh.length > MOST_EVER ? 'too_many' : null;
  }

  /** Takes in what an accepted update says; `vector` as it was before. */
  take({ drafts, deletes }: Parts, vector: Vector): void {
    for (const entry of drafts) if (entry.clock >= (vector.get(entry.client) ?? 0)) this.add(entry);
    for (let i = 0; i < deletes.length; i += 3) this.#delete(deletes[i] ?? 0, deletes[i + 1] ?? 0, deletes[i + 2] ?? 0);
  }

  add(entry: DraftEntry): void {
    let of = this.#entries.get(entry.client);
    if (of === undefined) this.#entries.set(entry.client, (of = new Map()));
    if (of.has(entry.clock)) return;
    of.set(entry.clock, { ...entry });
    this.#size += 1;
    if (entry.live) this.#live.set(entry.id, (this.#live.get(entry.id) ?? 0) + 1);
  }

  #delete(client: number, from: number, length: number): void {
    const of = this.#entries.get(client);
    if (of === undefined) return;
    for (const entry of of.values()) {
      if (!entry.live || entry.clock < from || entry.clock >= from + length) continue;
      entry.live = false;
      const left = (this.#live.get(entry.id) ?? 1) - 1;
      if (left > 0) this.#live.set(entry.id, left);
      else this.#live.delete(entry.id);
    }
  }
}

/** How many drafts each member begins in each document, by this process's clock. */
export class DraftRate {
  readonly #begun = new Map<string, { count: number; until: number }>();

  /** Counts what an update begins; false when it is too much. @param now any clock that goes on, ms */
  take(key: string, { drafts }: Parts, vector: Vector, now: number): boolean {
    const fresh = drafts.filter(({ client, clock }) => clock >= (vector.get(client) ?? 0)).length;
    if (fresh === 0) return true;
    const known = this.#begun.get(key);
    const running = known !== undefined && known.until > now ? known : { count: 0, until: now + HOUR_MS };
    if (running.count + fresh > MOST_AN_HOUR) return false;
    this.#begun.set(key, { ...running, count: running.count + fresh });
    return true;
  }

  /** Forgets the hours that are over. */
  sweep(now: number): void {
    for (const [key, { until }] of this.#begun) if (until <= now) this.#begun.delete(key);
  }
}
