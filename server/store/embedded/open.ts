import { checkId, checkKind, checkName, refuse } from '#server/store/guard.ts';
import type { Id } from '#lib/domain/values.ts';
import { SCHEMA_VERSION } from '#server/store/migrations/version.ts';
import type { Docs, Kind, LogUpdate, Store, StoredEvent, Versioned, WorkspaceStore } from '#server/store/port.ts';
import { backUp } from '#server/store/embedded/backup.ts';
import type { Connection } from '#server/store/embedded/connection.ts';
import { openDatabase } from '#server/store/embedded/database.ts';
import { committedDocs, DocReader } from '#server/store/embedded/docs.ts';
import { eventsAfter, journalOf } from '#server/store/embedded/journal.ts';
import { logOf, updatesAfter } from '#server/store/embedded/log.ts';
import { DiskFiles } from '#server/store/embedded/disk-files.ts';
import { Signals } from '#server/store/embedded/signals.ts';
import { Tail } from '#server/store/embedded/tail.ts';
import { runWork, runWorkTwice } from '#server/store/embedded/transaction.ts';
import { WorkspaceNumbers } from '#server/store/embedded/workspaces.ts';
import { GroupWriter } from '#server/store/embedded/writer.ts';

/** What the store says to the log; pino's shape. */
export interface StoreLog {
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

export interface EmbeddedOptions {
  /** Data directory; made if it is not there. */
  directory: string;
  kinds: readonly Kind<Versioned>[];
  log?: StoreLog | undefined;
  /** Tests: refuse a find that no declared index serves. */
  strictIndexes?: boolean | undefined;
  /** Tests: run the work of every transaction twice, as a store that retries would. */
  injectRetry?: boolean | undefined;
  /** Tests: called before each COMMIT; what it throws is the COMMIT's failure. */
  faults?: { beforeCommit?: (() => void) | undefined } | undefined;
  /** Tests: the version of the documents' shape that this code is taken to know. */
  schemaVersion?: number | undefined;
  /** Largest size of the file, in pages of 4 KiB. */
  maxPageCount?: number | undefined;
}

/**
 * Writes the write-ahead log back and cuts it to nothing: pages from before an erasure lie in it until they are written
 * over. False when a reader (a backup) still needs them.
 */
function emptyLog(writer: Connection): boolean {
  writer.exec('PRAGMA busy_timeout = 0');
  try {
    const busy = writer.get('PRAGMA wal_checkpoint(TRUNCATE)')?.[0];
    // An empty log would look as if somebody had taken it away.
    writer.run("INSERT OR REPLACE INTO meta (key, value) VALUES ('scrubbedAt', ?)", [new Date().toISOString()]);
    return busy === 0;
  } finally {
    writer.exec('PRAGMA busy_timeout = 5000');
  }
}

export const INSTALLATION: Id = 'installation';
const SILENT: StoreLog = { warn: () => undefined, error: () => undefined };

/** What the embedded store has beside the port. */
export interface EmbeddedStore extends Store {
  /** What recovery after a crash had to say when it was opened; empty as a rule. */
  readonly notices: readonly string[];
  /** Tests: another limit for the file's size, in pages; null: none. */
  limitPages(count: number | null): void;
}

/** Opens the embedded store of a directory and takes the directory for this process. */
export async function openEmbeddedStore(options: EmbeddedOptions): Promise<EmbeddedStore> {
  const { directory, kinds, log = SILENT, strictIndexes = false, injectRetry = false, maxPageCount } = options;
  for (const kind of kinds) checkKind(kind);
  const byName = new Map(kinds.map((kind) => [kind.name, kind]));
  if (byName.size !== kinds.length) refuse('two kinds of one name');
  const database = await openDatabase({
    directory,
    kinds,
    log,
    maxPageCount,
    schemaVersion: options.schemaVersion ?? SCHEMA_VERSION,
  });
  const { writer: writerDb, reader: readerDb, incarnation } = database;

  const disk = new DiskFiles(directory);
  const numbers = new WorkspaceNumbers(writerDb, readerDb);
  const onError = (error: unknown): void => log.error({ err: error }, 'a listener of the store failed');
  const idOf = (ws: number): Id => numbers.idOf(ws);
  const lastOf = (table: string) => (): number =>
    (readerDb.get(`SELECT max(n) FROM ${table}`)?.[0] as number | null) ?? 0;
  const journalTail = new Tail<StoredEvent>({
    after: (n, limit) => eventsAfter(readerDb, n, limit, idOf),
    last: lastOf('journal'),
    incarnation,
    onError,
  });
  const logTail = new Tail<LogUpdate>({
    after: (n, limit) => updatesAfter(readerDb, n, limit, idOf),
    last: lastOf('log'),
    incarnation,
    onError,
  });
  const group = new GroupWriter(
    writerDb,
    ({ events, updates }) => {
      journalTail.publish(events);
      logTail.publish(updates);
      database.checkpointer.afterCommit();
    },
    options.faults?.beforeCommit ?? (() => undefined),
    database.flusher,
  );

  const declared = <T extends Versioned>(kind: Kind<T>): Kind<T> => {
    if ((byName.get(kind.name) as unknown) !== kind) refuse(`${kind.name} is not a declared kind`);
    return kind;
  };

  const workspaceStore = (workspaceId: Id): WorkspaceStore => {
    checkId(workspaceId);
    const known = (): number => numbers.known(workspaceId);
    const writer = { db: writerDb, group };
    const docs = new Map<string, Docs<Versioned>>();
    return {
      workspaceId,
      docs: <T extends Versioned>(kind: Kind<T>): Docs<T> => {
        const made = docs.get(kind.name);
        if (made && (byName.get(kind.name) as unknown) === kind) return made as unknown as Docs<T>;
        const fresh = committedDocs(new DocReader(declared(kind), { db: readerDb, ws: known, strictIndexes }));
        docs.set(kind.name, fresh as unknown as Docs<Versioned>);
        return fresh;
      },
      transaction: (work) =>
        group.submit(() => {
          const ws = numbers.made(workspaceId);
          const context = { db: writerDb, group, workspaceId, ws, strictIndexes, declared };
          return injectRetry ? runWorkTwice(context, work) : runWork(context, work);
        }),
      journal: journalOf(workspaceId, known, readerDb, writer),
      files: disk.of(workspaceId),
      log: logOf(workspaceId, { known, made: () => numbers.made(workspaceId) }, readerDb, writer),
    };
  };

  const stores = new Map<Id, WorkspaceStore>();
  const workspace = (id: Id): WorkspaceStore => {
    const made = stores.get(id) ?? workspaceStore(id);
    stores.set(id, made);
    return made;
  };
  const signals = new Signals(onError);
  let closed: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    await group.close();
    journalTail.stop();
    logTail.stop();
    await database.close();
  };
  return {
    engine: 'embedded',
    notices: database.notices,
    limitPages: (count) => writerDb.exec(`PRAGMA max_page_count = ${count ?? 0xfffffffe}`),
    workspace,
    installation: workspace(INSTALLATION),
    tail: {
      journal: (position, on, onLost) => journalTail.subscribe(position, on, onLost),
      log: (position, on, onLost) => logTail.subscribe(position, on, onLost),
    },
    signals: signals.api(),
    schema: {
      version: async () => Number(readerDb.get("SELECT value FROM meta WHERE key = 'schemaVersion'")?.[0] ?? 1),
      setVersion: async (version) => {
        await group.submit(() => {
          writerDb.run("INSERT OR REPLACE INTO meta (key, value) VALUES ('schemaVersion', ?)", [String(version)]);
        }, true);
      },
      workspaces: async () => numbers.all(),
      alone: (work) => work(),
    },
    scrub: () => group.between(() => emptyLog(writerDb)),
    ping: async () => {
      readerDb.get('SELECT 1');
    },
    backup: async (target) => {
      checkName(target);
      await backUp(database.path, target);
    },
    close: () => (closed ??= close()),
  };
}
