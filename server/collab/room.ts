import type { Id } from '#lib/domain/values.ts';
import { COLLAB_LIMITS, SYNC_STEP } from '#lib/protocol/collab.ts';
import type { LogUpdate, WorkspaceStore } from '#server/store/port.ts';
import { awarenessMessage, type Place } from './awareness.ts';
import type { Connection } from './connection.ts';
import { readEntry, updateOf, type Snapshot } from './entry.ts';
import { frameOf, payloadOf, syncMessage, withStep } from './frame.ts';
import { advance, covers, Deletions, readVector, writeVector, type Vector } from './known.ts';
import { Drafts } from './drafts.ts';
import { readUpdate, type Parts } from './read-update.ts';
import { readMemory } from './thread-memory.ts';

/** One update of the tail: its message as it travels, and its id in the log once it is journalled. */
export interface Tail {
  message: Uint8Array;
  /** Whose it is in the log. */
  author: Id;
  id: string | null;
}

export interface Base extends Snapshot {
  /** Its content as a message. */
  message: Uint8Array;
  reached: Vector;
}

const EMPTY = new Uint8Array([0, 0]);
/** Author in the log of what the server itself takes out of a document. */
export const SERVER_AUTHOR = 'server';
/** Reading a long log lets others have their turn after this (ms). */
const TURN_MS = 4;

/** An open document: bytes, who is there, and what is about to be said. Only the server's loop touches it. */
export class Room {
  readonly key: string;
  readonly workspaceId: Id;
  readonly doc: string;
  readonly epoch: number;
  readonly store: WorkspaceStore;
  readonly ready: Promise<void>;
  readonly connections = new Set<Connection>();
  /** Work of the server's own that goes on here: the room stays. */
  holds = 0;
  /** A thread's map of drafts; null for a note. */
  drafts: Drafts | null;
  bases: Base[] = [];
  tail: Tail[] = [];
  tailBytes = 0;
  bytes = 0;
  vector: Vector = new Map();
  /** Updates accepted and not journalled. */
  unsaved = 0;
  unsavedBytes = 0;
  compacting = false;
  /** No compaction below this many updates: the last one failed. */
  compactFrom = 0;
  heldConnections = 0;
  /** Ids in the log of what this node wrote lately, for the log's tail. */
  readonly own = new Set<string>();
  /** Appends of this node whose ids are not known yet. */
  readonly appending = new Set<Promise<string>>();
  /** What the log's tail has brought and was not taken in yet, in its order. */
  arrived: Pick<LogUpdate, 'id' | 'author' | 'bytes'>[] = [];
  taking = false;
  /** Updates of other nodes that rest on what has not come yet. */
  early: { id: string; author: Id; message: Uint8Array }[] = [];
  /** Resolves once the document has its head in the store; null until it is first written. */
  head: Promise<void> | null = null;
  headed = false;

  outgoing: { frame: Buffer; from: Connection | null }[] = [];
  flushedAt = 0;
  /** When places were last told. */
  placesAt = 0;
  readonly places = new Map<number, Place & { by: Connection }>();
  readonly moved = new Map<number, Place>();
  #deletions: Deletions | null = null;

  constructor(store: WorkspaceStore, key: string, doc: string, epoch: number) {
    this.store = store;
    this.workspaceId = store.workspaceId;
    this.key = key;
    this.doc = doc;
    this.epoch = epoch;
    this.drafts = isThread(doc) ? new Drafts() : null;
    this.ready = this.load();
    this.ready.catch(() => undefined);
  }

  /** Reads the document from the log anew. */
  async load(): Promise<void> {
    const stored = new Set(this.tail.filter(({ id }) => id !== null));
    const entries = await this.store.log.read(this.doc, this.epoch);
    const read: ({ bytes: Uint8Array; snapshot: Snapshot } | { tail: Tail; parts: Parts })[] = [];
    let end = performance.now() + TURN_MS;
    for (const { id, author, bytes } of entries) {
      const entry = readEntry(bytes);
      if (entry.kind === 'snapshot') read.push({ bytes, snapshot: entry });
      else
        for (const message of entry.messages) {
          read.push({ tail: { message, author, id }, parts: this.read(message) });
          if (performance.now() < end) continue;
          await new Promise(setImmediate);
          end = performance.now() + TURN_MS;
        }
    }
    // What came meanwhile may be in what was read, or not: twice is once.
    const since = this.tail.filter((tail) => !stored.has(tail));
    this.bases = [];
    this.tail = [];
    this.tailBytes = 0;
    this.bytes = 0;
    this.vector = new Map();
    this.#deletions = null;
    if (this.drafts !== null) this.drafts = new Drafts();
    for (const part of read)
      if ('snapshot' in part) this.#addBase(part.bytes, part.snapshot);
      else this.#addTail(part.tail, part.parts);
    for (const tail of since) this.#addTail(tail, this.read(tail.message));
  }

  /** What an update of this document says. @throws BadUpdate */
  read(message: Uint8Array): Parts {
    return readUpdate(updateOf(message), { drafts: this.drafts !== null });
  }

  /** Why a well-formed update whose dependencies are all there cannot be taken; null when it can. */
  refusal(parts: Parts): 'misplaced' | 'too_many' | null {
    return this.drafts?.refusal(parts, this.vector) ?? null;
  }

  #addBase(bytes: Uint8Array, snapshot: Snapshot): void {
    const reached = readVector(snapshot.vector);
    const end = snapshot.update.byteOffset - bytes.byteOffset + snapshot.update.length;
    this.bases.push({ ...snapshot, message: bytes.subarray(0, end), reached });
    this.bytes += snapshot.update.length;
    if (this.drafts !== null && snapshot.memory !== null)
      for (const entry of readMemory(snapshot.memory).drafts) this.drafts.add(entry);
    for (const [client, clock] of reached) if (clock > (this.vector.get(client) ?? 0)) this.vector.set(client, clock);
  }

  #addTail(tail: Tail, parts: Parts): void {
    this.tail.push(tail);
    this.tailBytes += tail.message.length;
    this.bytes += tail.message.length;
    this.drafts?.take(parts, this.vector);
    advance(this.vector, parts);
    this.#deletions?.add(parts.deletes);
  }

  /** Takes a checked update in; what it is given is the message as it travels. */
  accept(message: Uint8Array, parts: Parts, from: Connection | null, author: Id): Tail {
    const frame = frameOf(withStep(message, SYNC_STEP.UPDATE));
    const tail: Tail = { message: payloadOf(frame), author, id: null };
    this.#addTail(tail, parts);
    this.outgoing.push({ frame, from });
    return tail;
  }

  get full(): boolean {
    return this.bytes > COLLAB_LIMITS.documentBytes;
  }

  /** Whether all of these are deleted already. Reads all deletions at its first use, which a reconnection asks for. */
  knowsDeletions(deletes: readonly number[]): boolean {
    if (deletes.length === 0) return true;
    if (this.#deletions === null) {
      this.#deletions = new Deletions();
      for (const base of this.bases) this.#deletions.add(readUpdateDeletes(base.deletes));
      for (const { message } of this.tail) this.#deletions.add(this.read(message).deletes);
    }
    return this.#deletions.has(deletes);
  }

  /** The bases that a client with this vector needs in part: somebody has to work out which part. */
  needsDifference(vector: Vector): boolean {
    return vector.size > 0 && this.bases.some((base) => !covers(vector, base.reached));
  }

  /**
   * All frames that bring a client with `vector` up to date, the last one as the answer that y-websocket waits for.
   *
   * @param differences what it lacks of each base, where that was worked out
   */
  answer(vector: Vector, differences: ReadonlyMap<Base, Uint8Array>): Buffer {
    const messages: Uint8Array[] = [];
    for (const base of this.bases) {
      const difference = differences.get(base);
      if (difference !== undefined) messages.push(syncMessage(SYNC_STEP.UPDATE, difference));
      else if (vector.size === 0) messages.push(base.message);
      else if (covers(vector, base.reached)) messages.push(syncMessage(SYNC_STEP.UPDATE, base.deletes));
      else messages.push(base.message);
    }
    for (const { message } of this.tail)
      if (vector.size === 0 || bringsTo(vector, this.read(message))) messages.push(message);
    const last = messages.pop() ?? syncMessage(SYNC_STEP.DIFFERENCE, EMPTY);
    const frames = messages.map((message) => frameOf(withStep(message, SYNC_STEP.UPDATE)));
    return Buffer.concat([...frames, frameOf(withStep(last, SYNC_STEP.DIFFERENCE))]);
  }

  /** The question that asks a client for what the server lacks. */
  question(): Buffer {
    return frameOf(syncMessage(SYNC_STEP.VECTOR, writeVector(this.vector)));
  }

  placesFrame(): Buffer {
    return frameOf(awarenessMessage(this.places));
  }

  /** Puts one snapshot in the place of what it was made of. */
  compacted(entryBytes: Uint8Array, bases: ReadonlySet<Base>, tails: ReadonlySet<Tail>): void {
    const entry = readEntry(entryBytes);
    if (entry.kind !== 'snapshot') throw new Error('not a snapshot');
    const kept = this.tail.filter((tail) => !tails.has(tail));
    this.bases = this.bases.filter((base) => !bases.has(base));
    this.tail = kept;
    this.tailBytes = kept.reduce((sum, { message }) => sum + message.length, 0);
    this.bytes = this.tailBytes + this.bases.reduce((sum, { update }) => sum + update.length, 0);
    this.#addBase(entryBytes, entry);
  }
}

function bringsTo(vector: Vector, { spans, deletes }: Parts): boolean {
  return deletes.length > 0 || spans.some(({ client, to }) => to > (vector.get(client) ?? 0));
}

/** The deletions of our own snapshot, however many they are. */
function readUpdateDeletes(update: Uint8Array): number[] {
  return readUpdate(update, { most: Infinity }).deletes;
}

/** Whether a document of this name has drafts. */
export const isThread = (doc: string): boolean => doc.startsWith('thread:');
