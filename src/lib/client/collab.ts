import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness';
import { messageYjsSyncStep2, readSyncMessage } from 'y-protocols/sync';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import type { Id } from '#lib/domain/values.ts';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import { MESSAGE, MODE, NOTE_ROOT, SYNC_STEP } from '#lib/protocol/collab.ts';
import { EDITOR_SCHEMA_VERSION } from '#lib/protocol/version.ts';
import { LocalCopy, takeOlderCopies } from './collab-copy.ts';
import { isConfirmed, lostText, unsentText } from './collab-unsent.ts';

/**
 * `saved`: the server has said so for every change. `saving`: it has not yet. `delayed`: it has not for 3 s.
 * `offline`: there is no connection; what is written waits in this browser.
 */
export type SaveState = 'connecting' | 'saved' | 'saving' | 'delayed' | 'offline';

export interface NoteEnd {
  why: 'signed_out' | 'forbidden' | 'epoch' | 'too_large' | 'refused';
  /** The present epoch, when that is why. */
  epoch: number | null;
  /** What this person wrote and the server does not have; '' when it has everything. */
  unsent: string;
}

export interface NoteState {
  save: SaveState;
  /** Changes that the server has not acknowledged, those made without a network included. */
  waiting: number;
  /** May be written to now; without a network, what was so when there was one. */
  writable: boolean;
  /** The text is on the screen: from this browser's copy or from the server. */
  loaded: boolean;
  /** It was level with the server once; before, it may be the beginning of what is there. */
  whole: boolean;
  /** Closed for good; open a new one to go on. */
  end: NoteEnd | null;
}

export interface NoteOptions {
  /** `ws://host` or `wss://host`. */
  url: string;
  document: string;
  epoch: number;
  memberId: Id;
  /** Keep a copy in this browser. */
  persist: boolean;
  onState: (state: NoteState) => void;
  /**
   * Told of words that this person wrote, that the server never had, and that have no place in the document any more: of
   * an earlier epoch, of a draft that somebody threw away, of a line that was made anew meanwhile.
   */
  onUnsent?: (text: string) => void;
  /** Something that shows the document failed on a change from outside, which the document itself has taken. */
  onBroken?: (error: Error) => void;
  socket?: typeof WebSocket;
}

const DELAYED_MS = 3_000;
/** A connection that takes longer to come is given up and begun again: in a tunnel it may hang for minutes. */
const CONNECT_MS = 10_000;

/** One open document, a note or a thread's: its Y.Doc, its connection, its copy in this browser, and whether what was written is saved. */
export class NoteSession {
  readonly doc = new Y.Doc();
  readonly awareness: Awareness;
  readonly fragment: Y.XmlFragment;
  readonly provider: WebsocketProvider;
  #state: NoteState = { save: 'connecting', waiting: 0, writable: false, loaded: false, whole: false, end: null };
  readonly #options: NoteOptions;
  readonly #copy: LocalCopy | null;
  /** While what happened in absence comes in: what the server had before. It may know words already that have no place there. */
  #before: ReadonlyMap<number, number> | null = null;
  /** What the server is known to have, by author. */
  readonly #confirmed = new Map<number, number>();
  #sent: { n: number; ends: Map<number, number>; at: number }[] = [];
  #count = 0;
  #acked = 0;
  /** Changes made while there was no connection to send them on. */
  #apart = 0;
  #answered = false;
  #delay: ReturnType<typeof setTimeout> | null = null;
  #keep: ReturnType<typeof setTimeout> | null = null;
  #destroyed = false;

  constructor(options: NoteOptions) {
    this.#options = options;
    this.fragment = this.doc.getXmlFragment(NOTE_ROOT);
    this.awareness = new Awareness(this.doc);
    const { document, epoch } = options;
    this.#copy = options.persist ? new LocalCopy(this.doc, options) : null;
    this.provider = new WebsocketProvider(`${options.url}/collab`, document, this.doc, {
      connect: false,
      disableBc: true,
      awareness: this.awareness,
      params: { epoch: String(epoch), schema: String(EDITOR_SCHEMA_VERSION), member: options.memberId },
      WebSocketPolyfill: this.#counting(options.socket ?? WebSocket),
    });
    this.#listen();
    void this.#open();
  }

  get state(): NoteState {
    return this.#state;
  }

  async #open(): Promise<void> {
    if (this.#copy !== null) {
      const kept = await this.#copy.read();
      if (this.#destroyed) return;
      for (const [client, clock] of kept?.confirmed ?? []) this.#confirm(client, clock);
      if (!isConfirmed(this.doc, this.#confirmed)) this.#apart = 1;
      // without a network, what was allowed last holds; the server judges what comes of it
      if (kept !== null) this.#set({ loaded: true, whole: kept.whole, writable: kept.writable, waiting: this.#apart });
      else if (this.doc.store.clients.size > 0) this.#set({ loaded: true });
      void this.#takeOlder();
    }
    if (!this.#destroyed) this.provider.connect();
  }

  /** What an earlier epoch's copy holds is handed out as far as the server never had it, and forgotten. */
  async #takeOlder(): Promise<void> {
    for (const { doc, confirmed } of await takeOlderCopies(this.#options)) this.#handOut(unsentText(doc, confirmed));
  }

  #handOut(text: string): void {
    if (text.trim() !== '') this.#options.onUnsent?.(text);
  }

  /** A socket that counts what the server acknowledges: every answer and every update that leaves. */
  #counting(Base: typeof WebSocket): typeof WebSocket {
    const leaving = (data: unknown): void => this.#leaves(data);
    return class extends Base {
      constructor(url: string | URL, protocols?: string | string[]) {
        super(url, protocols);
        const slow = setTimeout(() => this.close(), CONNECT_MS);
        for (const type of ['open', 'close']) this.addEventListener(type, () => clearTimeout(slow));
      }
      override send(data: string | ArrayBufferLike | Blob | ArrayBufferView): void {
        leaving(data);
        super.send(data as ArrayBuffer);
      }
    } as typeof WebSocket;
  }

  #leaves(data: unknown): void {
    if (!(data instanceof Uint8Array) || data[0] !== MESSAGE.SYNC || data[1] === SYNC_STEP.VECTOR) return;
    this.#count += 1;
    // The answer to the server's question brings it level with this document, whoever wrote what it lacked.
    const answer = data[1] === SYNC_STEP.DIFFERENCE;
    const ends = answer ? Y.decodeStateVector(Y.encodeStateVector(this.doc)) : endsOf(data);
    this.#sent.push({ n: this.#count, ends, at: Date.now() });
    if (answer) this.#answered = true;
    this.#refresh();
  }

  #listen(): void {
    const { provider } = this;
    // As y-websocket does, but told of failures: a screen that fell behind would write its old text back.
    provider.messageHandlers[MESSAGE.SYNC] = (encoder, decoder) => {
      encoding.writeVarUint(encoder, MESSAGE.SYNC);
      const broken = (error: Error): void => this.#options.onBroken?.(error);
      const step = readSyncMessage(decoder, encoder, this.doc, provider, broken);
      if (step === messageYjsSyncStep2 && !provider.synced) provider.synced = true;
    };
    provider.messageHandlers[MESSAGE.ACK] = (_, decoder) => this.#acknowledged(decoding.readVarUint(decoder));
    provider.messageHandlers[MESSAGE.MODE] = (encoder, decoder) => {
      const mode = decoding.readVarUint(decoder);
      this.#set({ writable: mode === MODE.READ_WRITE });
      // at once: the network may go with the next word
      this.#copy?.keep({ confirmed: this.#confirmed, writable: this.#state.writable, whole: this.#state.whole });
      this.#keepState();
      if (mode !== MODE.LEAVING) return;
      // The editor is closed by now: what has been sent is all there is.
      encoding.writeVarUint(encoder, MESSAGE.MODE);
      encoding.writeVarUint(encoder, MODE.LEAVING);
    };
    provider.on('status', ({ status }) => {
      if (status === 'connecting') this.#restart();
      this.#refresh();
    });
    provider.on('sync', (synced) => {
      if (synced) {
        this.#before = null;
        this.#set({ loaded: true, whole: true });
        this.#keepState();
      }
      this.#refresh();
    });
    provider.on('connection-close', () => this.#refresh());
    provider.on('closed', ({ code, reason }) => void this.#end(code, reason));
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin === provider) for (const [client, clock] of Y.parseUpdateMeta(update).to) this.#confirm(client, clock);
      else if (this.#copy?.isSource(origin) !== true && !provider.wsconnected) this.#apart += 1;
      this.#refresh();
    });
    this.doc.on('afterTransaction', (transaction) => {
      if (transaction.origin === provider) this.#handOut(lostText(transaction, this.#before ?? this.#confirmed));
    });
    // The provider would send everybody's place back to the server: only one's own is news there.
    this.awareness.off('update', provider._awarenessUpdateHandler);
    this.awareness.on('update', (_: unknown, origin: unknown) => origin === 'local' && this.#tellPlace());
  }

  #tellPlace(): void {
    const { ws } = this.provider;
    if (!this.provider.wsconnected || ws === null || ws.readyState !== ws.OPEN) return;
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, MESSAGE.AWARENESS);
    encoding.writeVarUint8Array(encoder, encodeAwarenessUpdate(this.awareness, [this.doc.clientID]));
    ws.send(encoding.toUint8Array(encoder));
  }

  /** A new connection counts from its own start; what the last one left unsaved goes with its first answer. */
  #restart(): void {
    this.#sent = [];
    this.#count = 0;
    this.#acked = 0;
    this.#answered = false;
    this.#before = new Map(this.#confirmed);
  }

  #acknowledged(n: number): void {
    this.#acked = Math.max(this.#acked, n);
    let done = 0;
    for (const sent of this.#sent) {
      if (sent.n > this.#acked) break;
      for (const [client, clock] of sent.ends) this.#confirm(client, clock);
      done += 1;
    }
    this.#sent = this.#sent.slice(done);
    if (this.#answered && this.#acked >= this.#count) this.#apart = 0;
    this.#keepState();
    this.#refresh();
  }

  #confirm(client: number, clock: number): void {
    if (clock > (this.#confirmed.get(client) ?? 0)) this.#confirmed.set(client, clock);
  }

  #keepState(): void {
    if (this.#copy === null) return;
    this.#keep ??= setTimeout(() => {
      this.#keep = null;
      if (!this.#destroyed && this.#state.end === null)
        this.#copy?.keep({ confirmed: this.#confirmed, writable: this.#state.writable, whole: this.#state.whole });
    }, 300);
  }

  #refresh(): void {
    if (this.#delay !== null) clearTimeout(this.#delay);
    this.#delay = null;
    const waiting = this.#count - this.#acked + this.#apart;
    this.#set({ save: this.#saveState(waiting), waiting });
  }

  #saveState(waiting: number): SaveState {
    const { wsconnected, synced, wsUnsuccessfulReconnects } = this.provider;
    if (!wsconnected || !synced)
      return this.#state.save === 'connecting' && wsUnsuccessfulReconnects === 0 ? 'connecting' : 'offline';
    if (!this.#state.writable) return 'saved';
    if (this.#answered && waiting === 0) return 'saved';
    const since = Date.now() - (this.#sent[0]?.at ?? Date.now());
    if (since >= DELAYED_MS) return 'delayed';
    this.#delay = setTimeout(() => this.#refresh(), DELAYED_MS - since + 10);
    return 'saving';
  }

  #set(change: Partial<NoteState>): void {
    const next = { ...this.#state, ...change };
    const keys = Object.keys(change) as (keyof NoteState)[];
    if (this.#destroyed || keys.every((key) => next[key] === this.#state[key])) return;
    this.#state = next;
    this.#options.onState(next);
    if ('writable' in change) this.#refresh();
  }

  async #end(code: number, reason: string): Promise<void> {
    const unsent = unsentText(this.doc, this.#confirmed);
    const epoch = code === CLOSE.EPOCH_CHANGED ? Number(/\d+/.exec(reason)?.[0]) || null : null;
    const end: NoteEnd = { why: whyOf(code), epoch, unsent };
    this.#set({ writable: false, save: 'offline', end });
    await this.#copy?.wipe();
  }

  /** Leaves the note; this browser's copy stays for the next time. */
  destroy(): void {
    this.#destroyed = true;
    if (this.#delay !== null) clearTimeout(this.#delay);
    if (this.#keep !== null) clearTimeout(this.#keep);
    this.provider.destroy();
    this.awareness.destroy();
    this.doc.destroy();
  }
}

function endsOf(message: Uint8Array): Map<number, number> {
  const decoder = decoding.createDecoder(message.subarray(2));
  return Y.parseUpdateMeta(decoding.readVarUint8Array(decoder)).to;
}

function whyOf(code: number): NoteEnd['why'] {
  if (code === CLOSE.SIGNED_OUT) return 'signed_out';
  if (code === CLOSE.FORBIDDEN) return 'forbidden';
  if (code === CLOSE.EPOCH_CHANGED) return 'epoch';
  if (code === CLOSE.TOO_LARGE) return 'too_large';
  return 'refused';
}
