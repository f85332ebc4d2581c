import { createHash } from 'node:crypto';
import { closeSync, createReadStream, existsSync, openSync, readSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Connection } from '#server/store/embedded/connection.ts';
import { readState, sizeOf } from '#server/store/embedded/files.ts';
import type { StoreFiles, StoreState } from '#server/store/embedded/files.ts';
import type { StoreLog } from '#server/store/embedded/open.ts';

/** The database file cannot be trusted: the store does not start on it, and never starts empty instead. */
export class DatabaseDamaged extends Error {
  constructor(path: string, what: string, cause?: unknown) {
    super(
      `${path} ${what}. Nothing was changed. Restore the last backup with \`npm run encours -- restore <backup>\` ` +
        '(the damaged file is kept aside), or put the right file back.',
      { cause },
    );
    this.name = 'DatabaseDamaged';
  }
}

const MAGIC = 'SQLite format 3\0';
const WAL_HEADER = 32;
const FRAME_HEADER = 24;

/** SHA-256 in hex of a file. */
export async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

/** What the files say before SQLite touches them. `fresh`: nothing there, make a database. */
export interface Inspection {
  fresh: boolean;
  /** The file's content was not vouched for by its digest: check it in full once it is open. */
  checkFully: boolean;
  /** The process that had it was killed, and its write-ahead log is gone. */
  walMissing: boolean;
}

/**
 * Looks at the files of a directory that this process has locked.
 *
 * @throws DatabaseDamaged when they cannot be the database as it was left
 */
export async function inspectFiles(files: StoreFiles): Promise<Inspection> {
  const { database, wal } = files;
  const state: StoreState | null = readState(files);
  const walSize = sizeOf(wal);
  if (!existsSync(database)) {
    if (state?.state === 'open' || state?.state === 'closed') throw new DatabaseDamaged(database, 'is gone');
    if (walSize > 0) throw new DatabaseDamaged(database, 'is gone, but its write-ahead log is there');
    return { fresh: true, checkFully: false, walMissing: false };
  }
  checkHeader(database);
  if (state?.state !== 'closed')
    return { fresh: false, checkFully: true, walMissing: state?.state === 'open' && walSize === 0 };
  if (walSize > 0)
    throw new DatabaseDamaged(wal, 'does not belong to the database beside it, which was closed in good order');
  if ((await digestOf(database)) !== state.sha256)
    throw new DatabaseDamaged(database, 'is not as it was closed: altered or cut short');
  return { fresh: false, checkFully: false, walMissing: false };
}

function checkHeader(path: string): void {
  const header = Buffer.alloc(100);
  const handle = openSync(path, 'r');
  const read = readSync(handle, header, 0, 100, 0);
  closeSync(handle);
  if (read < 100) throw new DatabaseDamaged(path, 'is cut short');
  if (header.toString('latin1', 0, 16) !== MAGIC) throw new DatabaseDamaged(path, 'is not a database');
}

/** Full check of an open database. Takes some 2 s for 100 MB; only after a crash or a file put there by hand. */
export function checkDatabase(path: string, db: Connection): void {
  let found: string;
  try {
    found = String(db.get('PRAGMA integrity_check(1)')?.[0]);
  } catch (error) {
    throw new DatabaseDamaged(path, 'is damaged', error);
  }
  if (found !== 'ok') throw new DatabaseDamaged(path, `is damaged (${found})`);
}

/** Frames in the write-ahead log's current round, complete or not; to be read before SQLite opens it. */
export function framesIn(wal: string): number {
  const size = sizeOf(wal);
  if (size < WAL_HEADER) return 0;
  const handle = openSync(wal, 'r');
  try {
    const header = Buffer.alloc(WAL_HEADER);
    readSync(handle, header, 0, WAL_HEADER, 0);
    const frame = FRAME_HEADER + header.readUInt32BE(8);
    const salts = header.subarray(16, 24);
    let frames = 0;
    for (let at = WAL_HEADER; at + FRAME_HEADER <= size; at += frame) {
      const found = Buffer.alloc(8);
      readSync(handle, found, 0, 8, at + 8);
      if (!found.equals(salts)) break;
      frames += 1;
    }
    return frames;
  } finally {
    closeSync(handle);
  }
}

/** Says what a recovery after a crash has found. `framesBefore`: what `framesIn` answered before it. */
export function sayRecovery(db: Connection, inspection: Inspection, framesBefore: number, log: StoreLog): string[] {
  const notices: string[] = [];
  if (inspection.walMissing) {
    notices.push(
      'the write-ahead log is missing: opened at the last commit that the database file holds; what was committed after it is lost. ' +
        'Compare with the last backup.',
    );
  }
  const kept = Number(db.get('PRAGMA wal_checkpoint(PASSIVE)')?.[1] ?? 0);
  if (framesBefore > kept) {
    notices.push(
      `the write-ahead log ends with ${framesBefore - kept} pages of no complete commit: opened at the last commit before them ` +
        '(a transaction was interrupted, or the file was damaged)',
    );
  }
  for (const notice of notices) log.warn({ notice: 'recovery' }, notice);
  return notices;
}
