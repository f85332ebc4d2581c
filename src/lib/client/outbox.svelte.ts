import type { Id } from '#lib/domain/values.ts';
import { ClientProblem, command, newKey } from './api.ts';
import { browserOutbox, memoryOutbox, type OutboxEntry, type OutboxStore } from './outbox-store.ts';

/** What came of a command: the server's answer, or that it waits to be sent. */
export type Sent<T> = { sent: true; answer: T } | { sent: false };

export interface OutboxOptions {
  /** The version that the user saw: sent as If-Match. */
  version?: number | null;
  /** The user's act, made here otherwise. */
  key?: string;
}

export interface OutboxDeps {
  store: OutboxStore;
  /** Sends one entry; throws ClientProblem. */
  send: (entry: OutboxEntry) => Promise<unknown>;
  /** False when there is no use in trying at once. */
  isOnline: () => boolean;
  /** Runs the work in one tab at a time; does nothing while another tab runs it. */
  alone: (work: () => Promise<void>) => Promise<void>;
  /** Tells the other tabs that the entries changed. */
  announce: () => void;
}

/** Refusals that time heals: the text is still on its way, too much at once, the database rests. */
const PASSING = new Set(['network', 'draft_behind', 'too_many_requests', 'store_unavailable', 'unauthenticated']);
/** Of those, what is no use after so many answers. */
const MOST_TRIES: { [code: string]: number } = { draft_behind: 6 };
const AGAIN_MS = 15_000;
/** A server that is silent for longer is none: in a tunnel a request may hang for minutes. */
const ANSWER_MS = 30_000;

/**
 * Commands that must not be lost: kept in this browser before they are sent, sent in the order of the acts once there
 * is a network, each under its own key so that it is done once. What the server refuses stays, with its reason, until
 * the user has seen it.
 */
export class Outbox {
  /** All of this member's: waiting and refused. */
  entries = $state.raw<readonly OutboxEntry[]>([]);
  readonly #deps: OutboxDeps;
  readonly #underWay = new Set<string>();
  #memberId: Id | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(deps: OutboxDeps) {
    this.#deps = deps;
  }

  get waiting(): number {
    return this.entries.filter((entry) => entry.state === 'waiting').length;
  }
  get refused(): number {
    return this.entries.length - this.waiting;
  }

  /** Begins with what this member left unsent. */
  async start(memberId: Id): Promise<void> {
    this.#memberId = memberId;
    await this.reload();
    void this.flush();
  }

  stop(): void {
    this.#memberId = null;
    this.entries = [];
    clearTimeout(this.#timer);
  }

  /** Reads the entries anew: another tab changed them. */
  async reload(): Promise<void> {
    if (this.#memberId !== null) this.entries = await this.#deps.store.all(this.#memberId);
  }

  /**
   * Sends a command now, or keeps it until it can be sent.
   *
   * @param what what it is in words, for the list of what was not sent yet
   * @throws ClientProblem when the server refuses it now: nothing is kept then, the caller says why
   */
  async send<T>(
    what: OutboxEntry['what'],
    method: OutboxEntry['method'],
    path: string,
    body: unknown,
    { version = null, key = newKey() }: OutboxOptions = {},
  ): Promise<Sent<T>> {
    if (this.#memberId === null) throw new Error('nobody is signed in');
    const entry: OutboxEntry = {
      key,
      memberId: this.#memberId,
      // a clock that stands or goes back must not turn the order round
      at: Math.max(Date.now(), (this.entries.at(-1)?.at ?? 0) + 1),
      method,
      path,
      body,
      version,
      what,
      state: 'waiting',
      refusal: null,
      tries: 0,
    };
    await this.#put(entry);
    if (!this.#deps.isOnline()) {
      this.#again();
      return { sent: false };
    }
    // what was said before goes before
    if (this.entries.some((one) => one.state === 'waiting' && one.at < entry.at)) {
      void this.flush();
      return { sent: false };
    }
    this.#underWay.add(key);
    try {
      const answer = (await this.#deps.send(entry)) as T;
      await this.#remove(key);
      return { sent: true, answer };
    } catch (error) {
      if (error instanceof ClientProblem && PASSING.has(error.code)) {
        this.#again();
        return { sent: false };
      }
      await this.#remove(key);
      throw error;
    } finally {
      this.#underWay.delete(key);
    }
  }

  /** Sends what waits, in order, until one finds no server; whether there is one shows only when it is asked. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#memberId === null) return;
    try {
      await this.#deps.alone(async () => {
        await this.reload();
        for (const entry of this.entries) {
          if (entry.state !== 'waiting' || this.#underWay.has(entry.key)) continue;
          if (!(await this.#try(entry))) return;
        }
      });
    } finally {
      this.#again();
    }
  }

  /** Sends a refused one again, as it is. */
  async retry(key: string): Promise<void> {
    const entry = this.entries.find((one) => one.key === key);
    if (entry === undefined) return;
    await this.#put({ ...entry, state: 'waiting', refusal: null, tries: 0 });
    await this.flush();
  }

  /** Gives one up: the user's own decision. */
  async discard(key: string): Promise<void> {
    await this.#remove(key);
  }

  /** @returns false when there is no use in going on */
  async #try(entry: OutboxEntry): Promise<boolean> {
    this.#underWay.add(entry.key);
    try {
      await this.#deps.send(entry);
      await this.#remove(entry.key);
      return true;
    } catch (error) {
      if (!(error instanceof ClientProblem)) throw error;
      const most = MOST_TRIES[error.code] ?? Infinity;
      const tries = most === Infinity ? entry.tries : entry.tries + 1;
      const passing = PASSING.has(error.code) && tries < most;
      const refusal = { code: error.code, details: error.details };
      await this.#put({ ...entry, tries, ...(passing ? {} : { state: 'refused' as const, refusal }) });
      return !passing;
    } finally {
      this.#underWay.delete(entry.key);
    }
  }

  #again(): void {
    clearTimeout(this.#timer);
    if (this.#memberId !== null && this.waiting > 0) this.#timer = setTimeout(() => void this.flush(), AGAIN_MS);
  }

  async #put(entry: OutboxEntry): Promise<void> {
    await this.#deps.store.put(entry);
    const others = this.entries.filter((one) => one.key !== entry.key);
    this.entries = [...others, entry].sort((a, b) => a.at - b.at);
    this.#deps.announce();
  }

  async #remove(key: string): Promise<void> {
    await this.#deps.store.remove(key);
    this.entries = this.entries.filter((one) => one.key !== key);
    this.#deps.announce();
  }
}

const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('encours:outbox');

/** The page's own; the root layout starts it. */
export const outbox = new Outbox({
  store: typeof indexedDB === 'undefined' ? memoryOutbox() : browserOutbox(),
  send: ({ method, path, body, version, key, memberId }) =>
    command(method, path, body, { version, key, memberId, signal: AbortSignal.timeout(ANSWER_MS) }),
  isOnline: () => navigator.onLine,
  alone: async (work) => {
    if (typeof navigator.locks === 'undefined') return work();
    await navigator.locks.request('encours:outbox', { ifAvailable: true }, async (lock) => {
      if (lock !== null) await work();
    });
  },
  announce: () => channel?.postMessage('changed'),
});
if (channel !== null) channel.onmessage = () => void outbox.reload();
