import type { CaseAnswer, CaseRead } from '#lib/protocol/views/answers.ts';
import { ClientProblem, command, query } from '#lib/client/api.ts';
import type { Connection } from '#lib/client/connection.svelte.ts';
import type { QueueRow } from '#lib/domain/queue/queue-row.ts';
import type { Id } from '#lib/domain/values.ts';
import type { View } from '#lib/protocol/commands/queries.ts';
import type { ErrorCode, ErrorDetails } from '#lib/protocol/errors.ts';
import type { ServerToClient } from '#lib/protocol/realtime.ts';
import type { QueueCounts } from '#lib/protocol/views/views.ts';
import type { QueueList } from './queue-list.svelte.ts';

type Hint = Parameters<ServerToClient['queue']>[0];

/** What the desk tells the screen, which has the words. */
export interface DeskVoice {
  claimed(row: QueueRow): void;
  released(row: QueueRow): void;
  /** Somebody else was faster, or holds it. */
  lost(row: QueueRow, details: ErrorDetails): void;
  refused(code: ErrorCode | 'network', details: ErrorDetails): void;
  /** Somebody else took a case that is on the screen. */
  takenElsewhere(row: QueueRow, by: Id): void;
  nextTaken(id: Id): void;
}

/** They change who is on a case, never where it stands in the list. */
const CLAIM_EVENTS = new Set([
  'case.claimed',
  'case.released',
  'case.handed_over',
  'case.claim_broken',
  'case.claim_expired',
  'call.started',
]);
const COUNTS_EVERY_MS = 2_000;
const RELOAD_AFTER_MS = 250;
const RELOAD_AT_ONCE = 20;

/** What one does in the queue: acts show at once and are taken back when the server refuses; what others do shows where it stands. */
export class QueueDesk {
  readonly list: QueueList;
  counts = $state.raw<QueueCounts | null>(null);
  /** Acts under way, by account. */
  busy = $state.raw<ReadonlySet<Id>>(new Set());
  taking = $state(false);
  readonly #me: Id;
  readonly #voice: DeskVoice;
  #filters: () => Record<string, string>;
  #countsDue: ReturnType<typeof setTimeout> | undefined;
  #reloadDue: ReturnType<typeof setTimeout> | undefined;
  readonly #stale = new Set<Id>();

  /** @param filters the view and the filters of the address, for the counts */
  constructor(list: QueueList, me: Id, filters: () => Record<string, string>, voice: DeskVoice) {
    this.list = list;
    this.#me = me;
    this.#filters = filters;
    this.#voice = voice;
  }

  /** Listens while the screen lives. @returns how to stop it */
  listen(connection: Connection): () => void {
    const stops = [
      connection.follow('queue', () => void this.catchUp()),
      connection.on('queue', (hint) => this.hear(hint)),
      connection.on('rights', () => void this.refresh()),
      connection.on('day', () => void this.refresh()),
    ];
    void this.loadCounts();
    return () => {
      clearTimeout(this.#countsDue);
      clearTimeout(this.#reloadDue);
      for (const stop of stops) stop();
    };
  }

  /** What the server says of changed rows. */
  hear(hint: Hint): void {
    this.#countSoon(COUNTS_EVERY_MS);
    const mine = hint.actor === this.#me;
    if (CLAIM_EVENTS.has(hint.name)) {
      for (const id of hint.accountIds) this.#claimHeard(id, hint.claimedBy, mine);
      return;
    }
    if (!mine) this.list.note(hint.accountIds);
    this.#reloadSoon(hint.accountIds);
  }

  #claimHeard(id: Id, claimedBy: string | undefined, mine: boolean): void {
    const row = this.list.row(id);
    if (row === null || this.busy.has(id)) return;
    if (claimedBy === undefined) {
      this.#reloadSoon([id]);
      return;
    }
    if (row.claimedBy === claimedBy) return;
    this.list.change(id, { claimedBy });
    if (claimedBy === 'none') this.list.setLease(id, null);
    else {
      this.#reloadSoon([id]);
      if (!mine && claimedBy !== this.#me) this.#voice.takenElsewhere(row, claimedBy);
    }
  }

  #reloadSoon(ids: readonly Id[]): void {
    for (const id of ids) if (this.list.indexOf(id) >= 0) this.#stale.add(id);
    if (this.#stale.size === 0) return;
    clearTimeout(this.#reloadDue);
    this.#reloadDue = setTimeout(() => {
      const some = [...this.#stale].slice(0, RELOAD_AT_ONCE);
      this.#stale.clear();
      for (const id of some) void this.reload(id);
    }, RELOAD_AFTER_MS);
  }

  /** Brings one row up to date where it stands. */
  async reload(id: Id): Promise<void> {
    try {
      const found = await query<CaseRead>(`/cases/${id}`);
      const before = this.list.row(id);
      if (before !== null && before.version <= found.row.version && !this.busy.has(id))
        this.list.patch(found.row, found.leaseUntil);
    } catch {
      // out of one's scope now, or the line is cut: the next refresh tells
    }
  }

  /** What nobody told: between the page and its line to the server, or during a cut. */
  async catchUp(): Promise<void> {
    try {
      await this.list.catchUp((id) => this.busy.has(id));
    } catch {
      // the line is cut again: its return asks anew
    }
  }

  async refresh(shown = 50): Promise<void> {
    try {
      await this.list.refresh(shown);
      await this.loadCounts();
    } catch (error) {
      this.#refuse(error);
    }
  }

  async loadCounts(): Promise<void> {
    clearTimeout(this.#countsDue);
    this.#countsDue = undefined;
    try {
      this.counts = await query<QueueCounts>('/queue/counts', this.#filters());
    } catch {
      // the tabs go without figures
    }
  }
  #countSoon(ms: number): void {
    this.#countsDue ??= setTimeout(() => void this.loadCounts(), ms);
  }

  /** Takes a case: shown at once, taken back with the winner's name when somebody was faster. */
  async claim(id: Id): Promise<void> {
    const row = this.list.row(id);
    if (row === null || row.claimedBy === this.#me || this.busy.has(id)) return;
    if (row.claimedBy !== 'none') {
      this.#voice.lost(row, { holderId: row.claimedBy });
      return;
    }
    this.list.change(id, { claimedBy: this.#me });
    await this.#act(id, async () => {
      try {
        const answer = await command<CaseAnswer>('POST', `/cases/${id}/claim`);
        this.list.setLease(id, answer.until);
        this.#voice.claimed(row);
      } catch (error) {
        if (error instanceof ClientProblem && error.code === 'already_claimed') {
          this.list.change(id, { claimedBy: error.details.holderId ?? 'none' });
          this.#voice.lost(row, error.details);
          return;
        }
        this.list.change(id, { claimedBy: row.claimedBy });
        throw error;
      }
    });
  }

  async release(id: Id): Promise<void> {
    const row = this.list.row(id);
    if (row === null || row.claimedBy !== this.#me || this.busy.has(id)) return;
    const lease = this.list.leaseOf(id);
    this.list.change(id, { claimedBy: 'none' });
    this.list.setLease(id, null);
    await this.#act(id, async () => {
      try {
        await command<CaseAnswer>('POST', `/cases/${id}/release`);
        this.#voice.released(row);
      } catch (error) {
        this.list.change(id, { claimedBy: this.#me });
        this.list.setLease(id, lease);
        throw error;
      }
    });
  }

  /** The best free case, whoever else takes one at the same moment. */
  async takeNext(view: View): Promise<void> {
    if (this.taking) return;
    this.taking = true;
    try {
      const answer = await command<CaseAnswer>('POST', '/queue/next', { view });
      this.list.change(answer.id, { claimedBy: this.#me });
      this.list.setLease(answer.id, answer.until);
      this.#voice.nextTaken(answer.id);
    } catch (error) {
      this.#refuse(error);
    } finally {
      this.taking = false;
    }
  }

  /** After an act of one's own that may take the row out of this list (done, postponed). */
  leave(id: Id, staysInView: boolean): void {
    if (staysInView) void this.reload(id);
    else this.list.remove(id);
    this.#countSoon(0);
  }

  async #act(id: Id, work: () => Promise<void>): Promise<void> {
    this.busy = new Set([...this.busy, id]);
    try {
      await work();
    } catch (error) {
      this.#refuse(error);
    } finally {
      const rest = new Set(this.busy);
      rest.delete(id);
      this.busy = rest;
    }
  }

  #refuse(error: unknown): void {
    if (error instanceof ClientProblem) this.#voice.refused(error.code, error.details);
    else throw error;
  }
}
