import type { Dispute } from '#lib/domain/dispute/dispute.ts';
import type { Id } from '#lib/domain/values.ts';
import type { DisputeBoard } from '#lib/protocol/views/dispute.ts';

/** The board as fetched: figures of the columns follow by themselves, cards stay where they are until the user asks. */
export class DisputesBoard {
  board = $state.raw() as DisputeBoard;
  #changed = $state.raw<ReadonlySet<Id>>(new Set());
  #fetch: () => Promise<DisputeBoard>;
  #turn = 0;

  constructor(first: DisputeBoard, fetch: () => Promise<DisputeBoard>) {
    this.board = first;
    this.#fetch = fetch;
  }

  get changes(): number {
    return this.#changed.size;
  }
  reset(first: DisputeBoard, fetch: () => Promise<DisputeBoard>): void {
    this.#fetch = fetch;
    this.#take(first);
  }
  #take(board: DisputeBoard): void {
    this.#turn += 1;
    this.board = board;
    this.#changed = new Set();
  }

  /** @throws what the fetch throws */
  async catchUp(): Promise<void> {
    const turn = this.#turn;
    const fresh = await this.#fetch();
    if (turn !== this.#turn) return;
    const columns = new Map(fresh.columns.map((column) => [column.key, column]));
    const known = new Map<Id, Dispute>();
    for (const column of fresh.columns) for (const one of column.disputes) known.set(one.id, one);
    const changed = new Set<Id>();
    for (const column of fresh.columns) {
      const before = this.board.columns.find(({ key }) => key === column.key)?.disputes ?? [];
      for (const one of column.disputes) if (!before.some(({ id }) => id === one.id)) changed.add(one.id);
      const there = new Set(column.disputes.map(({ id }) => id));
      for (const { id } of before) if (!there.has(id)) changed.add(id);
    }
    this.board = {
      ...this.board,
      columns: this.board.columns.map((column) => {
        const { count, amounts } = columns.get(column.key) ?? { count: 0, amounts: [] };
        const disputes = column.disputes.map((one) => {
          const found = known.get(one.id);
          return found !== undefined && found.version >= one.version ? found : one;
        });
        return { ...column, count, amounts, disputes };
      }),
    };
    this.#changed = changed;
  }

  /** @throws what the fetch throws */
  async refresh(): Promise<void> {
    this.#take(await this.#fetch());
  }
}
