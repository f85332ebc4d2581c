import { ClientProblem, command, query } from '#lib/client/api.ts';
import { applyAccountEvent, touchesItems } from '#lib/client/apply/account.ts';
import type { Connection } from '#lib/client/connection.svelte.ts';
import type { Id, Instant } from '#lib/domain/values.ts';
import type { ErrorCode, ErrorDetails } from '#lib/protocol/errors.ts';
import type { WireEvent } from '#lib/protocol/events.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import type { AccountSheet } from '#lib/protocol/views/views.ts';

/** What somebody else did to the account while one is on it, to be said in a banner. */
export interface News {
  kind: 'reassigned' | 'claim_lost' | 'claim_broken' | 'claim_expired';
  /** Who did it. */
  by: string;
  /** The new owner or holder; null for nobody. */
  to: Id | null;
  at: Instant;
}

export interface DeskVoice {
  refused(code: ErrorCode | 'network', details: ErrorDetails): void;
}

/**
 * One account on the screen: the sheet as loaded, kept up by its stream. Commands change nothing here by themselves: their
 * events do, as they do for everybody.
 */
export class AccountDesk {
  sheet: AccountSheet = $state.raw() as AccountSheet;
  /** How often the whole was loaded anew since the page came. */
  loads = $state(0);
  /** How often items changed. */
  touches = $state(0);
  /** The account may not be seen any more; what is shown is as it was. */
  lost = $state(false);
  news = $state.raw<News | null>(null);
  /** The command under way. */
  busy = $state<string | null>(null);
  readonly #me: Id;
  readonly #voice: DeskVoice;
  #connection: Connection | null = null;

  constructor(sheet: AccountSheet, me: Id, voice: DeskVoice) {
    this.sheet = sheet;
    this.#me = me;
    this.#voice = voice;
  }

  /** A sheet that the page loaded; an older one than what is shown says nothing. */
  take(sheet: AccountSheet): void {
    if (sheet === this.sheet || sheet.account.id !== this.sheet.account.id || sheet.seq <= this.sheet.seq) return;
    this.sheet = sheet;
    this.loads += 1;
    this.touches += 1;
  }

  /** Follows the account while its screen lives. @returns how to stop */
  listen(connection: Connection): () => void {
    this.#connection = connection;
    const stops = [
      connection.watch(accountStream(this.sheet.account.id), this.sheet.seq, {
        event: (event) => this.#hear(event),
        refetch: () => this.reload(),
        lost: () => (this.lost = true),
      }),
      // figures age with the day, without an event
      connection.on('day', () => void this.reload()),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }

  /** Loads the whole anew. @returns the sequence that it includes; null when it could not be had */
  async reload(): Promise<number | null> {
    try {
      const sheet = await query<AccountSheet>(`/accounts/${this.sheet.account.id}`);
      this.sheet = sheet;
      this.loads += 1;
      this.touches += 1;
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

  claim(): Promise<boolean> {
    return this.#act('claim', () => command('POST', `/cases/${this.sheet.account.id}/claim`));
  }
  release(): Promise<boolean> {
    return this.#act('release', () => command('POST', `/cases/${this.sheet.account.id}/release`));
  }
  startCall(contactId: Id | null): Promise<boolean> {
    return this.#act('call', () => command('POST', `/accounts/${this.sheet.account.id}/calls`, { contactId }));
  }

  async #act(name: string, work: () => Promise<unknown>): Promise<boolean> {
    if (this.busy !== null) return false;
    this.busy = name;
    try {
      await work();
      this.acted();
      return true;
    } catch (error) {
      if (!(error instanceof ClientProblem)) throw error;
      this.#voice.refused(error.code, error.details);
      return false;
    } finally {
      this.busy = null;
    }
  }

  #hear(event: WireEvent): void | 'refetch' {
    const before = this.sheet;
    const after = applyAccountEvent(before, event);
    if (after === 'refetch') return 'refetch';
    this.sheet = after;
    if (after !== before) this.#notice(before, event);
    if (touchesItems(event)) this.touches += 1;
  }

  #notice(before: AccountSheet, event: WireEvent): void {
    if (event.actor === this.#me) return;
    const mine = before.case.claimedBy === this.#me;
    const { name, at, actor: by, data } = event;
    const id = (value: unknown): Id | null => (typeof value === 'string' ? value : null);
    if (name === 'account.reassigned') this.news = { kind: 'reassigned', by, to: id(data.to), at };
    else if (name === 'case.claim_broken' && mine) this.news = { kind: 'claim_broken', by, to: null, at };
    else if (name === 'case.claim_expired' && mine) this.news = { kind: 'claim_expired', by, to: null, at };
    else if ((name === 'case.claimed' || name === 'case.handed_over') && mine)
      this.news = { kind: 'claim_lost', by, to: this.sheet.case.claimedBy, at };
  }
}
