import type { Socket } from 'socket.io-client';
import type { Audience } from '#lib/domain/thread/audience.ts';
import type { Day, Id, Instant } from '#lib/domain/values.ts';
import type { WireEvent } from '#lib/protocol/events.ts';
import type { Ack, ClientToServer, Mode, PresenceEntry, ServerToClient, Topic } from '#lib/protocol/realtime.ts';
import { PROTOCOL_VERSION } from '#lib/protocol/version.ts';
import { StreamWatch, type CaughtUp, type StreamListener } from './stream-watch.ts';

export type Status = 'connected' | 'connecting' | 'offline';

/** Where this tab's user is. */
export interface Place {
  accountId: Id;
  /** The dispute on the screen; left out on the account's own. */
  disputeId?: Id | null;
  mode: Mode;
  field: string | null;
  /** For whom one writes; left out when viewing. */
  audience?: Audience | null;
}

type Pushed = Omit<ServerToClient, 'hello' | 'event' | 'bye'>;
type Handlers = { [N in keyof Pushed]: Set<Pushed[N]> };
type AppSocket = Socket<ServerToClient, ClientToServer>;

export interface ConnectionOptions {
  /** Server's address; the page's own when left out. */
  url?: string;
  /** Outside a browser: the cookie and the origin. */
  headers?: Record<string, string>;
  /** For whom the page was loaded: a line of somebody else's is none. */
  memberId?: Id;
  /** Whether the session still holds; asked after the server refused a connection. Null: no answer. */
  isSignedIn?: () => Promise<boolean | null>;
}

const ANSWER_MS = 10_000;
/** The server forgets a place after 25 s; its pings come every 10 s, also to a tab whose timers sleep. */
const RENEW_PLACE_MS = 15_000;
const OFFLINE_AFTER_MS = 3_000;

const askSession = async (): Promise<boolean | null> => {
  try {
    const { status } = await fetch('/api/v1/me', { headers: { accept: 'application/json' } });
    return status === 401 ? false : status < 500 ? true : null;
  } catch {
    return null;
  }
};

/**
 * The tab's one line to the server. What is watched, followed and shown as presence is kept here and asked for again
 * after every cut and whenever rights change; streams catch up from the last sequence seen.
 */
export class Connection {
  status = $state<Status>('connecting');
  /** The business day as the server last told it. */
  today = $state<Day | null>(null);
  /** The server speaks another version: the page must be loaded anew. */
  outdated = $state(false);
  /** The session ended: only signing in helps. */
  signedOut = $state(false);
  /** The end of the lease that presence renewed last. */
  lease = $state.raw<{ accountId: Id; until: Instant } | null>(null);
  /** Server's clock less this one's, ms: countdowns must not trust the local clock. */
  clockSkew = $state(0);

  readonly #watches = new Set<StreamWatch>();
  readonly #topics = new Map<Topic, number>();
  readonly #followed = new Map<() => void, Topic>();
  readonly #handlers: Handlers = {
    queue: new Set(),
    disputes: new Set(),
    inbox: new Set(),
    presence: new Set(),
    rights: new Set(),
    notice: new Set(),
    team: new Set(),
    progress: new Set(),
    day: new Set(),
  };
  #options: ConnectionOptions = {};
  #socket: AppSocket | null = null;
  #place: Place | null = null;
  #placeToldAt = 0;
  #greeted = false;
  #starting = false;
  #stopped = true;
  #comeBack: ReturnType<typeof setTimeout> | undefined;
  #offlineSoon: ReturnType<typeof setTimeout> | undefined;

  /** Connects; the Socket.IO client is loaded only now. Safe to call again. */
  async start(options: ConnectionOptions = {}): Promise<void> {
    if (this.#socket !== null || this.#starting) return;
    this.#starting = true;
    this.#stopped = false;
    this.signedOut = false;
    this.#options = options;
    try {
      const { io } = await import('socket.io-client');
      if (!this.#stopped) this.#open(io);
    } finally {
      this.#starting = false;
    }
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#comeBack);
    clearTimeout(this.#offlineSoon);
    if (typeof window !== 'undefined') window.removeEventListener('online', this.#retryNow);
    this.#socket?.disconnect();
    this.#socket = null;
    this.#greeted = false;
    this.status = 'offline';
  }

  /**
   * Follows a stream from the sequence that the screen includes.
   * @returns a function that stops it
   */
  watch(stream: string, since: number, listener: StreamListener): () => void {
    const watch = new StreamWatch(stream, since, listener, () => void this.#askWatch(watch));
    this.#watches.add(watch);
    if (this.#greeted) watch.catchUp();
    return () => {
      watch.end();
      if (!this.#watches.delete(watch)) return;
      if (this.#greeted && ![...this.#watches].some((other) => other.stream === stream))
        void this.#ask('unwatch', { streams: [stream] });
    };
  }

  /**
   * Follows lists; counted, so that two screens may follow the same.
   *
   * @param onFollowed called once the server tells of the topic, and again after every cut: what changed before was not told
   * @returns a function that stops it
   */
  follow(topic: Topic, onFollowed?: () => void): () => void {
    const count = this.#topics.get(topic) ?? 0;
    this.#topics.set(topic, count + 1);
    const caughtUp = onFollowed === undefined ? null : () => onFollowed();
    if (caughtUp !== null) this.#followed.set(caughtUp, topic);
    if (this.#greeted && (count === 0 || caughtUp !== null)) void this.#askFollow([topic]);
    let done = false;
    return () => {
      if (done) return;
      done = true;
      if (caughtUp !== null) this.#followed.delete(caughtUp);
      const left = (this.#topics.get(topic) ?? 1) - 1;
      if (left > 0) this.#topics.set(topic, left);
      else {
        this.#topics.delete(topic);
        if (this.#greeted) void this.#ask('unfollow', { topics: [topic] });
      }
    };
  }

  /** Listens to what the server pushes apart from streams. @returns a function that stops it */
  on<N extends keyof Pushed>(name: N, handler: Pushed[N]): () => void {
    const handlers: Set<Pushed[N]> = this.#handlers[name];
    handlers.add(handler);
    return () => void handlers.delete(handler);
  }

  /** Says where the user is; null: nowhere. Kept up and said again after a cut. */
  show(place: Place | null): void {
    const before = this.#place;
    if (before === place) return;
    if (before !== null && place !== null && samePlace(before, place)) return;
    this.#place = place;
    if (place === null || place.accountId !== this.lease?.accountId) this.lease = null;
    if (this.#greeted) void this.#tellPlace();
  }

  #open(io: typeof import('socket.io-client').io): void {
    const { url, headers } = this.#options;
    const options = {
      path: '/socket.io/',
      transports: ['websocket'],
      forceNew: true,
      reconnectionDelay: 500,
      reconnectionDelayMax: 10_000,
      randomizationFactor: 0.5,
      ...(headers === undefined ? {} : { extraHeaders: headers }),
    };
    const socket: AppSocket = url === undefined ? io(options) : io(url, options);
    this.#socket = socket;
    this.#setConnecting();
    socket.on('hello', (message) => this.#greet(message));
    socket.on('event', (event) => this.#hear(event));
    socket.on('rights', (message) => this.#rights(message));
    socket.on('bye', ({ pauseMs }) => this.#leaveFor(pauseMs));
    socket.on('presence', (message) => this.#pass('presence', message));
    socket.on('queue', (message) => this.#pass('queue', message));
    socket.on('disputes', (message) => this.#pass('disputes', message));
    socket.on('inbox', (message) => this.#pass('inbox', message));
    socket.on('notice', (message) => this.#pass('notice', message));
    socket.on('team', (message) => this.#pass('team', message));
    socket.on('progress', (message) => this.#pass('progress', message));
    socket.on('day', (message) => {
      this.today = message.today;
      this.#pass('day', message);
    });
    socket.on('disconnect', (reason) => this.#cut(reason));
    socket.on('connect_error', () => void this.#refused());
    socket.io.on('ping', () => this.#renewPlace());
    if (typeof window !== 'undefined') window.addEventListener('online', this.#retryNow);
  }

  #greet(message: Parameters<ServerToClient['hello']>[0]): void {
    if (message.protocol !== PROTOCOL_VERSION) {
      this.outdated = true;
      this.stop();
      return;
    }
    if (this.#options.memberId !== undefined && this.#options.memberId !== message.memberId) {
      this.#endSession();
      return;
    }
    clearTimeout(this.#offlineSoon);
    this.#greeted = true;
    this.status = 'connected';
    this.clockSkew = Date.parse(message.now) - Date.now();
    const dayChanged = this.today !== null && this.today !== message.today;
    this.today = message.today;
    if (dayChanged) this.#pass('day', { today: message.today });
    this.#askAgain();
  }

  /** Everything that is open, anew: after a cut, and when rights changed. */
  #askAgain(): void {
    for (const watch of this.#watches) watch.catchUp();
    const topics = [...this.#topics.keys()];
    if (topics.length > 0) void this.#askFollow(topics);
    if (this.#place !== null) void this.#tellPlace();
  }

  #hear(event: WireEvent): void {
    for (const watch of this.#watches) if (watch.stream === event.stream) watch.hear(event);
  }

  #rights(message: { reason: string }): void {
    if (message.reason === 'signed_out') {
      this.#endSession();
      return;
    }
    this.#askAgain();
    this.#pass('rights', message);
  }

  #endSession(): void {
    this.signedOut = true;
    this.stop();
    this.#pass('rights', { reason: 'signed_out' });
  }

  #leaveFor(pauseMs: number): void {
    this.#socket?.disconnect();
    this.#retryIn(pauseMs);
  }

  #cut(reason: string): void {
    this.#greeted = false;
    this.lease = null;
    if (this.#stopped) return;
    this.#setConnecting();
    // Socket.IO comes back by itself unless one of the two sides meant to close
    if (reason === 'io server disconnect') {
      void this.#checkSession();
      this.#retryIn(500 + Math.random() * 2_000);
    }
  }

  async #refused(): Promise<void> {
    if (this.#stopped) return;
    this.status = 'offline';
    await this.#checkSession();
  }

  async #checkSession(): Promise<void> {
    const isSignedIn = await (this.#options.isSignedIn ?? askSession)();
    if (isSignedIn === false && !this.#stopped && !this.#greeted) this.#endSession();
  }

  readonly #retryNow = (): void => {
    if (this.#socket === null || this.#socket.connected) return;
    // while Socket.IO waits for its next try, asking it to connect does nothing
    this.#socket.disconnect();
    this.#retryIn(0);
  };

  #retryIn(ms: number): void {
    clearTimeout(this.#comeBack);
    this.#comeBack = setTimeout(() => {
      if (!this.#stopped && this.#socket?.connected === false) this.#socket.connect();
    }, ms);
  }

  #setConnecting(): void {
    this.status = 'connecting';
    clearTimeout(this.#offlineSoon);
    this.#offlineSoon = setTimeout(() => {
      if (!this.#greeted) this.status = 'offline';
    }, OFFLINE_AFTER_MS);
  }

  #pass<N extends keyof Pushed>(name: N, message: Parameters<Pushed[N]>[0]): void {
    for (const handler of this.#handlers[name] as Set<(message: Parameters<Pushed[N]>[0]) => void>) handler(message);
  }

  async #askWatch(watch: StreamWatch): Promise<void> {
    const message = { streams: [{ stream: watch.stream, since: watch.seq }] };
    const answer = await this.#ask<CaughtUp[]>('watch', message);
    if (answer === null || !this.#watches.has(watch)) return;
    if (answer.ok) {
      const [caught] = answer.value;
      if (caught !== undefined) await watch.caughtUp(caught);
    } else if (answer.code === 'not_found') {
      this.#watches.delete(watch);
      watch.fail(answer.code);
    } else setTimeout(() => this.#greeted && this.#watches.has(watch) && watch.catchUp(), 500 + Math.random() * 1_500);
  }

  async #askFollow(topics: Topic[]): Promise<void> {
    const answer = await this.#ask<{ presence: PresenceEntry[] }>('follow', { topics });
    if (answer?.ok !== true) return;
    const byAccount = new Map<Id, PresenceEntry[]>();
    for (const entry of answer.value.presence) {
      const entries = byAccount.get(entry.accountId) ?? [];
      byAccount.set(entry.accountId, [...entries, entry]);
    }
    for (const [accountId, entries] of byAccount) this.#pass('presence', { accountId, entries });
    for (const [caughtUp, topic] of this.#followed) if (topics.includes(topic)) caughtUp();
  }

  #renewPlace(): void {
    if (this.#place !== null && this.#greeted && performance.now() - this.#placeToldAt > RENEW_PLACE_MS)
      void this.#tellPlace();
  }

  async #tellPlace(): Promise<void> {
    const place = this.#place;
    this.#placeToldAt = performance.now();
    const answer = await this.#ask<{ leaseUntil: Instant | null; entries: PresenceEntry[] }>('presence', place);
    if (answer?.ok !== true || place === null || this.#place?.accountId !== place.accountId) return;
    const { leaseUntil, entries } = answer.value;
    this.lease = leaseUntil === null ? null : { accountId: place.accountId, until: leaseUntil };
    this.#pass('presence', { accountId: place.accountId, entries });
  }

  /** Null when the line was cut before an answer came: everything is asked again on return. */
  #ask<T>(name: keyof ClientToServer, message: unknown): Promise<Ack<T> | null> {
    const socket = this.#socket;
    if (socket === null || !this.#greeted) return Promise.resolve(null);
    return new Promise((resolve) => {
      const emit = socket.timeout(ANSWER_MS).emit.bind(socket.timeout(ANSWER_MS)) as (
        name: string,
        message: unknown,
        answer: (error: Error | null, answer: Ack<T>) => void,
      ) => void;
      emit(name, message, (error, answer) => resolve(error === null ? answer : null));
    });
  }
}

function samePlace(a: Place, b: Place): boolean {
  return (
    a.accountId === b.accountId &&
    (a.disputeId ?? null) === (b.disputeId ?? null) &&
    a.mode === b.mode &&
    a.field === b.field &&
    (a.audience ?? null) === (b.audience ?? null)
  );
}

/** The page's own line; started by the root layout once somebody is signed in. */
export const connection = new Connection();
