import type { Id, Instant } from '#lib/domain/values.ts';
import type { QueueRow } from '#lib/domain/queue/queue-row.ts';
import type { QueueCounts, QueuePage } from '#lib/protocol/views/views.ts';
import type { Connection } from './connection.svelte.ts';

/** Where the list gets its rows; what it asks for follows the filters in the address. */
export interface QueueSource {
  page(after: string | null, limit: number): Promise<QueuePage>;
  counts(): Promise<QueueCounts>;
  /** One row as it is now; null when it may not be seen any more. */
  row(accountId: Id): Promise<{ row: QueueRow; leaseUntil: Instant | null } | null>;
}

/** They change who is on a case, never where it stands in the list. */
const CLAIM_EVENTS = new Set([
  'case.claimed',
  'case.released',
  'case.handed_over',
  'case.claim_broken',
  'case.claim_expired',
  'call.started',
]);
const PAGE = 50;
const COUNTS_EVERY_MS = 3_000;
const MAX_PENDING = 999;

/**
 * The queue on the screen. Rows never move under the cursor: what others do is shown in place when it concerns who is on
 * a case, and otherwise counted ("12 changes, refresh") until the user asks.
 */
export class QueueList {
  rows = $state.raw<readonly QueueRow[]>([]);
  leases = $state.raw<{ readonly [caseId: Id]: Instant }>({});
  next = $state<string | null>(null);
  counts = $state.raw<QueueCounts | null>(null);
  loading = $state(false);
  /** How many cases others changed since the list was loaded. */
  changes = $state(0);

  readonly #me: Id;
  readonly #pending = new Set<Id>();
  #source: QueueSource;
  #countsDue: ReturnType<typeof setTimeout> | undefined;
  #turn = 0;

  constructor(me: Id, source: QueueSource, first: QueuePage | null = null) {
    this.#me = me;
    this.#source = source;
    if (first !== null) this.show(first);
  }

  /** Listens to hints. @returns a function that stops it */
  start(connection: Connection): () => void {
    const stops = [
      connection.follow('queue'),
      connection.on('queue', (hint) => this.hint(hint)),
      connection.on('rights', () => void this.refresh().catch(() => undefined)),
      connection.on('day', () => void this.refresh().catch(() => undefined)),
      connection.on('notice', ({ data }) => {
        if (typeof data.accountId === 'string') this.#count([data.accountId]);
      }),
    ];
    return () => {
      clearTimeout(this.#countsDue);
      for (const stop of stops) stop();
    };
  }

  /** Another filter or sort: another source, and the first page that came with it. */
  turnTo(source: QueueSource, first: QueuePage): void {
    this.#source = source;
    this.show(first);
    this.#countSoon(0);
  }

  /** Shows a first page as loaded. */
  show(page: QueuePage): void {
    this.#turn += 1;
    this.rows = page.rows;
    this.leases = page.leases;
    this.next = page.next;
    this.#pending.clear();
    this.changes = 0;
  }

  /** Loads the next page at the list's end. */
  async more(): Promise<void> {
    if (this.next === null || this.loading) return;
    const turn = this.#turn;
    this.loading = true;
    try {
      const page = await this.#source.page(this.next, PAGE);
      if (turn !== this.#turn) return;
      // a row that moved between two pages is shown once
      const known = new Set(this.rows.map((row) => row.id));
      this.rows = [...this.rows, ...page.rows.filter((row) => !known.has(row.id))];
      this.leases = { ...this.leases, ...page.leases };
      this.next = page.next;
    } finally {
      this.loading = false;
    }
  }

  /** Loads anew from the top, as many rows as were shown (200 at most): the user asked for it, or rights changed. */
  async refresh(): Promise<void> {
    const turn = (this.#turn += 1);
    this.#countSoon(0);
    this.loading = true;
    try {
      const page = await this.#source.page(null, Math.min(200, Math.max(PAGE, this.rows.length)));
      if (turn === this.#turn) this.show(page);
    } finally {
      this.loading = false;
    }
  }

  /** What the server says of changed rows. */
  hint(hint: { accountIds: Id[]; name: string; actor: string; claimedBy?: string }): void {
    this.#countSoon(COUNTS_EVERY_MS);
    const [accountId] = hint.accountIds;
    if (hint.claimedBy !== undefined && accountId !== undefined) this.#setClaim(accountId, hint.claimedBy);
    if (hint.actor === this.#me) {
      for (const id of hint.accountIds) void this.reload(id).catch(() => undefined);
      return;
    }
    if (!CLAIM_EVENTS.has(hint.name)) this.#count(hint.accountIds);
  }

  /** Brings one row up to date in its place: after one's own act. It leaves only with the next refresh. */
  async reload(accountId: Id): Promise<void> {
    if (!this.rows.some((row) => row.id === accountId)) return;
    const found = await this.#source.row(accountId);
    if (found !== null) this.patch(found.row, found.leaseUntil);
  }

  /** Replaces a row in its place; an older version is left out. */
  patch(row: QueueRow, leaseUntil: Instant | null): void {
    this.rows = this.rows.map((one) => (one.id === row.id && one.version <= row.version ? row : one));
    this.#setLease(row.id, leaseUntil);
    if (this.#pending.delete(row.id)) this.changes = this.#pending.size;
  }

  async loadCounts(): Promise<void> {
    this.counts = await this.#source.counts();
  }

  #setClaim(accountId: Id, claimedBy: string): void {
    if (claimedBy === 'none') this.#setLease(accountId, null);
    if (!this.rows.some((row) => row.id === accountId && row.claimedBy !== claimedBy)) return;
    this.rows = this.rows.map((row) => (row.id === accountId ? { ...row, claimedBy } : row));
  }

  #setLease(accountId: Id, until: Instant | null): void {
    const { [accountId]: _before, ...others } = this.leases;
    this.leases = until === null ? others : { ...others, [accountId]: until };
  }

  #count(accountIds: readonly Id[]): void {
    for (const id of accountIds) if (this.#pending.size < MAX_PENDING) this.#pending.add(id);
    this.changes = this.#pending.size;
  }

  #countSoon(ms: number): void {
    if (ms === 0) clearTimeout(this.#countsDue);
    else if (this.#countsDue !== undefined) return;
    this.#countsDue = setTimeout(() => {
      this.#countsDue = undefined;
      void this.loadCounts().catch(() => undefined);
    }, ms);
  }
}
