import type { Id } from '#lib/domain/values.ts';
import type { NoteNode } from '#lib/protocol/editor-schema.ts';
import type { App } from '#server/app.ts';
import { forgetDeleted, headOf, restartDocument } from './heads.ts';
import { deletionOf } from './deletion.ts';
import { covers, readVector, writeVector, type Vector } from './known.ts';
import type { LiveDocuments, TakenDraft } from './live-documents.ts';
import { Pulse } from './pulse.ts';
import type { Reading } from './fragment.ts';
import type { Room } from './room.ts';
import { Rooms } from './rooms.ts';

/** How often a draft that waits for its author's last words is looked at (ms), and the log for other nodes' (ms). */
const LOOK_MS = 10;
const LOG_MS = 100;
/** How long other nodes may take to notice a next epoch, where there can be any (ms). */
const SETTLE_MS = 1_500;

/** What services ask of the documents. */
export class Documents implements LiveDocuments {
  readonly #app: Pick<App, 'store'>;
  readonly #rooms: Rooms;

  constructor(app: Pick<App, 'store'>, rooms: Rooms) {
    this.#app = app;
    this.#rooms = rooms;
  }

  async read(workspaceId: Id, doc: string): Promise<{ epoch: number; note: NoteNode }> {
    const open = this.#rooms.get(workspaceId, doc);
    if (open !== undefined) {
      await open.ready;
      return { epoch: open.epoch, note: await this.#note(this.#rooms.copies(open)) };
    }
    const store = this.#app.store.workspace(workspaceId);
    const { epoch } = await headOf(store, doc);
    return { epoch, note: await this.#note(await store.log.read(doc, epoch)) };
  }

  async #note(entries: { author: Id; bytes: Uint8Array }[]): Promise<NoteNode> {
    if (entries.length === 0) return { type: 'doc', content: [{ type: 'paragraph' }] };
    const { reading } = await this.#rooms.workshop.run({ kind: 'note', entries });
    if (reading === undefined) throw new Error('no note');
    return reading.note;
  }

  async takeDraft(
    workspaceId: Id,
    doc: string,
    draftId: string,
    stateVector: string | null,
    waitMs: number,
  ): Promise<TakenDraft | 'behind' | 'empty'> {
    const seen = stateVector === null ? null : vectorOf(stateVector);
    return await this.#rooms.holding(workspaceId, doc, async (room) => {
      if (seen !== null && !(await this.#reaches(room, seen, waitMs))) return 'behind';
      await this.#rooms.catchUp(room);
      const taken = seen ?? new Map(room.vector);
      const done = await this.#draft(room, draftId, taken);
      if (done === null || done.reading.empty) return 'empty';
      const { reading, authors } = done;
      return { body: reading.note, authors, taken: Buffer.from(writeVector(taken)).toString('base64') };
    });
  }

  async removeDraft(workspaceId: Id, doc: string, draftId: string, taken: string | null): Promise<void> {
    const seen = taken === null ? null : vectorOf(taken);
    await this.#rooms.holding(workspaceId, doc, async (room) => {
      await this.#rooms.catchUp(room);
      const leaves = (await this.#draft(room, draftId, seen ?? room.vector))?.reading.leaves ?? [];
      if (leaves.length > 0) await this.#rooms.write(room, deletionOf(leaves));
    });
  }

  /** Waits until the document holds all of `seen`. */
  async #reaches(room: Room, seen: Vector, waitMs: number): Promise<boolean> {
    const end = Date.now() + waitMs;
    let looked = Date.now();
    while (!covers(room.vector, seen)) {
      const now = Date.now();
      if (now >= end) return false;
      if (now - looked >= LOG_MS) {
        looked = now;
        await this.#rooms.catchUp(room);
      } else await new Promise((done) => setTimeout(done, LOOK_MS));
    }
    return true;
  }

  async #draft(room: Room, draftId: string, seen: Vector): Promise<{ reading: Reading; authors: Id[] } | null> {
    const entries = this.#rooms.copies(room);
    const { reading, authors } = await this.#rooms.workshop.run({
      kind: 'draft',
      draftId,
      seen: writeVector(seen),
      entries,
    });
    return reading === undefined ? null : { reading, authors: authors ?? [] };
  }

  async restart(workspaceId: Id, doc: string): Promise<number> {
    return await this.#rooms.intoNextEpoch(workspaceId, doc, (store) => restartDocument(store, doc));
  }

  async forget(workspaceId: Id, doc: string): Promise<number> {
    return await this.#rooms.intoNextEpoch(workspaceId, doc, (store) =>
      forgetDeleted(
        store,
        doc,
        (entries) => this.#rooms.snapshotOf(doc, entries),
        this.#rooms.followLog ? SETTLE_MS : 0,
      ),
    );
  }
}

function vectorOf(base64: string): Vector {
  try {
    return readVector(new Uint8Array(Buffer.from(base64, 'base64')));
  } catch {
    throw new RangeError('not a state vector');
  }
}

/**
 * An app whose documents nobody has open: of the command line, of tests of services, and until the rooms are there.
 * Rooms that begin to take people in replace `live`.
 */
export function withDocumentsAtRest<A extends Omit<App, 'live'>>(parts: A): A & App {
  const rooms = new Rooms({ app: parts, pulse: new Pulse(), followLog: false, compactFrom: 1_000 });
  return { ...parts, live: new Documents(parts, rooms) };
}
