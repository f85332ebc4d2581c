import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { newId } from '#server/store/id.ts';
import { SCHEMA_VERSION } from '#server/store/migrations/version.ts';
import { dropMongoDatabase } from './mongo.ts';

/**
 * Databases that the apps of one run's tests hand to each other, emptied: to make all collections and indexes anew takes
 * MongoDB seconds on a slow disk. What is free lies as a file in a folder, which a rename takes: test files run in
 * processes of their own.
 */
const folderOf = (run: string): string => join(tmpdir(), `encours-pool-${run}`);
const LANES = 8;

/** Begins the pool of a run; its worker processes inherit it. @returns drops all of its databases */
export function openPool(uri: string): () => Promise<void> {
  const run = newId().replaceAll('-', '').slice(-12);
  mkdirSync(folderOf(run), { recursive: true });
  process.env.ENCOURS_TEST_POOL = run;
  return async () => {
    delete process.env.ENCOURS_TEST_POOL;
    const names = existsSync(folderOf(run)) ? readdirSync(folderOf(run)) : [];
    rmSync(folderOf(run), { recursive: true, force: true });
    for (const name of names) await dropMongoDatabase(uri, name);
  };
}

/** The name of an emptied database; null when none is free. */
export function takeDatabase(): string | null {
  const run = process.env.ENCOURS_TEST_POOL;
  if (run === undefined) return null;
  for (const name of readdirSync(folderOf(run)))
    try {
      renameSync(join(folderOf(run), name), join(tmpdir(), `encours-taken-${name}`));
      rmSync(join(tmpdir(), `encours-taken-${name}`));
      return name;
    } catch (error) {
      // Another process was faster.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  return null;
}

/** Empties a database for the next test, or drops it where there is no pool. */
export async function giveBackDatabase(uri: string, name: string): Promise<void> {
  const run = process.env.ENCOURS_TEST_POOL;
  if (run !== undefined && (await empty(uri, name))) writeFileSync(join(folderOf(run), name), '');
  else await dropMongoDatabase(uri, name);
}

/** Answers false for a database of another version, whose indexes may be others. */
async function empty(uri: string, name: string): Promise<boolean> {
  const client = await MongoClient.connect(uri, {
    writeConcern: { w: 'majority' },
    readConcern: { level: 'majority' },
    serverSelectionTimeoutMS: 10_000,
  });
  try {
    const db = client.db(name);
    const version = { _id: 'schemaVersion' as never };
    if ((await db.collection('meta').findOne(version))?.value !== SCHEMA_VERSION) return false;
    const left = await db.listCollections({}, { nameOnly: true }).toArray();
    const lane = async (): Promise<void> => {
      for (let next = left.shift(); next !== undefined; next = left.shift())
        await db.collection(next.name).deleteMany(next.name === 'meta' ? { _id: { $ne: version._id } } : {});
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    return true;
  } finally {
    await client.close();
  }
}
