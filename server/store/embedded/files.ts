import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The files of a data directory that belong to the store. */
export interface StoreFiles {
  database: string;
  wal: string;
  /** How the store was left; see StoreState. */
  state: string;
}

export function filesOf(directory: string): StoreFiles {
  const database = join(directory, 'encours.db');
  return { database, wal: `${database}-wal`, state: join(directory, 'encours.state.json') };
}

/**
 * How the store was left. `opening`: nothing was written yet by whoever opened it. `open`: it is in use, or its process
 * was killed; the write-ahead log is there. `closed`: in good order, with the digest of the database file.
 */
export type StoreState = { state: 'opening' } | { state: 'open' } | { state: 'closed'; sha256: string };

/** Null when there is no such file: a new directory, or a database put there by hand. */
export function readState(files: StoreFiles): StoreState | null {
  if (!existsSync(files.state)) return null;
  try {
    const read = JSON.parse(readFileSync(files.state, 'utf8')) as StoreState;
    return read.state === 'closed' && typeof read.sha256 !== 'string' ? { state: 'open' } : read;
  } catch {
    return { state: 'open' };
  }
}

/** Written whole or not at all, and on the disk before it returns. */
export function writeState(files: StoreFiles, state: StoreState): void {
  const fresh = `${files.state}.new`;
  writeFileSync(fresh, JSON.stringify(state), { mode: 0o600, flush: true });
  renameSync(fresh, files.state);
  syncDirectory(dirname(files.state));
}

/** Makes a rename in a directory outlive a power cut, where the system can. */
export function syncDirectory(directory: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(directory, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** 0 when there is no such file. */
export function sizeOf(path: string): number {
  return existsSync(path) ? statSync(path).size : 0;
}
