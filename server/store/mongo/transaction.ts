import type { ClientSession } from 'mongodb';
import type { Id } from '#lib/domain/values.ts';
import type { Kind, Tx, Versioned } from '../port.ts';
import { markWork, refuseInsideWork, TxState } from '../tx-state.ts';
import { rowId, type Database } from './database.ts';
import { transactionDocs } from './docs.ts';
import { toPortError } from './errors.ts';
import { appendEvents } from './journal.ts';
import type { StreamLocks } from './stream-locks.ts';

/** Reads of one moment that the majority has, and a commit that the majority keeps. */
export const TRANSACTION_OPTIONS = {
  readConcern: { level: 'snapshot' },
  writeConcern: { w: 'majority', journal: true },
  readPreference: 'primary',
  maxCommitTimeMS: 20_000,
} as const;

export interface TransactionContext {
  database: Database;
  locks: StreamLocks;
  strictIndexes: boolean;
  /** Tests: run the work once more than needed, undoing the first run. */
  injectRetry: boolean;
  declared<T extends Versioned>(kind: Kind<T>): Kind<T>;
  /** Told after each commit with the session, for its operation time, and the rows of the events it stored. */
  committed(session: ClientSession, eventIds: readonly string[]): void;
}

/** What the last attempt touched. Streams stay from one attempt to the next: they are what it must wait for. */
interface Written {
  readonly streams: Set<string>;
  eventIds: string[];
}

/**
 * Runs the work in a transaction; the driver runs it again on transient errors and asks again for a commit whose answer
 * was lost. An answer that stays lost says nothing: the command's idempotency record decides on the caller's retry.
 */
export async function runTransaction<R>(
  context: TransactionContext,
  workspaceId: Id,
  work: (tx: Tx) => Promise<R>,
): Promise<R> {
  refuseInsideWork();
  const { database, locks } = context;
  const session = database.client.startSession();
  const written: Written = { streams: new Set(), eventIds: [] };
  let release = (): void => undefined;
  let retryOwed = context.injectRetry;
  try {
    const result = await session.withTransaction(async () => {
      release();
      // What the attempt before has written to is waited for in line, before this one's snapshot is taken.
      release = await locks.acquire(written.streams);
      if (retryOwed) {
        retryOwed = false;
        await attempt(context, session, workspaceId, written, work).catch(() => undefined);
        await session.abortTransaction();
        session.startTransaction(TRANSACTION_OPTIONS);
      }
      return attempt(context, session, workspaceId, written, work);
    }, TRANSACTION_OPTIONS);
    context.committed(session, written.eventIds);
    return result;
  } catch (error) {
    throw toPortError(error);
  } finally {
    release();
    await session.endSession();
  }
}

async function attempt<R>(
  { database, strictIndexes, declared }: TransactionContext,
  session: ClientSession,
  workspaceId: Id,
  written: Written,
  work: (tx: Tx) => Promise<R>,
): Promise<R> {
  const state = new TxState();
  written.eventIds = [];
  const tx: Tx = {
    docs: (kind) => transactionDocs(declared(kind), { database, workspaceId, strictIndexes, session }, state),
    append: (stream, events) => {
      written.streams.add(rowId(workspaceId, stream));
      written.eventIds.push(...events.map(({ id }) => rowId(workspaceId, id)));
      return state.run(() => appendEvents(database, session, workspaceId, stream, events), events.length);
    },
  };
  try {
    const result = await markWork(() => work(tx));
    state.finish();
    return result;
  } finally {
    state.abandon();
    // The driver would send it outside the transaction once that is aborted.
    await state.settled();
  }
}
