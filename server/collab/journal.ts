import type { Logger } from 'pino';
import type { Id } from '#lib/domain/values.ts';
import type { Connection } from './connection.ts';
import type { Room, Tail } from './room.ts';

/** One update on its way to the store. */
export interface Pending {
  room: Room;
  /** Null for a change of the server's own. */
  connection: Connection | null;
  /** Its number on its connection. */
  n: number;
  author: Id;
  tail: Tail;
  done: (() => void) | null;
}

export interface JournalDeps {
  log: Logger;
  /** Stores updates of one author in one document as one entry; settles after the commit. */
  store: (room: Room, author: Id, tails: readonly Tail[]) => Promise<void>;
  /** Called once these are journalled; all are of one document and one author. */
  stored: (group: readonly Pending[]) => void;
}

/** Updates of this time (ms) share a commit. */
const WINDOW_MS = 12;
/** From one commit to the next while there is always more (ms), so that many share each. */
const PACE_MS = 28;
const RETRY_MS = { first: 100, most: 2_000 } as const;
/** What one entry may hold, so that neither reading nor storing it keeps anybody waiting. */
const ENTRY = { updates: 2_000, bytes: 131_072 } as const;

/**
 * The way of updates to the store's log: those of a window are handed over together, so that they share a commit, and
 * what one author wrote in a row is one entry; what the store could not take stays here, in its order, and is tried
 * again until it can.
 */
export class Journal {
  readonly #deps: JournalDeps;
  #queue: Pending[] = [];
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> | null = null;
  #retryMs = 0;
  #flushedAt = 0;
  /** Bytes that are not journalled yet. */
  waitingBytes = 0;

  constructor(deps: JournalDeps) {
    this.#deps = deps;
  }

  /** True while the last try failed. */
  get failing(): boolean {
    return this.#retryMs > 0;
  }

  add(pending: Pending): void {
    this.#queue.push(pending);
    this.waitingBytes += pending.tail.message.length;
    this.#schedule(WINDOW_MS);
  }

  /** Tries to bring everything home; gives up after `ms`. True when nothing is left. */
  async drain(ms: number): Promise<boolean> {
    const end = Date.now() + ms;
    while (this.#queue.length > 0 || this.#running !== null) {
      if (Date.now() > end) return false;
      if (this.#timer !== null && this.#retryMs === 0) {
        clearTimeout(this.#timer);
        this.#timer = null;
        this.#running ??= this.#flush();
      }
      await (this.#running ?? new Promise((resolve) => setTimeout(resolve, 20)));
    }
    return true;
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #schedule(ms: number): void {
    if (this.#timer !== null || this.#running !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#running = this.#flush();
    }, ms);
  }

  async #flush(): Promise<void> {
    this.#flushedAt = performance.now();
    const groups = grouped(this.#queue);
    this.#queue = [];
    let failure: unknown = null;
    const failed = new Set<Pending[]>();
    await Promise.all(
      groups.map(async (group) => {
        const [first] = group;
        if (first === undefined) return;
        try {
          const tails = group.map(({ tail }) => tail);
          await this.#deps.store(first.room, first.author, tails);
          for (const { message } of tails) this.waitingBytes -= message.length;
          this.#deps.stored(group);
        } catch (error) {
          failure = error;
          failed.add(group);
        }
      }),
    );
    this.#running = null;
    if (failed.size > 0) {
      const again = groups.filter((group) => failed.has(group)).flat();
      if (this.#retryMs === 0)
        this.#deps.log.error({ err: failure, updates: again.length }, 'prose is not being saved');
      this.#retryMs = Math.min(RETRY_MS.most, this.#retryMs === 0 ? RETRY_MS.first : this.#retryMs * 2);
      this.#queue = [...again, ...this.#queue];
    } else if (this.#retryMs > 0) {
      this.#retryMs = 0;
      this.#deps.log.info({}, 'prose is being saved again');
    }
    if (this.#queue.length === 0) return;
    // What came while the store was slow has waited its window already.
    const rest = PACE_MS - (performance.now() - this.#flushedAt);
    this.#schedule(Math.max(this.#retryMs, rest, 0));
  }
}

/**
 * Runs of one author in one document. Only runs: an update may rest on the one before it, whoever wrote that, so a
 * document's entries keep the order in which its updates were accepted.
 */
function grouped(queue: readonly Pending[]): Pending[][] {
  const groups: Pending[][] = [];
  const open = new Map<Room, { author: Id; bytes: number; group: Pending[] }>();
  for (const pending of queue) {
    const { room, author, tail } = pending;
    const { length } = tail.message;
    const run = open.get(room);
    if (run?.author === author && run.bytes + length <= ENTRY.bytes && run.group.length < ENTRY.updates) {
      run.group.push(pending);
      run.bytes += length;
      continue;
    }
    const group = [pending];
    groups.push(group);
    open.set(room, { author, bytes: length, group });
  }
  return groups;
}
