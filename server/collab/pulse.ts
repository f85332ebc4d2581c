import { awarenessMessage } from './awareness.ts';
import type { Connection } from './connection.ts';
import { frameOf } from './frame.ts';
import type { Room } from './room.ts';

/** What is said to a document within this time after it was last told something travels in one write (ms). */
export const FLUSH_MS = 16;
/** Cursors travel together, the latest of each, at this pace (ms); at half of it where so many look on that it costs. */
export const PLACES_MS = 40;
const CROWD = 20;

/**
 * When things are said. A document that was quiet hears an update in the same turn of the loop; a busy one hears all of
 * a window at once. There acknowledgements ride along, or leave at the window's end.
 */
export class Pulse {
  #soon = new Set<Room>();
  #later = new Set<Room>();
  #acks = new Set<Connection>();
  #moved = new Set<Room>();
  #immediate: NodeJS.Immediate | null = null;
  #timer: NodeJS.Timeout | null = null;
  #placesTimer: NodeJS.Timeout | null = null;
  deliveries = 0;

  said(room: Room): void {
    if (performance.now() - room.flushedAt >= FLUSH_MS) {
      this.#soon.add(room);
      this.#immediate ??= setImmediate(() => this.#flushSoon());
    } else if (!this.#soon.has(room)) {
      this.#later.add(room);
      this.#timer ??= setTimeout(() => this.#flushLater(), FLUSH_MS);
    }
  }

  /** What a connection said brought nothing: it hears so at the window's end. */
  settled(connection: Connection): void {
    this.#acks.add(connection);
    this.#timer ??= setTimeout(() => this.#flushLater(), FLUSH_MS);
  }

  /** Updates of a connection are journalled: it hears at once, or with what its busy document is about to be told. */
  stored(connection: Connection): void {
    const { room } = connection;
    if (room !== null && performance.now() - room.flushedAt < FLUSH_MS) this.settled(connection);
    else this.acknowledge(connection);
  }

  moved(room: Room): void {
    this.#moved.add(room);
    this.#placesTimer ??= setTimeout(() => this.#flushPlaces(), PLACES_MS);
  }

  stop(): void {
    if (this.#immediate !== null) clearImmediate(this.#immediate);
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#placesTimer !== null) clearTimeout(this.#placesTimer);
  }

  acknowledge(connection: Connection): void {
    const frame = connection.ackFrame();
    if (frame !== null) connection.write(frame);
  }

  flush(room: Room): void {
    const said = room.outgoing;
    if (said.length === 0) return;
    room.outgoing = [];
    room.flushedAt = performance.now();
    const authors = new Set(said.map(({ from }) => from));
    let all: Buffer | null = null;
    for (const connection of room.connections) {
      if (!connection.synced || connection.closed) continue;
      const ack = this.#acks.delete(connection) ? connection.ackFrame() : null;
      if (authors.has(connection)) {
        const others = said.filter(({ from }) => from !== connection).map(({ frame }) => frame);
        this.deliveries += others.length;
        if (others.length > 0) connection.tell(others.length === 1 && others[0] ? others[0] : Buffer.concat(others));
        if (ack !== null) connection.write(ack);
        continue;
      }
      all ??= said.length === 1 && said[0] ? said[0].frame : Buffer.concat(said.map(({ frame }) => frame));
      this.deliveries += said.length;
      connection.tell(all);
      if (ack !== null) connection.write(ack);
    }
  }

  #flushSoon(): void {
    this.#immediate = null;
    const rooms = this.#soon;
    this.#soon = new Set();
    for (const room of rooms) this.flush(room);
  }

  #flushLater(): void {
    this.#timer = null;
    const rooms = this.#later;
    this.#later = new Set();
    for (const room of rooms) this.flush(room);
    const acks = this.#acks;
    this.#acks = new Set();
    for (const connection of acks) this.acknowledge(connection);
  }

  #flushPlaces(): void {
    this.#placesTimer = null;
    const rooms = this.#moved;
    this.#moved = new Set();
    const now = performance.now();
    for (const room of rooms) {
      if (room.moved.size === 0) continue;
      if (room.connections.size > CROWD && now - room.placesAt < PLACES_MS * 1.5) {
        this.moved(room);
        continue;
      }
      room.placesAt = now;
      const frame = frameOf(awarenessMessage(room.moved));
      room.moved.clear();
      for (const connection of room.connections) if (connection.synced) connection.tell(frame);
    }
  }
}
