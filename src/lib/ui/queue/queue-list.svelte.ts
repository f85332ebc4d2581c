import type { QueueRow } from '#lib/domain/queue/queue-row.ts';
import type { Id, Instant } from '#lib/domain/values.ts';
import type { QueuePage } from '#lib/protocol/views/views.ts';

/** Rows fetched together. One that lies far away is forgotten and fetched anew by its cursor when it is scrolled to. */
interface Segment {
  /** Cursor of the page before; null for the first. */
  after: string | null;
  ids: readonly Id[];
  /** Null: forgotten. */
  rows: readonly QueueRow[] | null;
}

export type FetchPage = (after: string | null, limit: number) => Promise<QueuePage>;

const PAGE = 100;
/** Rows kept on each side of what is shown. */
const NEAR = 600;
/** Ask for the next page when fewer rows than this are left below. */
const AHEAD = 60;

/**
 * The rows of the queue that this screen knows, in the order in which they were fetched: nothing moves until the user asks. What
 * changes elsewhere is patched in place and counted.
 */
export class QueueList {
  #segments = $state.raw<readonly Segment[]>([]);
  #leases = $state.raw<Readonly<Record<Id, Instant>>>({});
  #changed = $state.raw<ReadonlySet<Id>>(new Set());
  #next: string | null = $state(null);
  #fetch: FetchPage;
  #loading = false;
  /** A page could not be fetched; the next scroll tries again. */
  failed = $state(false);
  #generation = 0;

  constructor(first: QueuePage, fetch: FetchPage) {
    this.#fetch = fetch;
    this.#take(first);
  }

  readonly count = $derived.by(() => this.#segments.reduce((sum, segment) => sum + segment.ids.length, 0));
  readonly #position = $derived.by(() => {
    const places = new Map<Id, number>();
    let index = 0;
    for (const segment of this.#segments) for (const id of segment.ids) places.set(id, index++);
    return places;
  });
  /** Whether there are more rows on the server. */
  get more(): boolean {
    return this.#next !== null;
  }
  /** How many accounts have changed elsewhere in a way that may move them. */
  get changes(): number {
    return this.#changed.size;
  }

  #take(page: QueuePage): void {
    this.#segments = [{ after: null, ids: page.rows.map((row) => row.id), rows: page.rows }];
    this.#leases = page.leases;
    this.#next = page.next;
    this.#changed = new Set();
    this.failed = false;
    this.#generation += 1;
  }

  /** Starts over with another first page: other filters, another sort. */
  reset(first: QueuePage, fetch: FetchPage): void {
    this.#fetch = fetch;
    this.#take(first);
  }

  /** The row at this place; null while it is forgotten or not known. */
  at(index: number): QueueRow | null {
    let start = 0;
    for (const segment of this.#segments) {
      if (index < start + segment.ids.length) return segment.rows?.[index - start] ?? null;
      start += segment.ids.length;
    }
    return null;
  }
  idAt(index: number): Id | null {
    let start = 0;
    for (const segment of this.#segments) {
      if (index < start + segment.ids.length) return segment.ids[index - start] ?? null;
      start += segment.ids.length;
    }
    return null;
  }
  /** Place of a row; -1 when it is not in the list. */
  indexOf(id: Id | null): number {
    return id === null ? -1 : (this.#position.get(id) ?? -1);
  }
  row(id: Id | null): QueueRow | null {
    const index = this.indexOf(id);
    return index < 0 ? null : this.at(index);
  }
  leaseOf(id: Id): Instant | null {
    return this.#leases[id] ?? null;
  }

  /** Ids between two places, both included. */
  between(a: number, b: number): Id[] {
    const ids: Id[] = [];
    for (let index = Math.min(a, b); index <= Math.max(a, b); index += 1) {
      const id = this.idAt(index);
      if (id !== null) ids.push(id);
    }
    return ids;
  }

  /** What is shown: fetches what is missing there and near the end, forgets what lies far away. */
  async show(from: number, to: number): Promise<void> {
    this.#forget(from - NEAR, to + NEAR);
    if (this.#loading) return;
    const missing = this.#missing(from, to);
    if (missing === null && !(this.#next !== null && to + AHEAD >= this.count)) return;
    this.#loading = true;
    const generation = this.#generation;
    try {
      const after = missing === null ? this.#next : missing.after;
      const page = await this.#fetch(after, missing === null ? PAGE : Math.min(200, missing.ids.length));
      if (generation !== this.#generation) return;
      this.failed = false;
      this.#leases = { ...this.#leases, ...page.leases };
      if (missing === null) this.#append(after, page);
      else this.#refill(missing, page);
    } catch {
      this.failed = true;
    } finally {
      this.#loading = false;
    }
  }

  #append(after: string | null, page: QueuePage): void {
    // a row that moved down meanwhile may come twice: the first place stays
    const rows = page.rows.filter((row) => !this.#position.has(row.id));
    this.#next = page.next;
    if (rows.length > 0) this.#segments = [...this.#segments, { after, ids: rows.map((row) => row.id), rows }];
  }

  #refill(segment: Segment, page: QueuePage): void {
    const fresh = new Map(page.rows.map((row) => [row.id, row]));
    const rows = segment.ids.flatMap((id) => fresh.get(id) ?? []);
    const filled = { after: segment.after, ids: rows.map((row) => row.id), rows };
    this.#segments = this.#segments.map((one) => (one === segment ? filled : one)).filter((one) => one.ids.length > 0);
  }

  #missing(from: number, to: number): Segment | null {
    let start = 0;
    for (const segment of this.#segments) {
      const end = start + segment.ids.length;
      if (segment.rows === null && end > from && start < to) return segment;
      start = end;
    }
    return null;
  }

  #forget(from: number, to: number): void {
    let start = 0;
    let any = false;
    const kept = this.#segments.map((segment) => {
      const end = start + segment.ids.length;
      const far = (end <= from || start >= to) && segment.rows !== null;
      start = end;
      if (!far) return segment;
      any = true;
      return { ...segment, rows: null };
    });
    if (any) this.#segments = kept;
  }

  /** New contents of a row, where it stands. */
  patch(row: QueueRow, lease?: Instant | null): void {
    this.#segments = this.#segments.map((segment) => {
      const index = segment.rows === null ? -1 : segment.ids.indexOf(row.id);
      if (index < 0 || segment.rows === null) return segment;
      const rows = [...segment.rows];
      rows[index] = row;
      return { ...segment, rows };
    });
    if (lease !== undefined) this.setLease(row.id, lease);
  }
  /** Some fields of a row, where it stands. */
  change(id: Id, fields: Partial<QueueRow>): void {
    const row = this.row(id);
    if (row !== null) this.patch({ ...row, ...fields });
  }
  setLease(id: Id, until: Instant | null): void {
    const rest = { ...this.#leases };
    if (until === null) delete rest[id];
    else rest[id] = until;
    this.#leases = rest;
  }

  /** Takes a row out: one's own act, the row below moves up to the cursor. */
  remove(id: Id): void {
    this.#segments = this.#segments
      .map((segment) => {
        const index = segment.ids.indexOf(id);
        if (index < 0) return segment;
        return {
          ...segment,
          ids: segment.ids.toSpliced(index, 1),
          rows: segment.rows?.toSpliced(index, 1) ?? null,
        };
      })
      .filter((segment) => segment.ids.length > 0);
    this.#seen(id);
  }

  /** Accounts that changed elsewhere and may stand at another place now, or be new, or gone. */
  note(ids: readonly Id[]): void {
    if (ids.length > 0) this.#changed = new Set([...this.#changed, ...ids]);
  }
  #seen(id: Id): void {
    if (!this.#changed.has(id)) return;
    const rest = new Set(this.#changed);
    rest.delete(id);
    this.#changed = rest;
  }

  /**
   * Compares the first rows with the server's: changed ones are renewed where they stand, those that came or went are
   * counted as changes.
   *
   * @param isBusy rows that an act of one's own is about to change
   * @throws what the fetch throws
   */
  async catchUp(isBusy: (id: Id) => boolean): Promise<void> {
    const generation = this.#generation;
    const page = await this.#fetch(null, Math.min(200, Math.max(50, this.count)));
    if (generation !== this.#generation) return;
    const there = new Set(page.rows.map((row) => row.id));
    const come = page.rows.filter((row) => this.indexOf(row.id) < 0).map((row) => row.id);
    const rest = page.next === null ? this.count : Math.min(this.count, page.rows.length - come.length);
    const gone = rest > 0 ? this.between(0, rest - 1).filter((id) => !there.has(id)) : [];
    for (const row of page.rows) {
      const before = this.row(row.id);
      if (before === null || isBusy(row.id) || before.version > row.version) continue;
      if (before.version < row.version || before.claimedBy !== row.claimedBy)
        this.patch(row, page.leases[row.id] ?? null);
    }
    this.note([...come, ...gone]);
  }

  /** Everything that is shown down to this place, fetched anew in today's order. @throws what the fetch throws */
  async refresh(shown: number): Promise<void> {
    const page = await this.#fetch(null, Math.min(200, Math.max(50, shown)));
    this.#take(page);
  }
}
