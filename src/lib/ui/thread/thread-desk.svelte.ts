import { ClientProblem, command, query } from '#lib/client/api.ts';
import { fold, recordsOf } from '#lib/client/apply/account.ts';
import type { Connection } from '#lib/client/connection.svelte.ts';
import type { Attachment } from '#lib/domain/attachment/attachment.ts';
import type { Audience } from '#lib/domain/thread/audience.ts';
import type { Body, Message, Reaction } from '#lib/domain/thread/thread.ts';
import type { Id } from '#lib/domain/values.ts';
import type { ErrorCode, ErrorDetails } from '#lib/protocol/errors.ts';
import type { WireEvent } from '#lib/protocol/events.ts';
import type { DisputeSheet, ThreadView } from '#lib/protocol/views/dispute.ts';

const PAGE = 100;
/** How long a deletion can be taken back: it is sent only then. */
export const UNDO_MS = 8_000;
const SEEN_AFTER_MS = 600;

export interface ThreadVoice {
  refused(code: ErrorCode | 'network', details: ErrorDetails): void;
  /** Somebody else posted. */
  arrived(message: Message): void;
  /** A deletion that can still be taken back. */
  deleting(undo: () => void): void;
}

const bySeq = (a: Message, b: Message): number => a.seq - b.seq;

/** One thread of a dispute on the screen: its messages as loaded, kept up by the stream of its audience. */
export class ThreadDesk {
  readonly disputeId: Id;
  readonly audience: Audience;
  readonly view: ThreadView;
  /** Ascending, without hole: the newest ones, and the older ones that were asked for. */
  messages = $state.raw<readonly Message[]>([]);
  attachments = $state.raw<readonly Attachment[]>([]);
  lastSeq = $state(0);
  readSeq = $state(0);
  following = $state(false);
  writable = $state(false);
  /** It may not be read any more; what is shown is as it was. */
  lost = $state(false);
  loading = $state(false);
  failed = $state(false);
  /** Deleted here, and not sent yet. */
  hidden = $state.raw<ReadonlySet<Id>>(new Set());
  /** `readSeq` as it was when the thread was opened: where the line of the new ones stands. */
  readonly opened: number;
  readonly #me: Id;
  readonly #voice: ThreadVoice;
  readonly #removals = new Map<Id, ReturnType<typeof setTimeout>>();
  #seen = 0;
  #seenSoon: ReturnType<typeof setTimeout> | undefined;

  constructor(disputeId: Id, view: ThreadView, attachments: readonly Attachment[], me: Id, voice: ThreadVoice) {
    this.disputeId = disputeId;
    this.audience = view.audience;
    this.view = view;
    this.#me = me;
    this.#voice = voice;
    this.opened = view.readSeq;
    this.#take(view, attachments);
  }

  /** Nothing older is left to be loaded. */
  get complete(): boolean {
    return this.messages.length === 0 ? this.lastSeq === 0 : this.messages[0]?.seq === 1;
  }
  get unread(): number {
    return Math.max(0, this.lastSeq - this.readSeq);
  }
  /** The line of the new ones stands before this message. */
  get firstUnread(): Message | null {
    return this.messages.find(({ seq, authorId }) => seq > this.opened && authorId !== this.#me) ?? null;
  }

  attachment(id: Id): Attachment | null {
    return this.attachments.find((one) => one.id === id && one.state !== 'deleted') ?? null;
  }
  message(id: Id): Message | null {
    return this.messages.find((one) => one.id === id) ?? null;
  }
  /** Files that were sent and belong to no message yet. */
  get waiting(): Attachment[] {
    return this.attachments.filter(({ state, messageId }) => state === 'draft' && messageId === null);
  }

  #take(view: ThreadView, attachments: readonly Attachment[]): void {
    const oldest = view.messages[0]?.seq ?? 1;
    // pages that were loaded before stay, unless there would be a hole between
    const before = this.messages.filter(({ seq }) => seq < oldest);
    this.messages = before.at(-1)?.seq === oldest - 1 ? [...before, ...view.messages] : view.messages;
    this.attachments = attachments.filter((one) => one.audience === this.audience && one.disputeId === this.disputeId);
    this.lastSeq = view.lastSeq;
    this.readSeq = Math.max(this.readSeq, view.readSeq);
    this.following = view.following;
    this.writable = view.writable;
  }

  /** Follows the thread while its screen lives. @returns how to stop */
  listen(connection: Connection): () => void {
    const stop = connection.watch(this.view.stream, this.view.seq, {
      event: (event) => this.hear(event),
      refetch: () => this.reload(),
      lost: () => (this.lost = true),
    });
    return () => {
      stop();
      clearTimeout(this.#seenSoon);
      queueMicrotask(() => [...this.#removals.keys()].forEach((id) => void this.#remove(id)));
    };
  }

  /** Applies the next event of the audience's stream. */
  hear(event: WireEvent): void | 'refetch' {
    const { messages = [], attachments = [] } = recordsOf(event);
    const mine = event.data.disputeId === this.disputeId;
    if (mine && event.erased && event.name.startsWith('message.')) return 'refetch';
    const files = attachments.filter((one) => one.audience === this.audience && one.disputeId === this.disputeId);
    if (files.length > 0) this.attachments = fold(this.attachments, files);
    const own = messages.filter((one) => one.disputeId === this.disputeId && one.audience === this.audience);
    for (const message of own) {
      if (message.seq > this.lastSeq + 1) return 'refetch';
      if (message.seq === this.lastSeq + 1) this.#arrived(message);
    }
    const oldest = this.messages[0]?.seq ?? 1;
    const known = own.filter(({ seq }) => seq >= oldest);
    if (known.length > 0) this.messages = fold(this.messages, known).sort(bySeq);
  }

  #arrived(message: Message): void {
    this.lastSeq = message.seq;
    if (message.authorId === this.#me) {
      this.following = true;
      if (this.readSeq === message.seq - 1) this.readSeq = message.seq;
    } else this.#voice.arrived(message);
  }

  /** Loads the whole anew. @returns the sequence that it includes; null when it could not be had */
  async reload(): Promise<number | null> {
    try {
      const sheet = await query<DisputeSheet>(`/disputes/${this.disputeId}`);
      const view = sheet.threads.find(({ audience }) => audience === this.audience);
      if (view === undefined) {
        this.lost = true;
        return null;
      }
      this.#take(view, sheet.attachments);
      return view.seq;
    } catch (error) {
      if (error instanceof ClientProblem && error.code === 'not_found') this.lost = true;
      return null;
    }
  }

  /** Loads a page of what came before. @returns whether there was one */
  async older(limit = PAGE): Promise<boolean> {
    const before = this.messages[0]?.seq;
    if (this.loading || before === undefined || before <= 1) return false;
    this.loading = true;
    this.failed = false;
    try {
      const page = await query<{ messages: Message[] }>(`/disputes/${this.disputeId}/messages`, {
        audience: this.audience,
        before,
        limit,
      });
      if (this.messages[0]?.seq === before) this.messages = [...page.messages, ...this.messages];
      return page.messages.length > 0;
    } catch (error) {
      if (!(error instanceof ClientProblem)) throw error;
      this.failed = true;
      return false;
    } finally {
      this.loading = false;
    }
  }

  /** Loads pages until a message is there. */
  async seek(id: Id): Promise<boolean> {
    while (this.message(id) === null) if (!(await this.older(200))) return false;
    return true;
  }

  /** Everything up to this message was on the screen. */
  seen(seq: number): void {
    if (seq <= Math.max(this.readSeq, this.#seen) || this.lost) return;
    this.#seen = seq;
    clearTimeout(this.#seenSoon);
    this.#seenSoon = setTimeout(() => void this.#tellSeen(), SEEN_AFTER_MS);
  }
  async #tellSeen(): Promise<void> {
    const seq = Math.min(this.#seen, this.lastSeq);
    try {
      await command('POST', `/disputes/${this.disputeId}/read`, { audience: this.audience, seq });
      this.readSeq = Math.max(this.readSeq, seq);
    } catch {
      // told again with the next one that is seen
      this.#seen = 0;
    }
  }

  async follow(following: boolean): Promise<void> {
    const before = this.following;
    this.following = following;
    const done = await this.#try(() =>
      command('POST', `/disputes/${this.disputeId}/follow`, { audience: this.audience, following }),
    );
    if (!done) this.following = before;
  }

  async react(message: Message, reaction: Reaction): Promise<void> {
    const who = message.reactions[reaction] ?? [];
    const on = !who.includes(this.#me);
    const next = on ? [...who, this.#me] : who.filter((id) => id !== this.#me);
    this.#put({ ...message, reactions: { ...message.reactions, [reaction]: next } });
    const done = await this.#try(() => command('POST', `/messages/${message.id}/reactions`, { reaction, on }));
    const now = this.message(message.id);
    if (!done && now?.version === message.version) this.#put(message);
  }

  edit(message: Message, body: Body): Promise<boolean> {
    return this.#try(() => command('PATCH', `/messages/${message.id}`, { body }, { version: message.version }));
  }
  copy(message: Message, audience: Audience, body: Body, attachmentIds: Id[]): Promise<boolean> {
    return this.#try(() => command('POST', `/messages/${message.id}/copy`, { audience, body, attachmentIds }));
  }
  erase(message: Message): Promise<boolean> {
    return this.#try(() => command('POST', `/messages/${message.id}/erase`));
  }

  /** Takes a message of one's own away at once, and tells the server when it can no longer be taken back. */
  remove(message: Message): void {
    const { id } = message;
    if (this.#removals.has(id)) return;
    this.hidden = new Set([...this.hidden, id]);
    this.#removals.set(
      id,
      setTimeout(() => void this.#remove(id), UNDO_MS),
    );
    this.#voice.deleting(() => {
      clearTimeout(this.#removals.get(id));
      if (this.#removals.delete(id)) this.#show(id);
    });
  }
  async #remove(id: Id): Promise<void> {
    clearTimeout(this.#removals.get(id));
    if (!this.#removals.delete(id)) return;
    await this.#try(() => command('DELETE', `/messages/${id}`));
    this.#show(id);
  }
  #show(id: Id): void {
    this.hidden = new Set([...this.hidden].filter((one) => one !== id));
  }

  /** A file that this browser has sent; its event says the same. */
  added(attachment: Attachment): void {
    this.attachments = fold(this.attachments, [attachment]);
  }
  async removeFile(attachment: Attachment): Promise<void> {
    const done = await this.#try(() => command('DELETE', `/attachments/${attachment.id}`));
    if (done) this.attachments = this.attachments.filter(({ id }) => id !== attachment.id);
  }

  #put(message: Message): void {
    this.messages = this.messages.map((one) => (one.id === message.id ? message : one));
  }

  async #try(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (!(error instanceof ClientProblem)) throw error;
      this.#voice.refused(error.code, error.details);
      return false;
    }
  }
}
