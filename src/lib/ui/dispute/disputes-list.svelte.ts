import type { Dispute } from '#lib/domain/dispute/dispute.ts';
import type { Id } from '#lib/domain/values.ts';
import type { DisputePage } from '#lib/protocol/views/dispute.ts';

export type FetchDisputes = (after: string | null, limit: number) => Promise<DisputePage>;

const PAGE = 50;
const MOST = 200;

/**
 * The disputes that this screen knows, in the order in which they were fetched: nothing moves until the user asks. What
 * changes elsewhere is renewed where it stands; what came or went is counted.
 */
export class DisputesList {
  rows = $state.raw<readonly Dispute[]>([]);
  /** How many the filter finds, capped at 1,000. */
  count = $state(0);
  failed = $state(false);
  loading = $state(false);
  #next = $state.raw<string | null>(null);
  #changed = $state.raw<ReadonlySet<Id>>(new Set());
  #fetch: FetchDisputes;
  #turn = 0;

  constructor(first: DisputePage, fetch: FetchDisputes) {
    this.#fetch = fetch;
    this.#take(first);
  }

  get complete(): boolean {
    return this.#next === null;
  }
  get changes(): number {
    return this.#changed.size;
  }
  indexOf(id: Id | null): number {
    return this.rows.findIndex((row) => row.id === id);
  }

  #take(page: DisputePage): void {
    this.#turn += 1;
    this.rows = page.disputes;
    this.count = page.count;
    this.#next = page.next;
    this.#changed = new Set();
    this.failed = false;
    this.loading = false;
  }
  /** Other filters, another sort. */
  reset(first: DisputePage, fetch: FetchDisputes): void {
    this.#fetch = fetch;
    this.#take(first);
  }

  async more(): Promise<void> {
    if (this.loading || this.#next === null) return;
    const turn = this.#turn;
    this.loading = true;
    this.failed = false;
    try {
      const page = await this.#fetch(this.#next, PAGE);
      if (turn !== this.#turn) return;
      // one that moved down meanwhile may come twice: its first place stays
      this.rows = [...this.rows, ...page.disputes.filter((one) => this.indexOf(one.id) < 0)];
      this.#next = page.next;
    } catch {
      if (turn === this.#turn) this.failed = true;
    } finally {
      if (turn === this.#turn) this.loading = false;
    }
  }

  /**
   * Compares what is shown with the server: changed ones are renewed where they stand, those that came, went or moved are
   * counted. @throws what the fetch throws
   */
  async catchUp(): Promise<void> {
    const turn = this.#turn;
    const page = await this.#fetch(null, Math.min(MOST, Math.max(PAGE, this.rows.length)));
    if (turn !== this.#turn) return;
    const fresh = new Map(page.disputes.map((one) => [one.id, one]));
    const places = new Map(page.disputes.map((one, at) => [one.id, at]));
    const shown = page.next === null ? this.rows.length : Math.min(this.rows.length, page.disputes.length);
    const changed = new Set<Id>();
    for (const one of page.disputes) if (this.indexOf(one.id) < 0) changed.add(one.id);
    const come = changed.size;
    let before = -1;
    for (const row of this.rows.slice(0, Math.max(0, page.next === null ? shown : shown - come))) {
      const place = places.get(row.id);
      if (place === undefined) changed.add(row.id);
      else if (place < before) changed.add(row.id);
      else before = place;
    }
    this.count = page.count;
    this.rows = this.rows.map((row) => {
      const found = fresh.get(row.id);
      return found !== undefined && found.version >= row.version ? found : row;
    });
    this.#changed = changed;
  }

  /** What is shown, anew, in today's order. @throws what the fetch throws */
  async refresh(): Promise<void> {
    this.#take(await this.#fetch(null, Math.min(MOST, Math.max(PAGE, this.rows.length))));
  }
}
