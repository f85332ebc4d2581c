import { query } from '#lib/client/api.ts';
import type { Id } from '#lib/domain/values.ts';
import type { WireEvent } from '#lib/protocol/events.ts';
import type { TimelinePage } from '#lib/protocol/views/views.ts';
import { kindOf, namesOf, type TimelineFilter } from './filters.ts';
import { mergeEvents } from './merge.ts';

const PAGE = 50;
const SEEK_PAGE = 200;
/** A permalink is looked for through at most this many pages. */
const SEEK_PAGES = 100;

/**
 * The events that the screen shows: the newest come with the sheet and by themselves, the older ones page by page, each
 * once.
 */
export class TimelineList {
  filter = $state<TimelineFilter>('all');
  loading = $state(false);
  failed = $state(false);
  readonly #accountId: Id;
  readonly #disputeId: Id | null;
  readonly #first: () => TimelinePage;
  #fetched = $state.raw<readonly WireEvent[]>([]);
  /** Cursor after what was fetched; undefined: nothing was fetched yet, the first page's holds. */
  #next = $state.raw<string | null | undefined>(undefined);
  #turn = 0;

  /** @param first the newest page as the sheet has it now */
  constructor(accountId: Id, first: () => TimelinePage, disputeId: Id | null = null) {
    this.#accountId = accountId;
    this.#disputeId = disputeId;
    this.#first = first;
  }

  readonly events: readonly WireEvent[] = $derived.by(() => {
    const wanted = this.filter;
    const all = mergeEvents(this.#fetched, this.#first().events);
    return wanted === 'all' ? all : all.filter((event) => kindOf(event.name) === wanted);
  });

  get hasOlder(): boolean {
    return this.#cursor !== null;
  }
  get #cursor(): string | null {
    if (this.#next !== undefined) return this.#next;
    // a filter reads from the top: how far the first page reaches says nothing of its own events
    return this.filter === 'all' ? this.#first().next : '';
  }

  async choose(filter: TimelineFilter): Promise<void> {
    if (this.filter === filter) return;
    this.#turn += 1;
    this.filter = filter;
    this.#fetched = [];
    this.#next = undefined;
    this.loading = false;
    if (filter !== 'all') await this.older();
  }

  /** The sheet was loaded anew: there may be a hole between its newest events and what was fetched before. */
  reset(): void {
    this.#turn += 1;
    this.#fetched = [];
    this.#next = undefined;
    this.loading = false;
    if (this.filter !== 'all') void this.older();
  }

  async older(limit = PAGE): Promise<void> {
    const cursor = this.#cursor;
    if (cursor === null || this.loading) return;
    const turn = this.#turn;
    this.loading = true;
    this.failed = false;
    try {
      const names = namesOf(this.filter);
      const page = await query<TimelinePage>(`/accounts/${this.#accountId}/timeline`, {
        before: cursor,
        limit,
        names: names?.join(','),
        disputeId: this.#disputeId,
      });
      if (turn !== this.#turn) return;
      this.#fetched = [...this.#fetched, ...page.events];
      this.#next = page.next;
    } catch {
      if (turn === this.#turn) this.failed = true;
    } finally {
      if (turn === this.#turn) this.loading = false;
    }
  }

  /** Loads back to an event. @returns whether it was found */
  async seek(eventId: Id): Promise<boolean> {
    if (this.filter !== 'all') await this.choose('all');
    for (let page = 0; page < SEEK_PAGES; page += 1) {
      if (this.events.some((event) => event.id === eventId)) return true;
      if (!this.hasOlder || this.failed) return false;
      await this.older(SEEK_PAGE);
    }
    return false;
  }
}
