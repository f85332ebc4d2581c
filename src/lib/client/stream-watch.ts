import type { WireEvent } from '#lib/protocol/events.ts';

/** What a screen does with the events of a stream. */
export interface StreamListener {
  /** Applies the next event; answers `refetch` when it cannot. */
  event(event: WireEvent): void | 'refetch';
  /** Loads the whole anew and answers the sequence that it includes; null when that failed for now. */
  refetch(): Promise<number | null>;
  /** The stream may not be read any more. */
  lost?(): void;
}

/** What the server answers to `watch`, for one stream. */
export interface CaughtUp {
  seq: number;
  events: WireEvent[];
  refetch: boolean;
}

/**
 * The order of one stream for one screen: each event once and in order, whatever the wire does. A duplicate is dropped,
 * an event that came early waits, a hole asks for what is missing.
 */
export class StreamWatch {
  readonly stream: string;
  /** Last sequence that the screen includes. */
  seq: number;
  readonly #listener: StreamListener;
  readonly #ask: () => void;
  #held = new Map<number, WireEvent>();
  #busy = false;
  #ended = false;

  /** @param ask sends `watch` for this stream from `seq` on, and later calls `caughtUp` or `fail` */
  constructor(stream: string, since: number, listener: StreamListener, ask: () => void) {
    this.stream = stream;
    this.seq = since;
    this.#listener = listener;
    this.#ask = ask;
  }

  /** True while an answer or a refetch is awaited: what comes meanwhile waits. */
  get busy(): boolean {
    return this.#busy;
  }

  end(): void {
    this.#ended = true;
    this.#held.clear();
  }

  /** Asks for what is missing; every (re)connection begins with it. */
  catchUp(): void {
    if (this.#ended) return;
    this.#busy = true;
    this.#ask();
  }

  hear(event: WireEvent): void {
    if (this.#ended || event.seq <= this.seq) return;
    this.#held.set(event.seq, event);
    if (!this.#busy) this.#drain();
  }

  async caughtUp(answer: CaughtUp): Promise<void> {
    if (this.#ended) return;
    if (answer.refetch) {
      await this.#reload();
      return;
    }
    for (const event of answer.events) if (event.seq > this.seq) this.#held.set(event.seq, event);
    this.#busy = false;
    this.#drain();
  }

  /** The server refused: `not_found` is final, anything else is tried again by whoever asked. */
  fail(code: string): void {
    if (code !== 'not_found' || this.#ended) return;
    this.end();
    this.#listener.lost?.();
  }

  #drain(): void {
    for (let next = this.#held.get(this.seq + 1); next !== undefined; next = this.#held.get(this.seq + 1)) {
      this.#held.delete(next.seq);
      if (this.#listener.event(next) === 'refetch') {
        void this.#reload();
        return;
      }
      this.seq = next.seq;
    }
    for (const seq of this.#held.keys()) if (seq <= this.seq) this.#held.delete(seq);
    if (this.#held.size > 0) this.catchUp();
  }

  async #reload(): Promise<void> {
    this.#busy = true;
    const seq = await this.#listener.refetch().catch(() => null);
    if (this.#ended) return;
    this.#busy = false;
    if (seq === null) return;
    // a restored server may stand behind what was seen
    this.seq = seq;
    this.#drain();
  }
}
