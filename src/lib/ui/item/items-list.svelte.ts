import { query } from '#lib/client/api.ts';
import type { Item } from '#lib/domain/item/item.ts';
import type { Id } from '#lib/domain/values.ts';
import type { ItemPage } from '#lib/protocol/views/views.ts';

export const ITEM_STATES = ['open', 'overdue', 'disputed', 'credit', 'settled', 'all'] as const;
export type ItemState = (typeof ITEM_STATES)[number];
export const isItemState = (text: string | null): text is ItemState =>
  text !== null && (ITEM_STATES as readonly string[]).includes(text);

export interface ItemChoice {
  state: ItemState;
  kind: string;
  currency: string;
}

const PAGE = 200;
/** Pages looked through for one item; the server gives no longer ones. */
const SEEK_PAGE = 500;
const SEEK_PAGES = 40;
/** Items that are loaded anew without being asked for: a change shows by itself while the list is short. */
const QUIET_LIMIT = 500;

/** An account's items, page by page as they are scrolled to. */
export class ItemsList {
  items = $state.raw<readonly Item[]>([]);
  count = $state(0);
  loading = $state(false);
  failed = $state(false);
  /** The server has others now; the list waits until it is asked. */
  stale = $state(false);
  choice = $state.raw<ItemChoice>({ state: 'open', kind: '', currency: '' });
  readonly #accountId: Id;
  #next: string | null = null;
  #turn = 0;
  /** What is being loaded. */
  #under: Promise<void> = Promise.resolve();

  constructor(accountId: Id, choice: ItemChoice, first: ItemPage) {
    this.#accountId = accountId;
    this.choice = choice;
    this.#take(first);
  }

  get complete(): boolean {
    return this.#next === null;
  }

  async choose(change: Partial<ItemChoice>): Promise<void> {
    this.choice = { ...this.choice, ...change };
    await this.reload(PAGE);
  }

  /** The next page; nothing while one is under way. */
  async more(limit = PAGE): Promise<void> {
    if (this.loading || this.#next === null) return;
    this.#under = this.#more(limit, this.#next);
    await this.#under;
  }

  async #more(limit: number, after: string): Promise<void> {
    const turn = this.#turn;
    this.loading = true;
    this.failed = false;
    try {
      const page = await this.#page(limit, after);
      if (turn !== this.#turn) return;
      this.items = [...this.items, ...page.items];
      this.#next = page.next;
      this.count = Math.max(page.count, this.items.length);
    } catch {
      if (turn === this.#turn) this.failed = true;
    } finally {
      if (turn === this.#turn) this.loading = false;
    }
  }

  /** Items changed on the server: short lists follow by themselves, in long ones nothing moves under the reader. */
  touched(): void {
    if (this.items.length <= QUIET_LIMIT) void this.reload(Math.max(PAGE, this.items.length));
    else this.stale = true;
  }

  async reload(limit = PAGE): Promise<void> {
    this.#under = this.#reload(limit);
    await this.#under;
  }

  async #reload(limit: number): Promise<void> {
    this.#turn += 1;
    const turn = this.#turn;
    this.loading = true;
    this.failed = false;
    try {
      const page = await this.#page(Math.min(limit, QUIET_LIMIT), null);
      if (turn === this.#turn) this.#take(page);
    } catch {
      if (turn === this.#turn) this.failed = true;
    } finally {
      if (turn === this.#turn) this.loading = false;
    }
  }

  /** Loads as far as the item, among all of the account's where the present choice leaves it out. Answers its place, or null. */
  async seek(id: Id): Promise<number | null> {
    const here = await this.#seekHere(id);
    if (here !== null || this.failed) return here;
    await this.choose({ state: 'all', kind: '', currency: '' });
    return this.#seekHere(id);
  }

  async #seekHere(id: Id): Promise<number | null> {
    for (let page = 0; page < SEEK_PAGES; page += 1) {
      await this.#under;
      const at = this.items.findIndex((item) => item.id === id);
      if (at >= 0) return at;
      if (this.#next === null || this.failed) return null;
      await this.more(SEEK_PAGE);
    }
    return null;
  }

  #take(page: ItemPage): void {
    this.items = page.items;
    this.#next = page.next;
    this.count = page.count;
    this.stale = false;
  }

  #page(limit: number, after: string | null): Promise<ItemPage> {
    return query<ItemPage>(`/accounts/${this.#accountId}/items`, { ...this.choice, limit, after });
  }
}

const STATEMENT_PAGE = 500;
const STATEMENT_PAGES = 40;

/** Every open item, for a statement. @throws ClientProblem */
export async function openItems(accountId: Id): Promise<Item[]> {
  const items: Item[] = [];
  let after: string | null = null;
  for (let page = 0; page < STATEMENT_PAGES; page += 1) {
    const found: ItemPage = await query<ItemPage>(`/accounts/${accountId}/items`, {
      state: 'open',
      limit: STATEMENT_PAGE,
      after,
    });
    items.push(...found.items);
    after = found.next;
    if (after === null) break;
  }
  return items;
}
