import { getContext, setContext } from 'svelte';
import { query } from '#lib/client/api.ts';
import type { Connection } from '#lib/client/connection.svelte.ts';
import type { NotificationPage } from '#lib/protocol/views/inbox.ts';

const UNREAD = Symbol('unread');
const WAIT_MS = 400;

/** How many notifications wait unread, kept up to date on every screen. */
export class Unread {
  count = $state(0);
  #asked = false;

  constructor(count: number) {
    this.count = count;
  }

  /** Counts again, at most once in a while: hints come in bursts. */
  refresh(): void {
    if (this.#asked) return;
    this.#asked = true;
    setTimeout(() => {
      this.#asked = false;
      void this.#ask();
    }, WAIT_MS);
  }

  async #ask(): Promise<void> {
    const page = await query<NotificationPage>('/notifications', { unread: true, limit: 1 }).catch(() => null);
    if (page !== null) this.count = page.unread;
  }

  /** Follows the line to the server; answers how to stop. */
  follow(connection: Connection): () => void {
    const stops = [
      connection.follow('inbox', () => this.refresh()),
      connection.on('inbox', () => this.refresh()),
      connection.on('rights', () => this.refresh()),
    ];
    return () => stops.forEach((stop) => stop());
  }
}

/** The root layout gives it once. */
export function provideUnread(unread: Unread): Unread {
  return setContext(UNREAD, unread);
}

/** The count; null where no layout gave one. */
export function useUnread(): Unread | null {
  return getContext<Unread | undefined>(UNREAD) ?? null;
}
