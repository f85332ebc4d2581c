import { Cron } from 'croner';
import type { Instant } from '#lib/domain/values.ts';
import type { App } from '../../app.ts';
import { inBackground } from '../../services/background.ts';
import { holdJob } from '../../services/job-lease.ts';
import { workspaces } from '../../store/kinds/installation.ts';
import type { Stop, StoredEvent } from '../../store/port.ts';
import { deliverDue } from './deliver.ts';
import { catchUpStreams, enqueueEvents } from './enqueue.ts';

export interface WebhookJob {
  /** Ends what is being sent; it is sent again when the process comes back. */
  stop(): void;
}

const LEASE_MS = 60_000;
const RENEW_MS = 20_000;
/** More than this waiting in memory: the tail is left and taken up again from what was written down. */
const MAX_WAITING = 5_000;

interface Reached {
  position: string | null;
  /** Of the last event that was looked at; for the streams, when the position is lost. */
  at: Instant;
}

/**
 * Follows the journal for the webhooks of the whole installation, in one process at a time (a lease in the store): what
 * a webhook may hear is written down before it is sent, and how far the journal was read is written down after that.
 */
export function startWebhooks(app: App): WebhookJob {
  const follower = new Follower(app);
  const cron = new Cron('*/5 * * * * *', { protect: true, unref: true }, () => follower.turn());
  void follower.turn();
  return {
    stop() {
      cron.stop();
      follower.stop();
    },
  };
}

class Follower {
  readonly #app: App;
  readonly #ending = new AbortController();
  #stopTail: Stop | null = null;
  #batches: { events: StoredEvent[]; position: string }[] = [];
  #waiting = 0;
  #lostSince: Instant | null = null;
  #reached: Reached | null = null;
  #heldUntil = 0;
  #running: Promise<void> | null = null;
  #again = false;

  constructor(app: App) {
    this.#app = app;
  }

  /** One round at a time; asked for meanwhile, another follows. */
  turn(): Promise<void> {
    if (this.#running !== null) {
      this.#again = true;
      return this.#running;
    }
    this.#again = false;
    const running = inBackground(this.#app, 'webhooks', (stopping) => this.#round(stopping)).finally(() => {
      this.#running = null;
      if (this.#again && !this.#ending.signal.aborted) void this.turn();
    });
    this.#running = running;
    return running;
  }

  stop(): void {
    this.#ending.abort();
    this.#leave();
  }

  async #round(stopping: () => boolean): Promise<void> {
    const over = (): boolean => stopping() || this.#ending.signal.aborted;
    if (over() || !(await this.#hold())) return;
    if (this.#stopTail === null && !over()) this.#follow();
    await this.#take(over);
    // Side by side: no workspace waits for the receivers of another.
    const rounds: Promise<boolean>[] = [];
    for await (const { id } of this.#app.store.installation.docs(workspaces).each({}))
      rounds.push(
        deliverDue(this.#app, id, this.#ending.signal).catch((error: unknown) => {
          this.#app.log.warn({ err: error, workspaceId: id }, 'webhooks of a workspace could not be sent');
          return false;
        }),
      );
    if ((await Promise.all(rounds)).includes(true)) this.#again = true;
  }

  /** Keeps the lease; whoever loses it leaves the tail to whoever has it. */
  async #hold(): Promise<boolean> {
    const now = this.#app.clock.ms();
    if (this.#stopTail !== null && now < this.#heldUntil - LEASE_MS + RENEW_MS) return true;
    const last = await holdJob(this.#app, 'installation', 'webhooks', LEASE_MS, this.#written());
    if (last === null) {
      this.#leave();
      return false;
    }
    this.#heldUntil = now + LEASE_MS;
    this.#reached ??= last === '' ? { position: null, at: this.#app.clock.now() } : (JSON.parse(last) as Reached);
    return true;
  }

  #written(): string | undefined {
    return this.#reached === null ? undefined : JSON.stringify(this.#reached);
  }

  #follow(): void {
    this.#stopTail = this.#app.store.tail.journal(
      this.#reached?.position ?? null,
      (events, position) => {
        this.#batches.push({ events, position });
        this.#waiting += events.length;
        if (this.#waiting > MAX_WAITING) this.#pauseTail();
        void this.turn();
      },
      () => {
        this.#lostSince = this.#reached?.at ?? this.#app.clock.now();
        void this.turn();
      },
    );
  }

  #pauseTail(): void {
    const stop = this.#stopTail;
    this.#stopTail = null;
    void stop?.();
  }

  #leave(): void {
    this.#pauseTail();
    this.#batches = [];
    this.#waiting = 0;
    this.#reached = null;
  }

  async #take(over: () => boolean): Promise<void> {
    if (this.#lostSince !== null) {
      const since = this.#lostSince;
      await catchUpStreams(this.#app, since, over);
      if (over()) return;
      this.#lostSince = null;
    }
    for (let batch = this.#batches[0]; batch !== undefined && !over(); batch = this.#batches[0]) {
      const made = await enqueueEvents(this.#app, batch.events);
      // The lease may have gone to another process meanwhile, and with it the batches.
      if (this.#batches[0] !== batch) return;
      this.#batches.shift();
      this.#waiting -= batch.events.length;
      this.#reached = { position: batch.position, at: batch.events.at(-1)?.at ?? this.#app.clock.now() };
      if (made === 0) continue;
      if ((await holdJob(this.#app, 'installation', 'webhooks', LEASE_MS, this.#written())) === null) this.#leave();
    }
  }
}
