import { copyFileSync, cpSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { newId } from '#server/store/id.ts';
import { refuse } from '#server/store/guard.ts';
import { StoreUnavailable } from '#server/store/port.ts';
import { Connection } from '#server/store/embedded/connection.ts';
import { filesOf, syncDirectory } from '#server/store/embedded/files.ts';
import { checkDatabase, DatabaseDamaged } from '#server/store/embedded/integrity.ts';
import { lockDirectory } from '#server/store/embedded/lock.ts';
import { APPLICATION_ID } from '#server/store/embedded/schema.ts';

/**
 * The copy is made in a thread, from one snapshot, while the server goes on. It gets an incarnation of its own, so that
 * no tail takes a position of the original for one of the copy, and it is checked before it gets its name. Text, and not
 * a file of its own, so that it runs wherever the server's code was put.
 */
const COPY = `
const { DatabaseSync } = require('node:sqlite');
const { openSync, fsyncSync, closeSync } = require('node:fs');
const { workerData: { from, to, incarnation } } = require('node:worker_threads');
const source = new DatabaseSync(from, { readOnly: true, timeout: 10000 });
source.prepare('VACUUM INTO ?').run(to);
source.close();
const copy = new DatabaseSync(to);
copy.prepare("UPDATE meta SET value = ? WHERE key = 'incarnation'").run(incarnation);
const found = copy.prepare('PRAGMA integrity_check(1)').get().integrity_check;
copy.close();
if (found !== 'ok') throw new Error('the copy is damaged: ' + found);
const handle = openSync(to, 'r+');
fsyncSync(handle);
closeSync(handle);
`;

/** Where the files of a backup lie, beside the database's copy. */
export const filesBeside = (backup: string): string => `${backup}.files`;

/**
 * Copies a database that is in use to a new file, and its files to a folder beside that: one consistent cut, complete up to
 * the moment it was asked for. Files never change, so those that the cut speaks of are copied after it; one that was removed
 * meanwhile is not there.
 *
 * @throws RefusedByPort when `target` is already there; StoreUnavailable when the copy cannot be made
 */
export async function backUp(database: string, target: string): Promise<void> {
  for (const path of [target, filesBeside(target)])
    if (existsSync(path)) refuse(`${path} is already there: a backup does not overwrite`);
  mkdirSync(dirname(target), { recursive: true });
  const part = `${target}.part`;
  rmSync(part, { force: true });
  try {
    await new Promise<void>((resolve, reject) => {
      const worker = new Worker(COPY, { eval: true, workerData: { from: database, to: part, incarnation: newId() } });
      worker.once('error', reject);
      worker.once('exit', (code) =>
        code === 0 ? resolve() : reject(new Error(`the copying thread ended with ${code}`)),
      );
    });
  } catch (error) {
    rmSync(part, { force: true });
    throw new StoreUnavailable('the backup could not be made', { cause: error });
  }
  const files = `${filesBeside(target)}.part`;
  try {
    rmSync(files, { recursive: true, force: true });
    if (await copyFiles(join(dirname(database), 'files'), files)) renameSync(files, filesBeside(target));
  } catch (error) {
    rmSync(part, { force: true });
    rmSync(files, { recursive: true, force: true });
    throw new StoreUnavailable('the files could not be copied', { cause: error });
  }
  renameSync(part, target);
  syncDirectory(dirname(target));
}

/** Copies `files/<workspace>/<shelf>/<file>`, what is being written left out; false when there is none. */
async function copyFiles(from: string, to: string): Promise<boolean> {
  let any = false;
  const named = async (folder: string): Promise<string[]> =>
    existsSync(folder) ? (await readdir(folder)).filter((name) => !name.startsWith('.')) : [];
  for (const workspace of await named(from))
    for (const shelf of await named(join(from, workspace))) {
      await mkdir(join(to, workspace, shelf), { recursive: true, mode: 0o700 });
      for (const name of await named(join(from, workspace, shelf))) {
        any = true;
        await copyFile(join(from, workspace, shelf, name), join(to, workspace, shelf, name)).catch((error: unknown) => {
          if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
        });
      }
    }
  return any;
}

/**
 * Puts a backup in a data directory that no process uses. What was there is kept in a folder beside it.
 *
 * @returns the folder with the former files, or null when there were none
 * @throws DatabaseDamaged when the backup is not a sound Encours database; DirectoryInUse when a server runs
 */
export function restoreBackup(directory: string, backup: string): string | null {
  if (!existsSync(backup)) throw new DatabaseDamaged(backup, 'is not there');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const lock = lockDirectory(directory);
  try {
    const files = filesOf(directory);
    const part = `${files.database}.part`;
    rmSync(part, { force: true });
    copyFileSync(backup, part);
    checkBackup(part, backup);
    const kept = join(directory, 'files');
    const fresh = `${kept}.part`;
    rmSync(fresh, { recursive: true, force: true });
    if (existsSync(filesBeside(backup))) cpSync(filesBeside(backup), fresh, { recursive: true });
    const former = [files.database, files.wal, `${files.database}-shm`, files.state, kept].filter((path) =>
      existsSync(path),
    );
    let aside: string | null = null;
    if (former.length > 0) {
      aside = join(directory, `before-restore-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`);
      mkdirSync(aside);
      for (const path of former) renameSync(path, join(aside, path.slice(directory.length + 1)));
    }
    if (existsSync(fresh)) renameSync(fresh, kept);
    renameSync(part, files.database);
    syncDirectory(directory);
    return aside;
  } finally {
    lock.release();
  }
}

/** Checks the copy of a backup and gives it an incarnation of its own. */
function checkBackup(path: string, name: string): void {
  let db: Connection | null = null;
  try {
    db = new Connection(path, []);
    if (db.get('PRAGMA application_id')?.[0] !== APPLICATION_ID)
      throw new DatabaseDamaged(name, 'is not an Encours database');
    checkDatabase(name, db);
    db.run("UPDATE meta SET value = ? WHERE key = 'incarnation'", [newId()]);
    db.close();
  } catch (error) {
    db?.close();
    rmSync(path, { force: true });
    if (error instanceof DatabaseDamaged) throw error;
    throw new DatabaseDamaged(name, 'is not a database', error);
  }
}
