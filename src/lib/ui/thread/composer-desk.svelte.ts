import { ClientProblem } from '#lib/client/api.ts';
import { outbox } from '#lib/client/outbox.svelte.ts';
import type { Attachment } from '#lib/domain/attachment/attachment.ts';
import type { Message } from '#lib/domain/thread/thread.ts';
import type { Id } from '#lib/domain/values.ts';
import type { ErrorCode, ErrorDetails } from '#lib/protocol/errors.ts';
import type { ThreadDesk } from './thread-desk.svelte.ts';
import type { DraftCard, Hand, ThreadText } from './thread-text.svelte.ts';

const REPLIES = 'encours:reply:';
/** By then a posted draft is empty, or holds what somebody wrote after it was posted (ms). */
const EMPTIED_MS = 2_000;
const NOTHING_WRITTEN = { type: 'doc', content: [{ type: 'paragraph' }] };

export type PostOutcome =
  | { kind: 'posted' }
  /** It leaves when the network is back. */
  | { kind: 'waits' }
  | { kind: 'refused'; code: ErrorCode | 'network'; details: ErrorDetails };

/** What this person is about to post: which draft, in reply to what, with which files. */
export class ComposerDesk {
  /** The draft that was chosen or begun here; null: the newest one. */
  chosen = $state<string | null>(null);
  replyTo = $state.raw<Message | null>(null);
  posting = $state(false);
  /** Posted from here, or waiting to be: its draft is empty in a moment. */
  gone = $state.raw<ReadonlySet<string>>(new Set());
  readonly #included = $state.raw<Map<Id, boolean>>(new Map());
  #turn = $state(0);
  readonly #desk: ThreadDesk;
  readonly #text: ThreadText;
  readonly #me: Id;

  constructor(desk: ThreadDesk, text: ThreadText, me: Id) {
    this.#desk = desk;
    this.#text = text;
    this.#me = me;
  }

  /** Drafts that hold words, and the one that was chosen here; oldest first. */
  get drafts(): DraftCard[] {
    return this.#text.drafts.filter(({ id, text }) => !this.gone.has(id) && (text.trim() !== '' || id === this.chosen));
  }
  /** The one that is being written; none that may have been posted long ago, for want of the rest of the document. */
  get active(): DraftCard | null {
    const { drafts } = this;
    return drafts.find(({ id }) => id === this.chosen) ?? (this.#text.state.whole ? drafts.at(-1) : undefined) ?? null;
  }
  /** Who writes another answer now. */
  get rivals(): Hand[] {
    const others = this.drafts.filter(({ id, text }) => id !== this.active?.id && text.trim() !== '');
    const fields = new Set<string | null>(others.map(({ id }) => `draft:${id}`));
    return this.#text.hands.filter(({ field, active }) => active && fields.has(field));
  }
  /** Who writes in the same draft. */
  get helpers(): Hand[] {
    const { active } = this;
    return active === null ? [] : this.#text.hands.filter(({ field }) => field === `draft:${active.id}`);
  }
  get files(): Attachment[] {
    return this.#desk.waiting;
  }
  get includedFiles(): Attachment[] {
    return this.files.filter((file) => this.includes(file));
  }

  includes(file: Attachment): boolean {
    void this.#turn;
    return this.#included.get(file.id) ?? file.uploadedBy === this.#me;
  }
  include(id: Id, on: boolean): void {
    this.#included.set(id, on);
    this.#turn += 1;
  }

  /** Begins a draft. @returns false when there are too many */
  begin(now: number): boolean {
    const id = this.#text.begin(now);
    if (id === null) return false;
    if (this.replyTo !== null) keepReply(id, this.replyTo.id);
    this.choose(id);
    return true;
  }
  choose(id: string): void {
    this.#leaveEmpty();
    this.chosen = id;
    this.replyTo = this.#keptReply(id);
  }
  /** Somebody writes in the present one: a newer one does not take its place. */
  stay(): void {
    this.chosen ??= this.active?.id ?? null;
  }
  /** A draft without a word that nobody is in goes with whoever began it. */
  #leaveEmpty(): void {
    const { chosen } = this;
    const card = this.#text.drafts.find(({ id }) => id === chosen);
    if (card === undefined || card.text.trim() !== '') return;
    if (!this.#text.hands.some(({ field }) => field === `draft:${card.id}`)) this.#text.discard(card.id);
  }
  leave(): void {
    this.#leaveEmpty();
    this.#text.enter(null);
    if (this.active?.text.trim() === '') this.chosen = null;
  }
  discard(id: string): void {
    this.#text.discard(id);
    if (this.chosen === id) this.chosen = null;
    this.replyTo = null;
  }

  reply(message: Message | null): void {
    this.replyTo = message;
    const { active } = this;
    if (active !== null) keepReply(active.id, message?.id ?? null);
  }
  #keptReply(draftId: string): Message | null {
    try {
      const id = sessionStorage.getItem(`${REPLIES}${draftId}`);
      return id === null ? null : this.#desk.message(id);
    } catch {
      return null;
    }
  }
  /** After a reload: what the draft answers. */
  recall(): void {
    const { active } = this;
    if (active !== null && this.replyTo === null) this.replyTo = this.#keptReply(active.id);
  }

  get empty(): boolean {
    return (this.active?.text.trim() ?? '') === '' && this.includedFiles.length === 0;
  }

  /** Posts the draft: the server reads it from its own document. */
  async post(what: { name: string; href: string }): Promise<PostOutcome> {
    const { active } = this;
    const written = active !== null && active.text.trim() !== '' ? active.id : null;
    const body = {
      audience: this.#desk.audience,
      ...(written === null ? { body: NOTHING_WRITTEN } : { draftId: written, stateVector: this.#text.stateVector() }),
      replyTo: this.replyTo?.id ?? null,
      attachmentIds: this.includedFiles.map(({ id }) => id),
    };
    this.posting = true;
    try {
      const path = `/disputes/${this.#desk.disputeId}/messages`;
      const sent = await outbox.send({ kind: 'message', ...what }, 'POST', path, body);
      if (!sent.sent) return { kind: 'waits' };
      if (active !== null) {
        const { id } = active;
        this.gone = new Set([...this.gone, id]);
        setTimeout(() => (this.gone = new Set([...this.gone].filter((one) => one !== id))), EMPTIED_MS);
        keepReply(id, null);
      }
      this.chosen = null;
      this.replyTo = null;
      return { kind: 'posted' };
    } catch (error) {
      if (!(error instanceof ClientProblem)) throw error;
      return { kind: 'refused', code: error.code, details: error.details };
    } finally {
      this.posting = false;
    }
  }
}

function keepReply(draftId: string, messageId: Id | null): void {
  try {
    if (messageId === null) sessionStorage.removeItem(`${REPLIES}${draftId}`);
    else sessionStorage.setItem(`${REPLIES}${draftId}`, messageId);
  } catch {
    // a private window keeps nothing
  }
}
