import { ClientProblem, query } from '#lib/client/api.ts';
import { applyDisputeEvent } from '#lib/client/apply/dispute.ts';
import type { Connection } from '#lib/client/connection.svelte.ts';
import type { Id, Instant } from '#lib/domain/values.ts';
import type { WireEvent } from '#lib/protocol/events.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import type { DisputeSheet } from '#lib/protocol/views/dispute.ts';
import { mergeEvents } from '../timeline/merge.ts';

/** The last that somebody else did to the dispute while one is on it. */
export interface Change {
  by: string;
  at: Instant;
  name: string;
  /** To whom it was entrusted. */
  to: { memberId: Id | null; department: string } | null;
}

/**
 * One dispute on the screen: the sheet as loaded, kept up by the account's internal stream. Commands change nothing here by
 * themselves: their events do, as they do for everybody.
 */
export class DisputeDesk {
  sheet: DisputeSheet = $state.raw() as DisputeSheet;
  /** How often the whole was loaded anew. */
  loads = $state(0);
  /** It may not be seen any more; what is shown is as it was. */
  lost = $state(false);
  change = $state.raw<Change | null>(null);
  /** A reassignment by somebody else, until it was seen. */
  news = $state.raw<Change | null>(null);
  readonly #me: Id;
  readonly #from: () => string | null;
  #connection: Connection | null = null;

  constructor(sheet: DisputeSheet, me: Id, from: () => string | null) {
    this.sheet = sheet;
    this.#me = me;
    this.#from = from;
  }

  /** A sheet that the page loaded; an older one than what is shown says nothing. */
  take(sheet: DisputeSheet): void {
    if (sheet === this.sheet || sheet.dispute.id !== this.sheet.dispute.id || sheet.seq < this.sheet.seq) return;
    this.sheet = sheet;
    this.loads += 1;
  }

  /** Follows the dispute while its screen lives. @returns how to stop */
  listen(connection: Connection): () => void {
    this.#connection = connection;
    const stops = [
      connection.watch(accountStream(this.sheet.dispute.accountId), this.sheet.seq, {
        event: (event) => this.#hear(event),
        refetch: () => this.reload(),
        // the account may have left one's rights while the dispute stays: the dispute itself tells
        lost: () => void this.reload(),
      }),
      ...this.sheet.threads
        .filter(({ stream }) => stream !== accountStream(this.sheet.dispute.accountId))
        .map(({ audience, stream, seq }) =>
          connection.watch(stream, seq, {
            event: (event) => this.#addToTimeline(event),
            refetch: async () => {
              await this.reload();
              return this.sheet.threads.find((thread) => thread.audience === audience)?.seq ?? null;
            },
            lost: () => void this.reload(),
          }),
        ),
      // deadlines come nearer with the day, without an event
      connection.on('day', () => void this.reload()),
      // it may have left one's rights while the account stays
      connection.on('rights', () => void this.reload()),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }

  /** Loads the whole anew. @returns the sequence that it includes; null when it could not be had */
  async reload(): Promise<number | null> {
    try {
      const sheet = await query<DisputeSheet>(`/disputes/${this.sheet.dispute.id}`, { from: this.#from() });
      this.#seen(this.sheet, sheet);
      this.sheet = sheet;
      this.loads += 1;
      this.lost = false;
      return sheet.seq;
    } catch (error) {
      if (error instanceof ClientProblem && error.code === 'not_found') this.lost = true;
      return null;
    }
  }

  /** After an act of one's own: its event brings the change; without a line to the server it is fetched. */
  acted(): void {
    if (this.#connection?.status !== 'connected') void this.reload();
  }

  #hear(event: WireEvent): void | 'refetch' {
    const before = this.sheet;
    const after = applyDisputeEvent(before, event);
    if (after === 'refetch') return 'refetch';
    this.sheet = after;
    if (after.dispute.version > before.dispute.version) this.#note(event);
  }

  /** What was posted for other audiences stands in the timeline too. */
  #addToTimeline(event: WireEvent): void {
    const { timeline, dispute } = this.sheet;
    if (event.data['disputeId'] !== dispute.id || timeline.events.some(({ id }) => id === event.id)) return;
    const events = mergeEvents(timeline.events, [event]);
    this.sheet = { ...this.sheet, timeline: { ...timeline, events } };
  }

  /** Who changed it, where the events did not come one by one. */
  #seen(before: DisputeSheet, after: DisputeSheet): void {
    if (after.dispute.version <= before.dispute.version) return;
    const known = new Set(before.timeline.events.map(({ id }) => id));
    for (const event of [...after.timeline.events].reverse())
      if (!known.has(event.id) && event.name.startsWith('dispute.')) this.#note(event, after);
  }

  #note(event: WireEvent, sheet: DisputeSheet = this.sheet): void {
    const { memberId, department } = sheet.dispute;
    const to = event.name === 'dispute.assigned' ? { memberId, department } : null;
    this.change = { by: event.actor, at: event.at, name: event.name, to };
    if (to !== null && event.actor !== this.#me) this.news = this.change;
  }
}
