import type { App } from '#server/app.ts';
import type { LogUpdate } from '#server/store/port.ts';
import { readEntry } from './entry.ts';
import { judge } from './known.ts';
import type { Pulse } from './pulse.ts';
import type { Room } from './room.ts';

/** How long what other nodes wrote waits for this node's own appends (ms). */
const KNOWN_MS = 1_000;
/** Updates that rest on what has not come, before the document is read again. */
const MOST_EARLY = 200;

/** An entry of a document's log. */
export type Arrived = Pick<LogUpdate, 'id' | 'author' | 'bytes'>;

interface ElsewhereDeps {
  log: App['log'];
  pulse: Pulse;
  /** Reads an open document again and tells everybody who has it open. */
  reload: (room: Room) => Promise<void>;
}

/** What other nodes write to documents that are open here: taken in once, in the order of the log, and passed on. */
export class Elsewhere {
  readonly #deps: ElsewhereDeps;

  constructor(deps: ElsewhereDeps) {
    this.#deps = deps;
  }

  /** What the log's tail has brought, this node's own among it. */
  arrive(room: Room, entry: Arrived): void {
    room.arrived.push(entry);
    void this.#takeArrived(room);
  }

  async #takeArrived(room: Room): Promise<void> {
    if (room.taking) return;
    room.taking = true;
    try {
      await room.ready;
      while (room.arrived.length > 0) {
        const arrived = room.arrived;
        room.arrived = [];
        await this.whenKnown(room);
        for (const entry of arrived) if (!room.own.delete(entry.id)) this.takeIn(room, entry);
      }
    } catch (error) {
      // A room that could not be read has nobody in it.
      this.#deps.log.warn({ err: error, doc: room.doc }, 'collab: what other nodes wrote was not taken in');
    } finally {
      room.taking = false;
    }
  }

  /** Waits until this node knows the ids of all that it is writing to the document, unless the store hangs. */
  async whenKnown(room: Room): Promise<void> {
    if (room.appending.size === 0) return;
    let timer: NodeJS.Timeout | undefined;
    const hangs = new Promise((done) => (timer = setTimeout(done, KNOWN_MS)));
    await Promise.race([Promise.allSettled(room.appending), hangs]);
    clearTimeout(timer);
  }

  takeIn(room: Room, { id, author, bytes }: Arrived): void {
    const entry = readEntry(bytes);
    if (entry.kind === 'snapshot') return;
    for (const message of entry.messages) room.early.push({ id, author, message });
    this.#takeEarly(room);
  }

  /** Takes in what rests on nothing that is missing: an append that was repeated may come after what builds on it. */
  #takeEarly(room: Room): void {
    for (let more = true; more && room.early.length > 0;) {
      more = false;
      const early = room.early;
      room.early = [];
      for (const one of early) {
        const parts = room.read(one.message);
        const says = judge(room.vector, parts);
        if (says === 'missing') room.early.push(one);
        if (says === 'missing' || (says === 'known' && parts.deletes.length === 0)) continue;
        room.accept(one.message, parts, null, one.author).id = one.id;
        this.#deps.pulse.said(room);
        more = true;
      }
    }
    if (room.early.length <= MOST_EARLY) return;
    room.early = [];
    this.#deps.reload(room).catch((err: unknown) => this.#deps.log.error({ err, doc: room.doc }));
  }
}
