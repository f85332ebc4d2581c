import type { Id } from '#lib/domain/values.ts';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import type { NoteNode } from '#lib/protocol/editor-schema.ts';
import type { App } from '#server/app.ts';
import type { WorkspaceStore } from '#server/store/port.ts';
import type { Connection } from './connection.ts';
import { packMessages, packSnapshot, readEntry } from './entry.ts';
import { ensureHead, headOf, restartDocument } from './heads.ts';
import { Journal, type Pending } from './journal.ts';
import { covers, readVector } from './known.ts';
import type { LiveDocuments } from './live-documents.ts';
import type { Pulse } from './pulse.ts';
import { Room, type Base, type Tail } from './room.ts';
import { Workshop } from './workshop.ts';

/** Unsaved bytes of one document, and of all, that are kept while the store does not answer. */
const UNSAVED = { room: 4_194_304, all: 67_108_864 } as const;
/** A tail of so many bytes is compacted however few updates it has. */
const TAIL_BYTES = 262_144;
/** What is worth compacting when the last one leaves. */
const WORTH_AT_END = 64;
/** How long stopping waits for the store (ms). */
const CLOSE_MS = 5_000;

export interface RoomsOptions {
  app: App;
  pulse: Pulse;
  compactFrom: number;
  followLog: boolean;
}

/** The open documents. A room stays until all that it took is journalled, so whoever comes next finds it. */
export class Rooms implements LiveDocuments {
  readonly #app: App;
  readonly #pulse: Pulse;
  readonly #compactFrom: number;
  /** Remember what this node writes, to know it again in the log's tail. */
  readonly #followLog: boolean;
  readonly #rooms = new Map<string, Room>();
  readonly #journal: Journal;
  readonly #workshop = new Workshop();
  /** Documents on their way to another epoch: nobody is let in meanwhile. */
  readonly #restarting = new Set<string>();
  readonly #differences = new WeakMap<Base, { vector: string; bytes: Promise<Uint8Array> }>();
  settled: (connection: Connection) => void = () => undefined;
  compactions = 0;

  constructor({ app, pulse, compactFrom, followLog }: RoomsOptions) {
    this.#app = app;
    this.#pulse = pulse;
    this.#compactFrom = compactFrom;
    this.#followLog = followLog;
    this.#journal = new Journal({
      log: app.log,
      store: (room, author, tails) => this.#store(room, author, tails),
      stored: (group) => this.#stored(group),
    });
  }

  get size(): number {
    return this.#rooms.size;
  }
  get unsavedBytes(): number {
    return this.#journal.waitingBytes;
  }
  get failing(): boolean {
    return this.#journal.failing;
  }

  get(workspaceId: Id, doc: string): Room | undefined {
    return this.#rooms.get(`${workspaceId}/${doc}`);
  }

  /** Opens the document for a connection; answers once it is loaded. */
  async enter(connection: Connection, store: WorkspaceStore, doc: string, epoch: number): Promise<Room> {
    const key = `${store.workspaceId}/${doc}`;
    let room = this.#rooms.get(key);
    if (this.#restarting.has(key) || (room !== undefined && room.epoch !== epoch)) throw new Error('being restarted');
    if (room === undefined) this.#rooms.set(key, (room = new Room(store, key, doc, epoch)));
    room.connections.add(connection);
    try {
      await room.ready;
    } catch (error) {
      room.connections.delete(connection);
      if (this.#rooms.get(key) === room) this.#rooms.delete(key);
      throw error;
    }
    if (room.tail.length >= this.#compactFrom) void this.#compact(room);
    return room;
  }

  leave(connection: Connection): void {
    for (const room of connection.room === null ? this.#rooms.values() : [connection.room]) {
      if (!room.connections.delete(connection)) continue;
      if (connection.held.length > 0) room.heldConnections -= 1;
      for (const [client, place] of room.places) {
        if (place.by !== connection) continue;
        room.places.delete(client);
        room.moved.set(client, { clock: place.clock + 1, state: 'null' });
        if (room.connections.size > 0) this.#pulse.moved(room);
      }
      void room.ready.then(
        () => this.#maybeUnload(room),
        () => undefined,
      );
    }
    connection.room = null;
  }

  overfull(room: Room): boolean {
    return room.unsavedBytes > UNSAVED.room || this.#journal.waitingBytes > UNSAVED.all;
  }

  /** Relays an accepted update and brings it to the log; its author hears once it is there. */
  journal(connection: Connection, room: Room, n: number, tail: Tail): void {
    this.#pulse.said(room);
    room.unsaved += 1;
    room.unsavedBytes += tail.message.length;
    this.#journal.add({ room, connection, n, author: connection.actor?.memberId ?? '', tail });
  }

  #stored(group: readonly Pending[]): void {
    const room = group[0]?.room;
    if (room === undefined) return;
    const connections = new Set<Connection>();
    for (const { connection, n, tail } of group) {
      room.unsaved -= 1;
      room.unsavedBytes -= tail.message.length;
      connection.unfinished.delete(n);
      connections.add(connection);
    }
    for (const connection of connections) {
      if (!connection.closed) this.#pulse.stored(connection);
      this.settled(connection);
    }
    if (room.tail.length >= this.#compactFrom || room.tailBytes > TAIL_BYTES) void this.#compact(room);
    this.#maybeUnload(room);
  }

  async #store(room: Room, author: Id, tails: readonly Tail[]): Promise<void> {
    if (room.head === null) {
      room.head = ensureHead(room.store, room.doc, room.epoch);
      room.head.catch(() => (room.head = null));
    }
    if (!room.headed) {
      await room.head;
      room.headed = true;
    }
    const bytes = packMessages(tails.map(({ message }) => message));
    const id = await room.store.log.append(room.doc, room.epoch, author, bytes);
    for (const tail of tails) tail.id = id;
    if (this.#followLog) room.own.add(id);
  }

  /** Answers what a client lacks. What costs more than a moment is worked out beside the loop. */
  async answer(connection: Connection, room: Room, encoded: Uint8Array): Promise<void> {
    const bytes = new Uint8Array(encoded);
    const vector = readVector(bytes);
    const differences = new Map<Base, Uint8Array>();
    if (room.needsDifference(vector)) {
      connection.synced = false;
      for (const base of room.bases) {
        if (covers(vector, base.reached)) continue;
        try {
          differences.set(base, await this.#difference(base, bytes));
        } catch (error) {
          this.#app.log.warn({ err: error }, 'collab: a difference could not be worked out');
        }
      }
    }
    if (connection.closed || connection.room !== room) return;
    connection.synced = true;
    connection.tell(room.answer(vector, differences));
  }

  /** Many who come back after a cut ask the same. */
  async #difference(base: Base, vector: Uint8Array): Promise<Uint8Array> {
    const name = Buffer.from(vector).toString('base64');
    const known = this.#differences.get(base);
    if (known?.vector === name) return await known.bytes;
    const bytes = this.#workshop
      .run({ kind: 'difference', update: base.update, vector })
      .then((done) => done.bytes[0] ?? new Uint8Array([0, 0]));
    this.#differences.set(base, { vector: name, bytes });
    return await bytes;
  }

  async #compact(room: Room): Promise<void> {
    if (room.compacting || room.tail.length < room.compactFrom) return;
    room.compacting = true;
    // Journalled before the log is read: whatever became of their entries since, the log holds them.
    const tails = new Set(room.tail.filter(({ id }) => id !== null));
    const bases = new Set(room.bases);
    try {
      const entries = await room.store.log.read(room.doc, room.epoch);
      const [first] = entries;
      if (first === undefined || (entries.length === 1 && readEntry(first.bytes).kind === 'snapshot')) {
        room.compactFrom = room.tail.length + this.#compactFrom;
        return;
      }
      const ids = entries.map(({ id }) => id);
      const read = entries.map(({ bytes }) => bytes);
      const [snapshot] = (await this.#workshop.run({ kind: 'compact', entries: read })).bytes;
      if (snapshot === undefined) throw new Error('no snapshot');
      if (!(await room.store.log.compact(room.doc, room.epoch, ids, snapshot))) {
        // Another node was faster: there is nothing to do before more has come.
        room.compactFrom = room.tail.length + this.#compactFrom;
        return;
      }
      room.compacted(snapshot, bases, tails);
      room.compactFrom = 0;
      this.compactions += 1;
    } catch (error) {
      // Tried again only when there is more: what failed once would fail at every update.
      room.compactFrom = room.tail.length + this.#compactFrom;
      this.#app.log.warn({ err: error, doc: room.doc }, 'collab: compaction failed');
    } finally {
      room.compacting = false;
      if (room.tail.length - room.unsaved >= Math.max(this.#compactFrom, room.compactFrom)) void this.#compact(room);
      else this.#maybeUnload(room);
    }
  }

  #maybeUnload(room: Room): void {
    if (room.connections.size > 0 || room.unsaved > 0 || room.compacting) return;
    if (this.#rooms.get(room.key) !== room) return;
    if (room.tail.length >= Math.max(WORTH_AT_END, room.compactFrom)) void this.#compact(room);
    else this.#rooms.delete(room.key);
  }

  /** Waits until this node knows the ids of all it has written to the document. */
  async whenLevel(room: Room): Promise<void> {
    for (let tries = 0; room.unsaved > 0 && tries < 200; tries++) await new Promise((done) => setTimeout(done, 5));
  }

  /** After the log's tail lost its place: what is open is read again, and everybody asked again. */
  async reloadAll(): Promise<void> {
    for (const room of this.#rooms.values()) {
      await room.load();
      for (const connection of room.connections)
        if (connection.synced) connection.tell(room.answer(new Map(), new Map()));
    }
  }

  async read(workspaceId: Id, doc: string): Promise<{ epoch: number; note: NoteNode }> {
    const open = this.get(workspaceId, doc);
    if (open !== undefined) {
      await open.ready;
      const copies = open.bases.map(packSnapshot);
      if (open.tail.length > 0) copies.push(new Uint8Array(packMessages(open.tail.map(({ message }) => message))));
      return { epoch: open.epoch, note: await this.#note(copies) };
    }
    const store = this.#app.store.workspace(workspaceId);
    const { epoch } = await headOf(store, doc);
    const entries = await store.log.read(doc, epoch);
    return { epoch, note: await this.#note(entries.map(({ bytes }) => bytes)) };
  }

  async #note(entries: Uint8Array[]): Promise<NoteNode> {
    if (entries.length === 0) return { type: 'doc', content: [{ type: 'paragraph' }] };
    const { json } = await this.#workshop.run({ kind: 'json', entries });
    if (json === undefined) throw new Error('no note');
    return json;
  }

  async restart(workspaceId: Id, doc: string): Promise<number> {
    const key = `${workspaceId}/${doc}`;
    const store = this.#app.store.workspace(workspaceId);
    this.#restarting.add(key);
    try {
      const { epoch: before } = await headOf(store, doc);
      for (const connection of this.#rooms.get(key)?.connections ?? [])
        connection.close(CLOSE.EPOCH_CHANGED, `epoch ${before + 1}`);
      await this.#journal.drain(CLOSE_MS);
      const epoch = await restartDocument(store, doc);
      this.#rooms.delete(key);
      return epoch;
    } finally {
      this.#restarting.delete(key);
    }
  }

  async close(connections: Iterable<Connection>): Promise<void> {
    const home = await this.#journal.drain(CLOSE_MS);
    for (const connection of connections) {
      this.#pulse.acknowledge(connection);
      connection.close(CLOSE.GOING_AWAY, 'stopping');
    }
    if (!home) this.#app.log.error({ bytes: this.#journal.waitingBytes }, 'stopped with prose that was not saved');
    this.#journal.stop();
    await this.#workshop.close();
    for (const connection of connections) connection.ws.terminate();
  }
}
