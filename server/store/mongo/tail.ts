import { Timestamp, type ChangeStreamInsertDocument, type Collection, type Document, type ResumeToken } from 'mongodb';
import type { Stop, TailPosition } from '../port.ts';
import { follow, REOPEN_MS } from './change-stream.ts';

/** The server's words for "this position is not in the oplog any more" or "this is no position". */
const LOST = new Set([260, 280, 286, 40_585, 40_615, 40_647, 50_811]);
/** A commit of our own that the stream has not told within this time means that it is silent (ms). */
const SILENT_MS = 10_000;
const MAX_BATCH = 500;
/** Rows told lately: a change may come before the answer to the commit that made it. */
const MAX_HEARD = 1_000;

interface Source<R extends Document, T> {
  collection: Collection<R>;
  /** Turns rows into what subscribers get, in order. */
  decode: (rows: R[]) => Promise<T[]>;
  /** Operation time of what this process knows to be committed. */
  now: () => Timestamp;
  onError: (error: unknown) => void;
}

type Insert<R extends Document> = ChangeStreamInsertDocument<R>;

/** The instant just after an operation. */
export const after = (time: Timestamp): Timestamp =>
  new Timestamp({ t: time.getHighBitsUnsigned(), i: time.getLowBitsUnsigned() + 1 });

/** The tail of an append-only collection by its change stream: resumed after a cut, begun anew from now when its position is lost. */
export class ChangeTail<R extends Document, T> {
  readonly #source: Source<R, T>;
  readonly #readers = new Set<Reader<R, T>>();

  constructor(source: Source<R, T>) {
    this.#source = source;
  }

  subscribe(position: TailPosition, on: (items: T[], position: string) => void, onLost: () => void): Stop {
    const reader = new Reader(this.#source, position, on, onLost);
    this.#readers.add(reader);
    return async () => {
      this.#readers.delete(reader);
      await reader.stop();
    };
  }

  /** Told of each row that this process committed: who has not heard of it in time reopens its stream. */
  expect(id: string): void {
    for (const reader of this.#readers) reader.expect(id);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#readers].map((reader) => reader.stop()));
    this.#readers.clear();
  }
}

class Reader<R extends Document, T> {
  readonly #source: Source<R, T>;
  readonly #on: (items: T[], position: string) => void;
  readonly #onLost: () => void;
  readonly #sweep: NodeJS.Timeout;
  readonly #expected = new Map<string, number>();
  #token: ResumeToken = null;
  #startAt: Timestamp;
  readonly #heard = new Set<string>();
  /** Closes the stream; null while there is none. What an earlier one has brought is not told any more. */
  #close: (() => Promise<void>) | null = null;
  #stopped = false;
  #pending: Insert<R>[] = [];
  #giving: Promise<void> = Promise.resolve();
  #lostAtFirst = false;

  constructor(
    source: Source<R, T>,
    position: TailPosition,
    on: (items: T[], position: string) => void,
    onLost: () => void,
  ) {
    this.#source = source;
    this.#on = on;
    this.#onLost = onLost;
    this.#startAt = after(source.now());
    if (position !== null) {
      this.#token = tokenOf(position);
      this.#lostAtFirst = this.#token === null;
    }
    this.#sweep = setInterval(() => this.#reopenIfSilent(), SILENT_MS / 2);
    this.#sweep.unref();
    setImmediate(() => {
      if (this.#lostAtFirst && !this.#stopped) this.#call(this.#onLost);
      this.#open();
    });
  }

  expect(id: string): void {
    if (!this.#stopped && !this.#heard.delete(id)) this.#expected.set(id, Date.now());
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#sweep);
    await this.#close?.();
    await this.#giving;
  }

  #open(): void {
    if (this.#stopped) return;
    const from = this.#token === null ? { startAtOperationTime: this.#startAt } : { resumeAfter: this.#token };
    const close = follow(
      this.#source.collection,
      { operationType: 'insert' },
      from,
      (change) => {
        this.#pending.push(change as Insert<R>);
        if (this.#pending.length === 1) setImmediate(() => this.#flush(close));
      },
      (error) => this.#failed(error),
    );
    this.#close = close;
  }

  #failed(error: unknown): void {
    void this.#close?.();
    this.#close = null;
    this.#pending = [];
    if (this.#stopped) return;
    const code = (error as { code?: unknown }).code;
    if (typeof code === 'number' && LOST.has(code)) {
      this.#token = null;
      this.#startAt = after(this.#source.now());
      this.#call(this.#onLost);
    } else this.#source.onError(error);
    // Not before what is being told has been: the next stream goes on from there.
    setTimeout(() => void this.#giving.then(() => this.#open()), REOPEN_MS).unref();
  }

  #flush(stream: () => Promise<void>): void {
    while (this.#close === stream && this.#pending.length > 0) {
      const batch = this.#pending.splice(0, MAX_BATCH);
      this.#giving = this.#giving.then(() => this.#give(batch, stream));
    }
  }

  async #give(batch: Insert<R>[], stream: () => Promise<void>): Promise<void> {
    const last = batch.at(-1);
    if (this.#stopped || this.#close !== stream || last === undefined) return;
    try {
      const items = await this.#source.decode(batch.map(({ fullDocument }) => fullDocument));
      if (this.#stopped || this.#close !== stream) return;
      for (const { fullDocument } of batch) this.#hear(String(fullDocument._id));
      this.#token = last._id;
      this.#call(() => this.#on(items, positionOf(last._id)));
    } catch (error) {
      // Read again from the last position that was told.
      this.#failed(error);
    }
  }

  #hear(id: string): void {
    if (this.#expected.delete(id)) return;
    this.#heard.add(id);
    if (this.#heard.size > MAX_HEARD) this.#heard.delete(this.#heard.values().next().value as string);
  }

  #reopenIfSilent(): void {
    // In the order in which they were committed.
    const [oldest] = this.#expected.values();
    if (oldest === undefined || Date.now() - oldest < SILENT_MS) return;
    this.#expected.clear();
    this.#failed(new Error('the change stream was silent'));
  }

  #call(callback: () => void): void {
    try {
      callback();
    } catch (error) {
      this.#source.onError(error);
    }
  }
}

const positionOf = (token: ResumeToken): string => JSON.stringify(token);

function tokenOf(position: string): ResumeToken {
  try {
    const token = JSON.parse(position) as { _data?: unknown } | null;
    return typeof token?._data === 'string' ? token : null;
  } catch {
    return null;
  }
}
