import type { QueueRow } from '#lib/domain/queue/queue-row.ts';
import type { Id } from '#lib/domain/values.ts';
import type { QueueList } from './queue-list.svelte.ts';

/** What the cursor needs of the grid. */
export interface GridPlace {
  reach(id: Id): void;
  shownCount(): number;
  toTop(): void;
}

const SHOWN_AT_FIRST = 50;

/** The active row of the queue and the selected ones. */
export class QueueCursor {
  active = $state<Id | null>(null);
  selected = $state.raw<ReadonlySet<Id>>(new Set());
  /** Null before the grid is on the screen, and while the list is empty. */
  grid = $state.raw<GridPlace | null>(null);
  readonly #list: QueueList;
  readonly #me: () => Id;
  #anchor: Id | null = null;
  readonly row = $derived.by<QueueRow | null>(() => this.#list.row(this.active));
  readonly mine = $derived.by(() => this.row !== null && this.row.claimedBy === this.#me());
  /** By somebody else. */
  readonly held = $derived.by(() => this.row !== null && this.row.claimedBy !== 'none' && !this.mine);
  /** The selection; without one, the active row. */
  readonly targets = $derived.by<Id[]>(() => {
    if (this.selected.size > 0) return [...this.selected];
    return this.active === null ? [] : [this.active];
  });

  constructor(list: QueueList, me: () => Id, first: Id | null) {
    this.#list = list;
    this.#me = me;
    this.active = first;
  }

  get shownCount(): number {
    return this.grid?.shownCount() ?? SHOWN_AT_FIRST;
  }

  /** Another list has come: back to its first row. */
  restart(first: Id | null): void {
    this.active = first;
    this.selected = new Set();
    this.#anchor = null;
    this.grid?.toTop();
  }

  move(by: number): void {
    const at = this.#list.indexOf(this.active);
    const to = Math.min(this.#list.count - 1, Math.max(0, at < 0 ? 0 : at + by));
    const id = this.#list.idAt(to);
    if (id !== null) this.#reach(id);
  }

  /** To the row at this place, or the last one. */
  moveTo(place: number): void {
    this.active = this.#list.idAt(Math.min(place, this.#list.count - 1));
    if (this.active !== null) this.#reach(this.active);
  }

  /** After a refresh the active row may be gone. */
  settle(): void {
    if (this.#list.indexOf(this.active) < 0) this.active = this.#list.idAt(0);
  }

  /** Brings the active row back under the keys. @returns false when there is none */
  focus(): boolean {
    if (this.active === null) return false;
    this.grid?.reach(this.active);
    return true;
  }

  /** @param range from the row chosen before to this one */
  select(id: Id, range: boolean): void {
    const next = new Set(this.selected);
    if (range && this.#anchor !== null && this.#list.indexOf(this.#anchor) >= 0)
      for (const one of this.#list.between(this.#list.indexOf(this.#anchor), this.#list.indexOf(id))) next.add(one);
    else if (!next.delete(id)) next.add(id);
    this.#anchor = id;
    this.active = id;
    this.selected = next;
  }

  /** Every shown row, or none when they all are selected. */
  selectShown(): void {
    const shown = this.#list.between(0, this.shownCount - 1);
    this.selected = shown.every((id) => this.selected.has(id)) ? new Set() : new Set(shown);
  }

  clear(): void {
    this.selected = new Set();
  }

  #reach(id: Id): void {
    this.active = id;
    this.grid?.reach(id);
  }
}
