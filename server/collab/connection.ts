import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Actor } from '#lib/domain/member/member.ts';
import { MESSAGE, MODE } from '#lib/protocol/collab.ts';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import { frameOf, numberMessage } from './frame.ts';
import type { Parts } from './read-update.ts';
import type { Target } from './rights.ts';
import type { Room } from './room.ts';

/** An update that rests on others that are not there yet. */
export interface Held {
  n: number;
  message: Uint8Array;
  update: Uint8Array;
  parts: Parts;
}

/** Bytes that may wait for a client that reads slowly, beyond the document itself. */
const MAX_WAITING_BYTES = 4_194_304;
/** How long a client that is told to go may take to close by itself (ms). */
const CLOSING_MS = 2_000;
const LEAVING = frameOf(numberMessage(MESSAGE.MODE, MODE.LEAVING));
const READ_WRITE = frameOf(numberMessage(MESSAGE.MODE, MODE.READ_WRITE));
const READ_ONLY = frameOf(numberMessage(MESSAGE.MODE, MODE.READ_ONLY));

export interface Leaving {
  to: 'closed' | 'read_only';
  /** The client has said that nothing more is under way. */
  heard: boolean;
  timer: NodeJS.Timeout;
}

/** One WebSocket on one document: what it may do, and what it has said and not yet been told of. */
export class Connection {
  readonly ws: WebSocket;
  readonly raw: Duplex;
  actor: Actor | null = null;
  /** What it writes in, and the account whose scope decides. */
  target: Target | null = null;
  room: Room | null = null;
  writable = false;
  /** Could write if its rights allowed: its editor knows every node. */
  capable = false;
  /** Has its first answer; from then on it hears the others. */
  synced = false;
  closed = false;
  /** Rights are being judged, or were lost: content waits, or is not sent at all. */
  muted: 'no' | 'waiting' | 'lost' = 'no';
  leaving: Leaving | null = null;
  /** Rights changed while it was still being let in. */
  stale = false;

  inbox: Buffer[] = [];
  inboxBytes = 0;
  windowStart = 0;
  windowCount = 0;
  /** Time of the loop that its messages took within the window (ms). */
  windowSpent = 0;

  /** Sync answers and updates received; each has its number. */
  received = 0;
  readonly unfinished = new Set<number>();
  acknowledged = 0;
  /** First update that was dropped for want of the right to write: nothing from it on is acknowledged. */
  refusedFrom: number | null = null;
  held: Held[] = [];
  heldBytes = 0;
  /** It held updates back already at the last look. */
  heldSince = false;
  /** The author's id under which this client tells its place. */
  client: number | null = null;

  #waiting: Buffer[] = [];
  #waitingBytes = 0;

  constructor(ws: WebSocket, raw: Duplex) {
    this.ws = ws;
    this.raw = raw;
  }

  /** Writes whole frames; gives the client up when it does not read. */
  write(frames: Buffer): void {
    if (this.closed || !this.raw.writable) return;
    if (this.raw.writableLength > MAX_WAITING_BYTES + (this.room?.bytes ?? 0)) this.close(CLOSE.TRY_LATER, 'too slow');
    else this.raw.write(frames);
  }

  /** Writes what others said, unless its right to it is in doubt. */
  tell(frames: Buffer): void {
    if (this.muted === 'no') this.write(frames);
    else if (this.muted === 'waiting') {
      this.#waiting.push(frames);
      this.#waitingBytes += frames.length;
      if (this.#waitingBytes > MAX_WAITING_BYTES) this.close(CLOSE.TRY_LATER, 'judged too slowly');
    }
  }

  mute(): void {
    if (this.muted === 'no') this.muted = 'waiting';
  }

  unmute(): void {
    if (this.muted !== 'waiting') return;
    this.muted = 'no';
    for (const frames of this.#waiting) this.write(frames);
    this.#forgetWaiting();
  }

  silence(): void {
    this.muted = 'lost';
    this.#forgetWaiting();
  }

  #forgetWaiting(): void {
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  tellMode(leaving = false): void {
    this.write(leaving ? LEAVING : this.writable ? READ_WRITE : READ_ONLY);
  }

  /** The frame that tells how much is journalled; null when nothing new is. */
  ackFrame(): Buffer | null {
    const first = this.unfinished.values().next();
    const done = first.done ? this.received : first.value - 1;
    const stored = this.refusedFrom === null ? done : Math.min(done, this.refusedFrom - 1);
    if (stored <= this.acknowledged) return null;
    this.acknowledged = stored;
    return frameOf(numberMessage(MESSAGE.ACK, stored));
  }

  close(code: number, reason = ''): void {
    if (this.closed) return;
    this.closed = true;
    this.inbox = [];
    this.inboxBytes = 0;
    this.#forgetWaiting();
    if (this.leaving !== null) clearTimeout(this.leaving.timer);
    this.ws.close(code, reason);
    if (this.ws.isPaused) this.ws.resume();
    setTimeout(() => this.ws.terminate(), CLOSING_MS).unref();
  }
}
