import { CLOSE } from '#lib/protocol/close-codes.ts';
import { COLLAB_LIMITS, MESSAGE, MODE, SYNC_STEP } from '#lib/protocol/collab.ts';
import { readAwareness, stamped } from './awareness.ts';
import type { Connection } from './connection.ts';
import { DraftRate } from './drafts.ts';
import { judge } from './known.ts';
import { BadUpdate, readUpdate, type Parts } from './read-update.ts';
import type { Room, Tail } from './room.ts';

/** What of one connection is handled as it comes, within a window (ms): messages, time. The others wait their turn. */
const DIRECT = 64;
const DIRECT_MS = 2;
const WINDOW_MS = 16;
/** What one connection, and all that wait together, may take of the loop before others get their turn (ms). */
const TURN_MS = 2;
const ROUND_MS = 4;
const ROUND_EVERY_MS = 8;
const PAUSE_AT = 64;
/** Updates and bytes that one connection may hold back for want of what they rest on. */
const HELD = { updates: 200, bytes: 1_048_576 } as const;

export interface IntakeDeps {
  /** A checked update that brings something. */
  accepted: (connection: Connection, room: Room, n: number, tail: Tail) => void;
  /** Everything so far of this connection may be acknowledged. */
  settled: (connection: Connection) => void;
  /** The client asked for what it lacks; encoded state vector. */
  asked: (connection: Connection, room: Room, vector: Uint8Array) => void;
  moved: (room: Room) => void;
  /** The client has nothing more under way. */
  heardLeaving: (connection: Connection) => void;
  /** True when the store is so far behind that nothing more can be taken. */
  overfull: (room: Room) => boolean;
  refused: (connection: Connection, reason: string) => void;
}

/** What clients say: taken in turn and within bounds, so that one who floods keeps nobody else waiting. */
export class Intake {
  readonly #deps: IntakeDeps;
  readonly #backlog = new Set<Connection>();
  readonly #rate = new DraftRate();
  #timer: NodeJS.Timeout | null = null;

  constructor(deps: IntakeDeps) {
    this.#deps = deps;
  }

  receive(connection: Connection, data: Buffer, binary: boolean): void {
    if (connection.closed) return;
    if (!binary) return this.#refuse(connection, 'a text message');
    if (connection.room !== null && connection.inbox.length === 0 && this.#inBudget(connection))
      return this.#timed(connection, data);
    connection.inbox.push(data);
    connection.inboxBytes += data.length;
    if (connection.inbox.length >= PAUSE_AT && !connection.ws.isPaused) connection.ws.pause();
    if (connection.room !== null) this.resume(connection);
  }

  /** Takes up what waited, in turns. */
  resume(connection: Connection): void {
    if (connection.inbox.length === 0) return;
    this.#backlog.add(connection);
    this.#timer ??= setTimeout(() => this.#round(), ROUND_EVERY_MS);
  }

  /** Handles what a connection had sent before it was let in. */
  begin(connection: Connection): void {
    const first = connection.inbox.splice(0, DIRECT);
    for (const data of first) this.#handle(connection, data);
    if (connection.inbox.length > 0) this.resume(connection);
    else if (connection.ws.isPaused && !connection.closed) connection.ws.resume();
  }

  forget(connection: Connection): void {
    this.#backlog.delete(connection);
  }

  /** Forgets what is over. */
  sweep(): void {
    this.#rate.sweep(Date.now());
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #inBudget(connection: Connection): boolean {
    const now = performance.now();
    if (now - connection.windowStart >= WINDOW_MS) {
      connection.windowStart = now;
      connection.windowCount = 0;
      connection.windowSpent = 0;
    }
    connection.windowCount += 1;
    return connection.windowCount <= DIRECT && connection.windowSpent < DIRECT_MS;
  }

  #timed(connection: Connection, data: Buffer): void {
    const start = performance.now();
    this.#handle(connection, data);
    connection.windowSpent += performance.now() - start;
  }

  #round(): void {
    this.#timer = null;
    const end = performance.now() + ROUND_MS;
    for (const connection of [...this.#backlog]) {
      this.#backlog.delete(connection);
      this.#turn(connection);
      if (connection.inbox.length > 0) this.#backlog.add(connection);
      else if (connection.ws.isPaused && !connection.closed) connection.ws.resume();
      if (performance.now() > end) break;
    }
    if (this.#backlog.size > 0) this.#timer = setTimeout(() => this.#round(), ROUND_EVERY_MS);
  }

  #turn(connection: Connection): void {
    const end = performance.now() + TURN_MS;
    let at = 0;
    const { inbox } = connection;
    while (at < inbox.length && !connection.closed) {
      const data = inbox[at];
      at += 1;
      if (data !== undefined) this.#handle(connection, data);
      if (performance.now() > end) break;
    }
    if (!connection.closed) connection.inbox = inbox.slice(at);
  }

  #handle(connection: Connection, data: Buffer): void {
    const { room } = connection;
    if (room === null || connection.closed) return;
    try {
      switch (data[0]) {
        case MESSAGE.SYNC:
          return this.#sync(connection, room, data);
        case MESSAGE.AWARENESS:
          return this.#awareness(connection, room, bodyOf(data, 1));
        case MESSAGE.QUERY_AWARENESS:
          return connection.tell(room.placesFrame());
        case MESSAGE.MODE:
          if (data[1] === MODE.LEAVING) this.#deps.heardLeaving(connection);
          return;
        default:
          return this.#refuse(connection, 'an unknown message');
      }
    } catch (error) {
      this.#refuse(connection, error instanceof BadUpdate ? error.message : 'a malformed message');
    }
  }

  #sync(connection: Connection, room: Room, data: Buffer): void {
    if (data[1] === SYNC_STEP.VECTOR) return this.#deps.asked(connection, room, bodyOf(data, 2));
    if (data[1] !== SYNC_STEP.DIFFERENCE && data[1] !== SYNC_STEP.UPDATE)
      return this.#refuse(connection, 'an unknown sync step');
    const n = ++connection.received;
    // A reader's editor answers too; what it says changes nothing and is never acknowledged.
    if (!connection.writable) {
      connection.refusedFrom ??= n;
      return;
    }
    const update = bodyOf(data, 2);
    if (update.length > COLLAB_LIMITS.updateBytes || room.full) return connection.close(CLOSE.TOO_LARGE, 'too large');
    if (update.length === 2 && update[0] === 0 && update[1] === 0) return this.#deps.settled(connection);
    if (this.#deps.overfull(room)) return connection.close(CLOSE.TRY_LATER, 'not saving');
    const parts = readUpdate(update, { drafts: room.drafts !== null });
    this.#take(connection, room, n, data, update, parts);
  }

  #take(connection: Connection, room: Room, n: number, data: Uint8Array, update: Uint8Array, parts: Parts): void {
    if (connection.closed) return;
    const verdict = judge(room.vector, parts);
    if (verdict === 'missing') return this.#hold(connection, room, n, data, update, parts);
    const answer = data[1] === SYNC_STEP.DIFFERENCE;
    const known = verdict === 'known' && (parts.deletes.length === 0 || (answer && room.knowsDeletions(parts.deletes)));
    if (known) {
      connection.unfinished.delete(n);
      return this.#deps.settled(connection);
    }
    const who = `${room.key}/${connection.actor?.memberId ?? ''}`;
    const refusal = room.refusal(parts) ?? (this.#rate.take(who, parts, room.vector, Date.now()) ? null : 'too_many');
    if (refusal === 'too_many') {
      this.#deps.refused(connection, 'too many drafts');
      return connection.close(CLOSE.TOO_LARGE, 'too many drafts');
    }
    if (refusal !== null) return this.#refuse(connection, 'something beside a draft');
    connection.unfinished.add(n);
    const tail = room.accept(data, parts, connection, connection.actor?.memberId ?? '');
    this.#deps.accepted(connection, room, n, tail);
    if (room.heldConnections > 0) this.#retryHeld(room);
  }

  #hold(c: Connection, room: Room, n: number, data: Uint8Array, update: Uint8Array, parts: Parts): void {
    if (c.held.length >= HELD.updates || c.heldBytes + data.length > HELD.bytes)
      return this.#refuse(c, 'updates that rest on nothing');
    if (c.held.length === 0) room.heldConnections += 1;
    c.unfinished.add(n);
    // The bytes lie in a buffer that the socket shares among many messages.
    const message = Uint8Array.prototype.slice.call(data);
    c.held.push({ n, message, update: message.subarray(data.length - update.length), parts });
    c.heldBytes += data.length;
  }

  #retryHeld(room: Room): void {
    for (const connection of room.connections) {
      if (connection.held.length === 0) continue;
      const { held } = connection;
      if (!held.some(({ parts }) => judge(room.vector, parts) !== 'missing')) continue;
      connection.held = [];
      connection.heldBytes = 0;
      room.heldConnections -= 1;
      for (const { n, message, update, parts } of held) this.#take(connection, room, n, message, update, parts);
    }
  }

  #awareness(connection: Connection, room: Room, payload: Uint8Array): void {
    const { actor } = connection;
    if (actor === null) return;
    const heard = readAwareness(payload, (client) => this.#speaksAs(connection, room, client));
    for (const { client, clock, state } of heard) {
      const known = room.places.get(client);
      if (known !== undefined && known.by === connection && known.clock >= clock) continue;
      const text = stamped(state, { id: actor.memberId, name: actor.name });
      const place = { clock: Math.max(clock, (known?.clock ?? -1) + 1), state: text };
      if (text === 'null') room.places.delete(client);
      else room.places.set(client, { ...place, by: connection });
      room.moved.set(client, place);
      this.#deps.moved(room);
    }
  }

  /**
   * A connection speaks as one author: the first that it names. An author who is there belongs to its connection; only
   * the same member, coming back before the old line was known to be dead, takes it over.
   */
  #speaksAs(connection: Connection, room: Room, client: number): boolean {
    if (connection.client !== null) return connection.client === client;
    const holder = room.places.get(client)?.by;
    if (holder !== undefined && holder !== connection) {
      if (holder.actor?.memberId !== connection.actor?.memberId) return false;
      holder.client = -1;
    }
    connection.client = client;
    return true;
  }

  #refuse(connection: Connection, reason: string): void {
    this.#deps.refused(connection, reason);
    connection.close(CLOSE.BAD_PROTOCOL, 'not our protocol');
  }
}

/** The length-prefixed body that ends a message. Throws when the length is not exactly what is there. */
function bodyOf(data: Uint8Array, from: number): Uint8Array {
  let length = 0;
  let scale = 1;
  for (let at = from; at < data.length && at < from + 5; at++) {
    const byte = data[at] ?? 0;
    length += (byte & 127) * scale;
    scale *= 128;
    if (byte < 128) {
      if (data.length - at - 1 !== length) break;
      return data.subarray(at + 1);
    }
  }
  throw new BadUpdate('a length that is not so');
}
