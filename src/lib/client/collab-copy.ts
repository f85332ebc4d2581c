import { IndexeddbPersistence } from 'y-indexeddb';
import * as Y from 'yjs';
import type { Id } from '#lib/domain/values.ts';

/** Whose copy of what: one database each, so that an epoch or a member never finds another's. */
export interface CopyOf {
  memberId: Id;
  document: string;
  epoch: number;
}

/** What a copy knows beside the document. */
export interface Kept {
  /** What the server is known to have, by author. */
  confirmed: ReadonlyMap<number, number>;
  /** It could be written to when there last was a connection. */
  writable: boolean;
  /** All that the server had then is here. */
  whole: boolean;
}

const DATABASE = 'encours:note:';
/** Where y-indexeddb keeps the document itself. */
const UPDATES = 'updates';
/** A browser that keeps nothing for us (a private window, a full disk) holds nobody up for longer (ms). */
const PATIENCE_MS = 2_000;

const prefixOf = ({ memberId, document }: CopyOf): string => `${DATABASE}${memberId}:${document}:`;

/** This browser's copy of one document: read first, written along, wiped when the document ends for this person. */
export class LocalCopy {
  readonly #store: IndexeddbPersistence;

  constructor(doc: Y.Doc, of: CopyOf) {
    this.#store = new IndexeddbPersistence(`${prefixOf(of)}${of.epoch}`, doc);
    this.#store._db.then(
      // Another tab forgets everything: it must not wait for this one.
      (db) => (db.onversionchange = () => void this.#store.destroy()),
      () => undefined,
    );
  }

  /** Fills the document with what is kept; null when nothing is, or nothing can be read. */
  async read(): Promise<Kept | null> {
    const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), PATIENCE_MS));
    const there = this.#store.whenSynced.then(() => readKept(this.#store)).catch(() => null);
    return await Promise.race([there, late]);
  }

  /** True for changes that came out of the copy. */
  isSource(origin: unknown): boolean {
    return origin === this.#store;
  }

  /** At once; that the document is whole only when all of it has been written. */
  keep(kept: Kept): void {
    const copy = { ...kept, confirmed: new Map(kept.confirmed) };
    const ready = kept.whole ? this.#written() : Promise.resolve();
    void ready.then(() => this.#store.set('kept', copy as never)).catch(() => undefined);
  }

  async #written(): Promise<void> {
    const database = await this.#store._db;
    await new Promise<void>((resolve, reject) => {
      const reading = database.transaction(UPDATES, 'readonly');
      reading.oncomplete = () => resolve();
      reading.onabort = () => reject(reading.error ?? new Error('IndexedDB aborted'));
      reading.objectStore(UPDATES).count();
    });
  }

  async wipe(): Promise<void> {
    await this.#store.clearData().catch(() => undefined);
  }
}

async function readKept(store: IndexeddbPersistence): Promise<Kept | null> {
  const kept = (await store.get('kept')) as Partial<Kept> | undefined;
  if (kept?.confirmed instanceof Map)
    return { confirmed: kept.confirmed, writable: kept.writable === true, whole: kept.whole === true };
  return null;
}

/**
 * Takes the copies of this member's document that belong to earlier epochs out of the browser; each with what the server
 * is known to have had of it. A copy that says nothing of that is wiped unread.
 */
export async function takeOlderCopies(of: CopyOf): Promise<{ doc: Y.Doc; confirmed: ReadonlyMap<number, number> }[]> {
  const taken: { doc: Y.Doc; confirmed: ReadonlyMap<number, number> }[] = [];
  if (typeof indexedDB === 'undefined' || indexedDB.databases === undefined) return taken;
  for (const { name } of await indexedDB.databases()) {
    const epoch = name?.startsWith(prefixOf(of)) ? Number(name.slice(prefixOf(of).length)) : NaN;
    if (name === undefined || !(epoch < of.epoch)) continue;
    const doc = new Y.Doc();
    const store = new IndexeddbPersistence(name, doc);
    await store.whenSynced;
    const kept = await readKept(store).catch(() => null);
    await store.clearData();
    if (kept !== null) taken.push({ doc, confirmed: kept.confirmed });
  }
  return taken;
}
