import * as Y from 'yjs';
import { NoteSession, type NoteEnd, type NoteState } from '#lib/client/collab.ts';
import { saves } from '#lib/client/saves.svelte.ts';
import type { Id } from '#lib/domain/values.ts';
import { COLLAB_LIMITS, DRAFTS_ROOT, type Field } from '#lib/protocol/collab.ts';
import { draftBegan, draftText, newDraftId } from './draft-text.ts';

/** A draft that somebody has begun. */
export interface DraftCard {
  id: string;
  /** Its plain text; '' while nothing is written. */
  text: string;
}
/** Somebody else in the same document. */
export interface Hand {
  id: Id;
  name: string;
  field: Field | null;
  /** Has moved or written lately. */
  active: boolean;
}

const START: NoteState = { save: 'connecting', waiting: 0, writable: false, loaded: false, whole: false, end: null };
/** A caret that has not moved for so long is not writing. */
const IDLE_MS = 60_000;
const LOOK_MS = 5_000;
/** Nobody is about to write in a draft that has been empty for so long; whoever does all the same gets their words back. */
const STALE_MS = 600_000;

/** The prose of one thread while it is open: note, drafts, who is in which, and whether it is saved. */
export class ThreadText {
  state = $state.raw<NoteState>(START);
  session = $state.raw<NoteSession | null>(null);
  /** Oldest first. */
  drafts = $state.raw<readonly DraftCard[]>([]);
  hands = $state.raw<readonly Hand[]>([]);
  /** What this person wrote and nobody has. */
  unsent = $state('');
  restarted = $state(false);
  /** Told when a change from outside could not be drawn. */
  onBroken: (() => void) | null = null;
  readonly #document: string;
  readonly #me: Id;
  readonly #moved = new Map<number, { at: number; place: string }>();
  #look: ReturnType<typeof setInterval> | null = null;
  #epoch: number;
  #closed = false;

  constructor(document: string, epoch: number, me: Id) {
    this.#document = document;
    this.#epoch = epoch;
    this.#me = me;
  }

  open(): void {
    this.#closed = false;
    const session = new NoteSession({
      url: location.origin.replace(/^http/, 'ws'),
      document: this.#document,
      epoch: this.#epoch,
      memberId: this.#me,
      persist: typeof indexedDB !== 'undefined',
      onState: (state) => {
        if (this.#closed || (this.session !== null && this.session !== session)) return;
        this.state = state;
        saves.waiting(this.#document, state.waiting);
        if (state.end !== null) this.#ended(state.end);
      },
      onUnsent: (text) => this.#setAside(text),
      onBroken: () => this.onBroken?.(),
    });
    this.session = session;
    this.state = session.state;
    this.#map(session).observeDeep(() => this.#read(session));
    this.#read(session);
    // An editor that goes tells so while the screen is being drawn.
    session.awareness.on('change', () => queueMicrotask(() => this.#seeHands(session)));
    this.#look ??= setInterval(() => this.session !== null && this.#seeHands(this.session), LOOK_MS);
  }

  close(): void {
    this.#closed = true;
    if (this.#look !== null) clearInterval(this.#look);
    this.#look = null;
    saves.waiting(this.#document, 0);
    this.session?.destroy();
    this.session = null;
    this.hands = [];
  }

  reopen(): void {
    this.close();
    this.open();
  }

  fragment(draftId: string): Y.XmlFragment | null {
    const found = this.session === null ? undefined : this.#map(this.session).get(draftId);
    return found instanceof Y.XmlFragment ? found : null;
  }

  /** Begins a draft. @returns its id; null when there are too many */
  begin(now: number): string | null {
    const { session } = this;
    if (session === null) return null;
    const map = this.#map(session);
    if (map.size >= COLLAB_LIMITS.drafts) this.#tidy(map, now);
    if (map.size >= COLLAB_LIMITS.drafts) return null;
    const id = newDraftId(now);
    map.set(id, new Y.XmlFragment());
    return id;
  }

  /** Throws a draft away, for everybody. */
  discard(draftId: string): void {
    if (this.session !== null) this.#map(this.session).delete(draftId);
  }

  /** Says in which text this person is. */
  enter(field: Field | null): void {
    this.session?.awareness.setLocalStateField('field', field);
  }

  /** Base64: what the server must have before it may read a draft. */
  stateVector(): string {
    const bytes = this.session === null ? new Uint8Array() : Y.encodeStateVector(this.session.doc);
    return btoa(String.fromCharCode(...bytes));
  }

  #map(session: NoteSession): Y.Map<unknown> {
    return session.doc.getMap(DRAFTS_ROOT);
  }

  #tidy(map: Y.Map<unknown>, now: number): void {
    for (const { id, text } of this.drafts)
      if (text.trim() === '' && now - (draftBegan(id) ?? now) > STALE_MS) map.delete(id);
  }

  #read(session: NoteSession): void {
    const found: DraftCard[] = [];
    for (const [id, draft] of this.#map(session).entries())
      if (draft instanceof Y.XmlFragment) found.push({ id, text: draftText(draft) });
    this.drafts = found.sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  #seeHands(session: NoteSession): void {
    if (this.session !== session) return;
    type State = { user?: { id: string; name: string }; field?: Field | null; cursor?: unknown };
    const now = Date.now();
    const hands = new Map<Id, Hand>();
    for (const [client, state] of session.awareness.getStates() as Map<number, State>) {
      const { user, field = null, cursor } = state;
      if (client === session.doc.clientID || !user?.id || user.id === this.#me) continue;
      const place = JSON.stringify([field, cursor ?? null]);
      const before = this.#moved.get(client);
      if (before?.place !== place) this.#moved.set(client, { at: now, place });
      const active = field !== null && now - (this.#moved.get(client)?.at ?? 0) < IDLE_MS;
      if (hands.get(user.id)?.active !== true) hands.set(user.id, { id: user.id, name: user.name, field, active });
    }
    this.hands = [...hands.values()];
  }

  #setAside(text: string): void {
    this.unsent = this.unsent === '' ? text : `${this.unsent}\n${text}`;
  }

  #ended(end: NoteEnd): void {
    if (end.unsent !== '') this.#setAside(end.unsent);
    if (end.why !== 'epoch' || end.epoch === null) return;
    this.#epoch = end.epoch;
    this.restarted = true;
    queueMicrotask(() => this.reopen());
  }
}
