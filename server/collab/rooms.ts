import type { Id } from '#lib/domain/values.ts';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import type { App } from '#server/app.ts';
import type { LogUpdate, WorkspaceStore } from '#server/store/port.ts';
import type { Connection } from './connection.ts';
import { Elsewhere } from './elsewhere.ts';
import { packMessages, packSnapshot, readEntry } from './entry.ts';
import { updateMessage } from './frame.ts';
import { ensureHead, headOf } from './heads.ts';
import { Journal, type Pending } from './journal.ts';
import { covers, judge, readVector } from './known.ts';
import type { Pulse } from './pulse.ts';
import { isThread, Room, SERVER_AUTHOR, type Base, type Tail } from './room.ts';
import { Workshop, type Written } from './workshop.ts';

/** Unsaved bytes of one document, and of all, that are kept while the store does not answer. */
const UNSAVED = { room: 4_194_304, all: 67_108_864 } as const;
/** A tail of so many bytes is compacted however few updates it has. */
const TAIL_BYTES = 262_144;
/** What is worth compacting when the last one leaves. */
const WORTH_AT_END = 64;
/** How long stopping waits for the store (ms). */
const CLOSE_MS = 5_000;
/** How long a node waits for a document's next epoch, which another node began, before it sends its people there (ms). */
const NEXT_EPOCH = { everyMs: 50, mostMs: 5_000 } as const;

export interface RoomsOptions {
  app: Pick<App, 'store' | 'log'>;
  pulse: Pulse;
  compactFrom: number;
  followLog: boolean;
}

/** The open documents. A room stays until all that it took is journalled, so whoever comes next finds it. */
export class Rooms {
  readonly #app: Pick<App, 'store' | 'log'>;
  readonly #pulse: Pulse;
  readonly #compactFrom: number;
  /** Remember what this node writes, to know it again in the log's tail. */
  readonly followLog: boolean;
  readonly #rooms = new Map<string, Room>();
  readonly #journal: Journal;
  readonly #elsewhere: Elsewhere;
  readonly workshop = new Workshop();
  /** Documents on their way to another epoch: nobody is let in meanwhile. */
  readonly #restarting = new Set<string>();
  readonly #differences = new WeakMap<Base, { vector: string; bytes: Promise<Uint8Array> }>();
  settled: (connection: Connection) => void = () => undefined;
  compactions = 0;

  constructor({ app, pulse, compactFrom, followLog }: RoomsOptions) {
    this.#app = app;
    this.#pulse = pulse;
    this.#compactFrom = compactFrom;
    this.followLog = followLog;
    this.#elsewhere = new Elsewhere({ log: app.log, pulse, reload: (room) => this.#reload(room) });
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
    const room = this.#opened(store, doc, epoch);
    room.connections.add(connection);
    try {
      await room.ready;
    } catch (error) {
      room.connections.delete(connection);
      this.#discard(room);
      throw error;
    }
    if (room.tail.length >= this.#compactFrom) void this.#compact(room);
    return room;
  }

  #opened(store: WorkspaceStore, doc: string, epoch: number): Room {
    const key = `${store.workspaceId}/${doc}`;
    let room = this.#rooms.get(key);
    if (this.#restarting.has(key) || (room !== undefined && room.epoch !== epoch)) throw new Error('being restarted');
    if (room === undefined) this.#rooms.set(key, (room = new Room(store, key, doc, epoch)));
    return room;
  }

  #discard(room: Room): void {
    if (this.#rooms.get(room.key) === room) this.#rooms.delete(room.key);
  }

  /** Works on a document as if somebody had it open. */
  async holding<R>(workspaceId: Id, doc: string, work: (room: Room) => Promise<R>): Promise<R> {
    const store = this.#app.store.workspace(workspaceId);
    const open = this.get(workspaceId, doc);
    const room = this.#opened(store, doc, open?.epoch ?? (await headOf(store, doc)).epoch);
    room.holds += 1;
    try {
      await room.ready.catch((error: unknown) => {
        this.#discard(room);
        throw error;
      });
      return await work(room);
    } finally {
      room.holds -= 1;
      this.#maybeUnload(room);
    }
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
    this.#journal.add({ room, connection, n, author: tail.author, tail, done: null });
  }

  /** Takes in a change of the server's own; settles once it is journalled. */
  async write(room: Room, update: Uint8Array): Promise<void> {
    const message = updateMessage(update);
    const tail = room.accept(message, room.read(message), null, SERVER_AUTHOR);
    this.#pulse.said(room);
    room.unsaved += 1;
    room.unsavedBytes += tail.message.length;
    await new Promise<void>((done) => {
      this.#journal.add({ room, connection: null, n: 0, author: SERVER_AUTHOR, tail, done });
    });
  }

  #stored(group: readonly Pending[]): void {
    const room = group[0]?.room;
    if (room === undefined) return;
    const connections = new Set<Connection>();
    for (const { connection, n, tail, done } of group) {
      room.unsaved -= 1;
      room.unsavedBytes -= tail.message.length;
      done?.();
      if (connection === null) continue;
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
    const append = room.store.log.append(room.doc, room.epoch, author, bytes);
    room.appending.add(append);
    try {
      const id = await append;
      for (const tail of tails) tail.id = id;
      if (this.followLog) room.own.add(id);
    } finally {
      room.appending.delete(append);
    }
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
    const bytes = this.workshop
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
      const snapshot = await this.snapshotOf(room.doc, entries);
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

  /** One packed snapshot of all entries of a document's log; takes their memory with it. */
  async snapshotOf(doc: string, entries: Written[]): Promise<Uint8Array> {
    const [snapshot] = (await this.workshop.run({ kind: 'compact', thread: isThread(doc), entries })).bytes;
    if (snapshot === undefined) throw new Error('no snapshot');
    return snapshot;
  }

  #maybeUnload(room: Room): void {
    if (room.connections.size > 0 || room.holds > 0 || room.unsaved > 0 || room.compacting) return;
    if (this.#rooms.get(room.key) !== room) return;
    if (room.tail.length >= Math.max(WORTH_AT_END, room.compactFrom)) void this.#compact(room);
    else this.#rooms.delete(room.key);
  }

  /** After the log's tail lost its place: what is open is read again, and everybody asked again. */
  async reloadAll(): Promise<void> {
    for (const room of this.#rooms.values()) await this.#reload(room);
  }

  async #reload(room: Room): Promise<void> {
    await room.load();
    for (const connection of room.connections)
      if (connection.synced) connection.tell(room.answer(new Map(), new Map()));
  }

  /** What the log's tail brings from other nodes. */
  fromElsewhere(updates: readonly LogUpdate[]): void {
    for (const { workspaceId, doc, epoch, id, author, bytes } of updates) {
      const room = this.get(workspaceId, doc);
      if (room === undefined) continue;
      if (epoch > room.epoch && !this.#restarting.has(room.key)) void this.#follow(room, epoch);
      if (epoch !== room.epoch) continue;
      this.#elsewhere.arrive(room, { id, author, bytes });
    }
  }

  /** Brings an open document level with the log, where other nodes write to it too. */
  async catchUp(room: Room): Promise<void> {
    if (!this.followLog) return;
    const entries = await room.store.log.read(room.doc, room.epoch);
    await this.#elsewhere.whenKnown(room);
    for (const { id, author, bytes } of entries) {
      const entry = readEntry(bytes);
      if (entry.kind === 'snapshot') {
        if (!covers(room.vector, readVector(entry.vector))) return await this.#reload(room);
      } else if (entry.messages.some((message) => judge(room.vector, room.read(message)) !== 'known'))
        this.#elsewhere.takeIn(room, { id, author, bytes });
    }
  }

  /** Another node has begun the document's next epoch: once that is so, everybody here goes there too. */
  async #follow(room: Room, epoch: number): Promise<void> {
    const end = Date.now() + NEXT_EPOCH.mostMs;
    while (this.#rooms.get(room.key) === room && Date.now() < end) {
      const head = await headOf(room.store, room.doc).catch(() => null);
      if (head !== null && head.epoch >= epoch) {
        this.#sendAway(room, head.epoch);
        this.#discard(room);
        return;
      }
      await new Promise((done) => setTimeout(done, NEXT_EPOCH.everyMs));
    }
  }

  #sendAway(room: Room | undefined, epoch: number): void {
    for (const connection of room?.connections ?? []) connection.close(CLOSE.EPOCH_CHANGED, `epoch ${epoch}`);
  }

  /** All that an open document holds, journalled or not. */
  copies(room: Room): Written[] {
    const copies: Written[] = room.bases.map((base) => ({ author: '', bytes: packSnapshot(base) }));
    const runs: { author: Id; messages: Uint8Array[] }[] = [];
    for (const { author, message } of room.tail) {
      const last = runs.at(-1);
      if (last?.author === author) last.messages.push(message);
      else runs.push({ author, messages: [message] });
    }
    for (const { author, messages } of runs) copies.push({ author, bytes: new Uint8Array(packMessages(messages)) });
    return copies;
  }

  /** Sends everybody who has the document open into the epoch that `begin` makes, and lets nobody in meanwhile. */
  async intoNextEpoch(
    workspaceId: Id,
    doc: string,
    begin: (store: WorkspaceStore) => Promise<number>,
  ): Promise<number> {
    const key = `${workspaceId}/${doc}`;
    const store = this.#app.store.workspace(workspaceId);
    this.#restarting.add(key);
    try {
      const { epoch: before } = await headOf(store, doc);
      this.#sendAway(this.#rooms.get(key), before + 1);
      await this.#journal.drain(CLOSE_MS);
      const epoch = await begin(store);
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
    await this.workshop.close();
    for (const connection of connections) connection.ws.terminate();
  }
}
