import type { Stop, TailPosition } from '#server/store/port.ts';

/** Rows read at a time while a tail catches up. */
const CHUNK = 500;

interface Row<T> {
  n: number;
  item: T;
}

interface Reader<T> {
  cursor: number;
  on: (items: T[], position: string) => void;
  busy: boolean;
  stopped: boolean;
}

interface Source<T> {
  /** Rows after a number, from committed data. */
  after: (n: number, limit: number) => Row<T>[];
  /** Number of the last committed row. */
  last: () => number;
  /** Identity of this file: a copy that was restored has another, so that its numbers are not mistaken. */
  incarnation: string;
  onError: (error: unknown) => void;
}

/**
 * The tail of an append-only table. Everybody is told after the commit, in commit order, never within it. Who is behind
 * reads from the file; who is level gets the rows as they were written.
 */
export class Tail<T> {
  readonly #source: Source<T>;
  readonly #readers = new Set<Reader<T>>();
  #fresh: Row<T>[] = [];
  #scheduled = false;

  constructor(source: Source<T>) {
    this.#source = source;
  }

  subscribe(position: TailPosition, on: Reader<T>['on'], onLost: () => void): Stop {
    const last = this.#source.last();
    const known = position === null ? last : this.#parse(position, last);
    const reader: Reader<T> = { cursor: known ?? last, on, busy: false, stopped: false };
    this.#readers.add(reader);
    setImmediate(() => {
      if (reader.stopped) return;
      if (known === null) this.#call(onLost);
      void this.#catchUp(reader);
    });
    return async () => {
      reader.stopped = true;
      this.#readers.delete(reader);
    };
  }

  /** Called after a commit with the rows that it wrote. */
  publish(rows: Row<T>[]): void {
    if (rows.length === 0) return;
    this.#fresh.push(...rows);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#tell());
  }

  stop(): void {
    for (const reader of this.#readers) reader.stopped = true;
    this.#readers.clear();
  }

  #tell(): void {
    this.#scheduled = false;
    const rows = this.#fresh;
    this.#fresh = [];
    const first = rows[0]?.n ?? 0;
    for (const reader of this.#readers) {
      if (reader.busy) continue;
      if (reader.cursor === first - 1) this.#give(reader, rows);
      else void this.#catchUp(reader);
    }
  }

  async #catchUp(reader: Reader<T>): Promise<void> {
    if (reader.busy) return;
    reader.busy = true;
    try {
      while (!reader.stopped) {
        const rows = this.#source.after(reader.cursor, CHUNK);
        if (rows.length === 0) return;
        this.#give(reader, rows);
        await new Promise(setImmediate);
      }
    } catch (error) {
      this.#source.onError(error);
    } finally {
      reader.busy = false;
    }
  }

  #give(reader: Reader<T>, rows: Row<T>[]): void {
    const last = rows.at(-1);
    if (reader.stopped || !last) return;
    reader.cursor = last.n;
    this.#call(() =>
      reader.on(
        rows.map(({ item }) => item),
        `${this.#source.incarnation}:${last.n}`,
      ),
    );
  }

  #call(callback: () => void): void {
    try {
      callback();
    } catch (error) {
      this.#source.onError(error);
    }
  }

  #parse(position: string, last: number): number | null {
    const [incarnation, text] = position.split(':');
    const n = Number(text);
    return incarnation === this.#source.incarnation && Number.isSafeInteger(n) && n >= 0 && n <= last ? n : null;
  }
}
