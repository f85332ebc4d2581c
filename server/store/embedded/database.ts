import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { newId } from '#server/store/id.ts';
import { RefusedByPort, StoreUnavailable } from '#server/store/port.ts';
import type { Kind, Versioned } from '#server/store/port.ts';
import { Checkpointer, WAL_KEPT } from '#server/store/embedded/checkpointer.ts';
import { Connection } from '#server/store/embedded/connection.ts';
import { filesOf, sizeOf, syncDirectory, writeState } from '#server/store/embedded/files.ts';
import type { StoreFiles } from '#server/store/embedded/files.ts';
import { Flusher } from '#server/store/embedded/flusher.ts';
import {
  checkDatabase,
  DatabaseDamaged,
  digestOf,
  framesIn,
  inspectFiles,
  sayRecovery,
} from '#server/store/embedded/integrity.ts';
import { lockDirectory } from '#server/store/embedded/lock.ts';
import type { StoreLog } from '#server/store/embedded/open.ts';
import { APPLICATION_ID, applyDeclarations, FIXED_TABLES } from '#server/store/embedded/schema.ts';

/** The open file: one connection that writes, one that sees committed data only. */
export interface Database {
  path: string;
  writer: Connection;
  reader: Connection;
  /** Identity of this file; a restored copy has another. */
  incarnation: string;
  /** Writes the write-ahead log back; to be told between two commits. */
  checkpointer: Checkpointer;
  /** Brings commits onto the disk; whoever commits waits for it before telling anybody. */
  flusher: Flusher;
  /** What recovery after a crash had to say; empty as a rule. */
  notices: string[];
  close(): Promise<void>;
}

/** Pages changed by a large transaction stay in memory until its COMMIT: spilled, they would be written several times. */
const WRITER_PRAGMAS = [
  'journal_mode = WAL',
  'synchronous = FULL',
  'secure_delete = ON',
  'cache_size = -64000',
  'cache_spill = OFF',
  'wal_autocheckpoint = 0',
  `journal_size_limit = ${WAL_KEPT}`,
];
const READER_PRAGMAS = ['query_only = ON', 'cache_size = -64000'];

interface Options {
  directory: string;
  kinds: readonly Kind<Versioned>[];
  log: StoreLog;
  maxPageCount: number | undefined;
  schemaVersion: number;
}

/**
 * Locks a directory and opens its database, made if there is none.
 *
 * @throws DirectoryInUse when another process has it; DatabaseDamaged when the files are not sound
 */
export async function openDatabase({ directory, kinds, log, maxPageCount, schemaVersion }: Options): Promise<Database> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const lock = lockDirectory(directory);
  const opened: Connection[] = [];
  const flushers: Flusher[] = [];
  try {
    const files = filesOf(directory);
    const path = files.database;
    const inspection = await inspectFiles(files);
    if (inspection.fresh) createDatabase(path, schemaVersion);
    writeState(files, { state: 'opening' });
    const frames = framesIn(files.wal);
    const writer = openSound(path, opened, schemaVersion);
    const notices = sayRecovery(writer, inspection, frames, log);
    if (inspection.checkFully) checkDatabase(path, writer);
    if (maxPageCount !== undefined) writer.exec(`PRAGMA max_page_count = ${maxPageCount}`);
    writer.exec('BEGIN IMMEDIATE');
    applyDeclarations(writer, kinds);
    writer.run("INSERT OR REPLACE INTO meta (key, value) VALUES ('openedAt', ?)", [new Date().toISOString()]);
    writer.exec('COMMIT');
    // From here on the write-ahead log holds a commit: if it is missing later, somebody took it away.
    writeState(files, { state: 'open' });
    // Until here COMMIT has flushed by itself; from here the writer of groups does, beside the loop.
    const flusher = new Flusher(files.wal);
    flushers.push(flusher);
    writer.exec('PRAGMA synchronous = NORMAL');
    const reader = new Connection(path, READER_PRAGMAS);
    opened.push(reader);
    const incarnation = reader.get("SELECT value FROM meta WHERE key = 'incarnation'")?.[0] as string;
    const checkpointer = new Checkpointer(path, files.wal, writer);
    const close = async (): Promise<void> => {
      await checkpointer.close();
      flusher.close();
      await closeDatabase(files, opened, lock);
    };
    return { path, writer, reader, incarnation, checkpointer, flusher, notices, close };
  } catch (error) {
    for (const flusher of flushers) flusher.close();
    for (const connection of opened) connection.close();
    lock.release();
    throw isDamage(error) ? new DatabaseDamaged(filesOf(directory).database, 'is damaged', error) : error;
  }
}

/** SQLite found the file corrupt, no database at all, or could not read what should be there. */
function isDamage(error: unknown): boolean {
  const { errcode } = (error instanceof StoreUnavailable ? error.cause : error) as { errcode?: number };
  return errcode !== undefined && [10, 11, 26].includes(errcode & 0xff);
}

/** Made under another name, so that a database is never there by halves. */
function createDatabase(path: string, schemaVersion: number): void {
  const fresh = `${path}.new`;
  for (const suffix of ['', '-journal']) rmSync(fresh + suffix, { force: true });
  const db = new Connection(fresh, [`application_id = ${APPLICATION_ID}`]);
  db.exec('BEGIN');
  for (const sql of FIXED_TABLES) db.exec(sql);
  db.run("INSERT INTO meta (key, value) VALUES ('incarnation', ?), ('schemaVersion', ?)", [
    newId(),
    String(schemaVersion),
  ]);
  db.exec('COMMIT');
  db.close();
  renameSync(fresh, path);
  syncDirectory(path.slice(0, path.lastIndexOf('encours.db')));
}

function openSound(path: string, opened: Connection[], schemaVersion: number): Connection {
  let writer: Connection;
  try {
    writer = new Connection(path, WRITER_PRAGMAS);
    opened.push(writer);
    if (writer.get('PRAGMA application_id')?.[0] !== APPLICATION_ID)
      throw new DatabaseDamaged(path, 'is not an Encours database');
    writer.get('SELECT count(*) FROM sqlite_master');
  } catch (error) {
    if (error instanceof DatabaseDamaged) throw error;
    throw new DatabaseDamaged(path, 'is damaged', error);
  }
  const version = Number(writer.get("SELECT value FROM meta WHERE key = 'schemaVersion'")?.[0] ?? 0);
  if (version > schemaVersion) {
    throw new RefusedByPort(
      `${path} was written by a newer Encours (version ${version}; this one knows ${schemaVersion})`,
    );
  }
  return writer;
}

async function closeDatabase(files: StoreFiles, opened: Connection[], lock: { release: () => void }): Promise<void> {
  try {
    for (const connection of opened.toReversed()) connection.close();
    // A log that could not be written back (a full disk) stays, and the state says so.
    if (sizeOf(files.wal) === 0) writeState(files, { state: 'closed', sha256: await digestOf(files.database) });
  } finally {
    lock.release();
  }
}
