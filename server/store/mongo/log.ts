import type { Id } from '#lib/domain/values.ts';
import { checkName, refuse } from '../guard.ts';
import { newId } from '../id.ts';
import { StoreUnavailable, type LogUpdate, type WorkspaceStore } from '../port.ts';
import { refuseInsideWork } from '../tx-state.ts';
import type { Database, LogRow } from './database.ts';
import { outside, toPortError } from './errors.ts';
import { TRANSACTION_OPTIONS } from './transaction.ts';

/** Author of the snapshots that compaction writes. */
const COMPACTION_AUTHOR = 'system';
/** Appends of so long (ms) share one insertion. */
const WINDOW_MS = 3;
const MAX_GROUP = 1_000;

interface Waiting {
  row: LogRow;
  resolve: (id: string) => void;
  reject: (error: unknown) => void;
}

/** Appends of all documents, gathered for a few milliseconds and stored by one `insertMany`. */
export class LogWriter {
  readonly #database: Database;
  readonly #onStored: (ids: string[]) => void;
  #waiting: Waiting[] = [];
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(database: Database, onStored: (ids: string[]) => void) {
    this.#database = database;
    this.#onStored = onStored;
  }

  append(row: LogRow): Promise<string> {
    if (this.#closed) return Promise.reject(new StoreUnavailable('the store is closed'));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ row, resolve, reject });
      this.#timer ??= setTimeout(() => this.#flush(), WINDOW_MS);
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#flush();
    await this.#running;
  }

  #flush(): void {
    this.#timer = null;
    const groups: Waiting[][] = [];
    while (this.#waiting.length > 0) groups.push(this.#waiting.splice(0, MAX_GROUP));
    for (const group of groups) this.#running = this.#running.then(() => this.#store(group));
  }

  async #store(group: Waiting[]): Promise<void> {
    try {
      await this.#database.log.insertMany(group.map(({ row }) => row));
      for (const { row, resolve } of group) resolve(row._id);
      this.#onStored(group.map(({ row }) => row._id));
    } catch (error) {
      const mapped = toPortError(error);
      for (const { reject } of group) reject(mapped);
    }
  }
}

export const updateOf = (row: LogRow): LogUpdate => ({
  workspaceId: row.w,
  doc: row.doc,
  epoch: row.epoch,
  id: row._id,
  author: row.author,
  bytes: new Uint8Array(row.bytes),
});

class EntryGone extends Error {}

/** The Yjs updates of one workspace's documents. */
export function logOf(database: Database, writer: LogWriter, workspaceId: Id): WorkspaceStore['log'] {
  const { log, client } = database;
  const rowOf = (doc: string, epoch: number, author: string, bytes: Uint8Array): LogRow => ({
    _id: newId(),
    w: workspaceId,
    doc,
    epoch,
    author,
    bytes: Buffer.from(bytes),
  });
  return {
    append: async (doc, epoch, author, bytes) => {
      checkEntry(doc, epoch, bytes);
      refuseInsideWork();
      return writer.append(rowOf(doc, epoch, author, bytes));
    },
    // Of one moment: while a compaction commits, a plain cursor could miss its snapshot and what that replaced.
    read: (doc, epoch) =>
      outside(async () => {
        const session = client.startSession();
        try {
          const rows = await session.withTransaction(
            () => log.find({ w: workspaceId, doc, epoch }, { session }).sort({ _id: 1 }).toArray(),
            TRANSACTION_OPTIONS,
          );
          return rows.map(updateOf).map(({ id, author, bytes }) => ({ id, author, bytes }));
        } finally {
          await session.endSession();
        }
      }),
    compact: async (doc, epoch, ids, bytes) => {
      checkEntry(doc, epoch, bytes);
      refuseInsideWork();
      const distinct = [...new Set(ids)];
      if (distinct.length === 0) refuse('compaction of nothing');
      const session = client.startSession();
      try {
        await session.withTransaction(async () => {
          const { deletedCount } = await log.deleteMany(
            { _id: { $in: distinct }, w: workspaceId, doc, epoch },
            { session },
          );
          if (deletedCount !== distinct.length) throw new EntryGone();
          await log.insertOne(rowOf(doc, epoch, COMPACTION_AUTHOR, bytes), { session });
        }, TRANSACTION_OPTIONS);
        return true;
      } catch (error) {
        if (error instanceof EntryGone) return false;
        throw toPortError(error);
      } finally {
        await session.endSession();
      }
    },
    drop: async (doc, fromEpoch, toEpoch) => {
      checkEpochs(doc, fromEpoch, toEpoch);
      refuseInsideWork();
      await outside(() => log.deleteMany({ w: workspaceId, doc, epoch: { $gte: fromEpoch, $lt: toEpoch } }));
    },
  };
}

function checkEntry(doc: string, epoch: number, bytes: Uint8Array): void {
  checkName(doc);
  if (!Number.isSafeInteger(epoch) || epoch < 0) refuse('an epoch is a whole number');
  if (!(bytes instanceof Uint8Array)) refuse('an update is bytes');
}

function checkEpochs(doc: string, fromEpoch: number, toEpoch: number): void {
  checkName(doc);
  if (!Number.isSafeInteger(fromEpoch) || !Number.isSafeInteger(toEpoch) || fromEpoch < 0 || toEpoch < fromEpoch)
    refuse('epochs are whole numbers, the smaller first');
}
