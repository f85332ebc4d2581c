import type { Id } from '#lib/domain/values.ts';
import { StoreUnavailable } from '#server/store/port.ts';
import type { Kind, Tx, Versioned } from '#server/store/port.ts';
import { markWork, TxState } from '#server/store/tx-state.ts';
import { toPortError } from '#server/store/embedded/connection.ts';
import type { Connection } from '#server/store/embedded/connection.ts';
import { DocReader, transactionDocs } from '#server/store/embedded/docs.ts';
import { appendEvents } from '#server/store/embedded/journal.ts';
import type { GroupWriter } from '#server/store/embedded/writer.ts';

/** Longest that one transaction's own work may take (ms); MongoDB has a limit of the same kind. */
const WORK_MS = 30_000;

interface Context {
  db: Connection;
  group: GroupWriter;
  workspaceId: Id;
  /** The workspace's number in the file. */
  ws: number;
  strictIndexes: boolean;
  declared: <T extends Versioned>(kind: Kind<T>) => Kind<T>;
}

/** Runs a transaction's work once, within the savepoint that the writer has set. */
export async function runWork<R>(context: Context, work: (tx: Tx) => Promise<R>): Promise<R> {
  const { db, group, workspaceId, ws, strictIndexes, declared } = context;
  const state = new TxState();
  const tx: Tx = {
    docs: (kind) =>
      transactionDocs(kind, new DocReader(declared(kind), { db, ws: () => ws, strictIndexes }), db, ws, state),
    append: (stream, events) =>
      state.run(() => {
        try {
          const stored = appendEvents(db, ws, workspaceId, stream, events);
          group.appended.events.push(...stored);
          return stored.map(({ item }) => item);
        } catch (error) {
          throw toPortError(error);
        }
      }, events.length),
  };
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new StoreUnavailable('a transaction took too long')), WORK_MS);
  });
  try {
    const result = await Promise.race([markWork(() => work(tx)), tooLong]);
    state.finish();
    return result;
  } finally {
    state.abandon();
    clearTimeout(timer);
  }
}

/** Runs the work as a store that has to run it again: the first run's writes are undone. */
export async function runWorkTwice<R>(context: Context, work: (tx: Tx) => Promise<R>): Promise<R> {
  const { db, group } = context;
  const before = group.appended.events.length;
  db.exec('SAVEPOINT first');
  try {
    await runWork(context, work).catch(() => undefined);
  } finally {
    db.exec('ROLLBACK TO first; RELEASE first');
    group.appended.events.length = before;
  }
  return await runWork(context, work);
}
