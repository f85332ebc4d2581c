import type { Id } from '#lib/domain/values.ts';
import { checkName, refuse } from '#server/store/guard.ts';
import type { LogUpdate, WorkspaceStore } from '#server/store/port.ts';
import type { Connection } from '#server/store/embedded/connection.ts';
import type { GroupWriter } from '#server/store/embedded/writer.ts';

/** Author of the snapshots that compaction writes. */
export const COMPACTION_AUTHOR = 'system';

/** Updates after a position in the file, for the tail. */
export function updatesAfter(
  db: Connection,
  n: number,
  limit: number,
  idOf: (ws: number) => Id,
): { n: number; item: LogUpdate }[] {
  const rows = db.all('SELECT n, ws, doc, epoch, author, bytes FROM log WHERE n > ? ORDER BY n LIMIT ?', [n, limit]);
  return rows.map(([at, ws, doc, epoch, author, bytes]) => ({
    n: at as number,
    item: {
      workspaceId: idOf(ws as number),
      doc: doc as string,
      epoch: epoch as number,
      id: String(at),
      author: author as string,
      bytes: bytes as Uint8Array,
    },
  }));
}

/** The Yjs updates of one workspace's documents. Appends join the writer's groups. */
export function logOf(
  workspaceId: Id,
  numbers: { known: () => number; made: () => number },
  reader: Connection,
  writer: { db: Connection; group: GroupWriter },
): WorkspaceStore['log'] {
  const { db, group } = writer;
  const insert = (doc: string, epoch: number, author: string, bytes: Uint8Array): string => {
    const { row } = db.run('INSERT INTO log (ws, doc, epoch, author, bytes) VALUES (?, ?, ?, ?, ?)', [
      numbers.made(),
      doc,
      epoch,
      author,
      bytes,
    ]);
    const id = String(row);
    group.appended.updates.push({ n: row, item: { workspaceId, doc, epoch, id, author, bytes } });
    return id;
  };
  return {
    append: async (doc, epoch, author, bytes) => {
      checkEntry(doc, epoch, bytes);
      return await group.submit(() => insert(doc, epoch, author, bytes), true);
    },
    read: async (doc, epoch) => {
      const rows = reader.all('SELECT n, author, bytes FROM log WHERE ws = ? AND doc = ? AND epoch = ? ORDER BY n', [
        numbers.known(),
        doc,
        epoch,
      ]);
      return rows.map(([n, author, bytes]) => ({
        id: String(n),
        author: author as string,
        bytes: bytes as Uint8Array,
      }));
    },
    compact: async (doc, epoch, ids, bytes) => {
      checkEntry(doc, epoch, bytes);
      const distinct = [...new Set(ids)];
      if (distinct.length === 0) refuse('compaction of nothing');
      return await group.submit(() => {
        const list = JSON.stringify(distinct.map(Number));
        const where = 'WHERE ws = ? AND doc = ? AND epoch = ? AND n IN (SELECT value FROM json_each(?))';
        const key = [numbers.made(), doc, epoch, list];
        if (db.get(`SELECT count(*) FROM log ${where}`, key)?.[0] !== distinct.length) return false;
        // The snapshot first: positions in the file never go back, not even when the last update is compacted.
        insert(doc, epoch, COMPACTION_AUTHOR, bytes);
        db.run(`DELETE FROM log ${where}`, key);
        return true;
      });
    },
    drop: async (doc, fromEpoch, toEpoch) => {
      checkEpochs(doc, fromEpoch, toEpoch);
      await group.submit(() => {
        const key = [numbers.made(), doc, fromEpoch, toEpoch];
        db.run('DELETE FROM log WHERE ws = ? AND doc = ? AND epoch >= ? AND epoch < ?', key);
      });
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
