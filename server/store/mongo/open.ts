import { Timestamp } from 'mongodb';
import type { Id } from '#lib/domain/values.ts';
import { checkId, checkKind, refuse } from '../guard.ts';
import { SCHEMA_VERSION } from '../migrations/version.ts';
import type { Docs, Kind, LogUpdate, Store, StoredEvent, Versioned, WorkspaceStore } from '../port.ts';
import type { StoreLog } from '../embedded/open.ts';
import { connect, type EventRow, type LogRow } from './database.ts';
import { applyDeclarations } from './declarations.ts';
import { committedDocs } from './docs.ts';
import { outside } from './errors.ts';
import { eventsOf, journalOf } from './journal.ts';
import { filesOf } from './files.ts';
import { LogWriter, logOf, updateOf } from './log.ts';
import { giveVersion, isNew, refuseNewer, schemaOf } from './schema.ts';
import { Signals } from './signals.ts';
import { StreamLocks } from './stream-locks.ts';
import { ChangeTail } from './tail.ts';
import { runTransaction, type TransactionContext } from './transaction.ts';

export interface MongoOptions {
  uri: string;
  database: string;
  kinds: readonly Kind<Versioned>[];
  log?: StoreLog | undefined;
  /** Tests: refuse a find that no declared index serves. */
  strictIndexes?: boolean;
  /** Tests: run the work of every transaction once more than needed, undoing the first run. */
  injectRetry?: boolean;
  /** Tests: the version of the documents' shape that this code is taken to know. */
  schemaVersion?: number;
}

/** How often the cluster's time is asked for (ms), so that a tail begun after a quiet time does not begin in the past. */
const TIME_EVERY_MS = 30_000;

/**
 * Opens the store on a MongoDB replica set, 4.4 or later; several processes may share it.
 *
 * @throws Error with what to do when it cannot be used
 */
export async function openMongoStore(options: MongoOptions): Promise<Store> {
  const { kinds, strictIndexes = false, injectRetry = false } = options;
  for (const kind of kinds) checkKind(kind);
  const byName = new Map(kinds.map((kind) => [kind.name, kind]));
  if (byName.size !== kinds.length) refuse('two kinds of one name');
  const database = await connect(options.uri, options.database);
  try {
    const version = options.schemaVersion ?? SCHEMA_VERSION;
    await refuseNewer(database, version);
    const fresh = await isNew(database);
    await applyDeclarations(database, kinds);
    if (fresh) await giveVersion(database, version);
  } catch (error) {
    await database.client.close();
    throw error;
  }
  const onError = (error: unknown): void => options.log?.error({ err: error }, 'a listener of the store failed');

  const clusterTime = async (): Promise<Timestamp> => {
    const hello = await database.client.db('admin').command({ hello: 1 });
    return hello.operationTime instanceof Timestamp
      ? hello.operationTime
      : new Timestamp({ t: Math.floor(Date.now() / 1_000), i: 0 });
  };
  let known = await clusterTime();
  const learn = (time: Timestamp | undefined): void => {
    if (time !== undefined && time.greaterThan(known)) known = time;
  };
  const clock = setInterval(() => void clusterTime().then(learn, () => undefined), TIME_EVERY_MS);
  clock.unref();

  const journalTail = new ChangeTail<EventRow, StoredEvent>({
    collection: database.journal,
    decode: (rows) => eventsOf(database, rows),
    now: () => known,
    onError,
  });
  const logTail = new ChangeTail<LogRow, LogUpdate>({
    collection: database.log,
    decode: async (rows) => rows.map(updateOf),
    now: () => known,
    onError,
  });
  const logWriter = new LogWriter(database, (ids) => ids.forEach((id) => logTail.expect(id)));
  const signals = new Signals(database, () => known, onError);
  const declared = <T extends Versioned>(kind: Kind<T>): Kind<T> => {
    if ((byName.get(kind.name) as unknown) !== kind) refuse(`${kind.name} is not a declared kind`);
    return kind;
  };
  const context: TransactionContext = {
    database,
    locks: new StreamLocks(),
    strictIndexes,
    injectRetry,
    declared,
    committed: (session, eventIds) => {
      learn(session.operationTime);
      for (const id of eventIds) journalTail.expect(id);
    },
  };

  const workspaceStore = (workspaceId: Id): WorkspaceStore => {
    checkId(workspaceId);
    return {
      workspaceId,
      docs: <T extends Versioned>(kind: Kind<T>): Docs<T> =>
        committedDocs(declared(kind), { database, workspaceId, strictIndexes }),
      transaction: (work) => runTransaction(context, workspaceId, work),
      journal: journalOf(database, workspaceId),
      files: filesOf(database, workspaceId),
      log: logOf(database, logWriter, workspaceId),
    };
  };
  const stores = new Map<Id, WorkspaceStore>();
  const workspace = (id: Id): WorkspaceStore => {
    const made = stores.get(id) ?? workspaceStore(id);
    stores.set(id, made);
    return made;
  };
  let closed: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    clearInterval(clock);
    await logWriter.close();
    await Promise.all([journalTail.stop(), logTail.stop(), signals.close()]);
    await database.client.close();
  };
  return {
    engine: 'mongodb',
    workspace,
    installation: workspace('installation'),
    tail: {
      journal: (position, on, onLost) => journalTail.subscribe(position, on, onLost),
      log: (position, on, onLost) => logTail.subscribe(position, on, onLost),
    },
    signals: signals.api(),
    schema: schemaOf(database, kinds),
    ping: () => outside(async () => void (await database.db.command({ ping: 1 }))),
    scrub: async () => true,
    backup: () =>
      refuse('a MongoDB database is backed up by its own means: mongodump --oplog, or a snapshot of its disks'),
    close: () => (closed ??= close()),
  };
}
