import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { MongoClient } from 'mongodb';
import { newId } from '#server/store/id.ts';
import { openMongoStore } from '#server/store/mongo/open.ts';
import type { TestDatabase } from '../contract/suite/kinds.ts';

/** The replica set that the tests may use: never MONGODB_URI, which is somebody's real database. */
export const testMongoUri = (): string | null => process.env.TEST_MONGODB_URI || null;

/**
 * The replica set that an app of the tests stands on: null for the embedded store.
 *
 * @throws Error when the run is about MongoDB and there is none: it must not pass on the other store
 */
export function testStoreUri(): string | null {
  if (process.env.TEST_STORE !== 'mongodb') return null;
  const uri = testMongoUri();
  if (uri === null) throw new Error(NO_MONGO);
  return uri;
}

/** By how much longer a test may take on MongoDB, where every operation is a round trip. */
export const patience = process.env.TEST_STORE === 'mongodb' ? 5 : 1;

const NO_MONGO = 'TEST_STORE=mongodb, but there is no replica set (TEST_MONGODB_URI, MONGOD_PATH, mongod on the PATH).';
const ANSWER_MS = 10_000;

/** Drops a database that a test made. */
export async function dropMongoDatabase(uri: string, name: string): Promise<void> {
  const client = await MongoClient.connect(uri, { serverSelectionTimeoutMS: ANSWER_MS });
  await client.db(name).dropDatabase();
  await client.close();
}

/** A database of its own name, opened as often as the test likes and dropped by `destroy`. */
export async function temporaryMongoDatabase(): Promise<TestDatabase> {
  const uri = testMongoUri();
  if (uri === null) throw new Error('TEST_MONGODB_URI is not set');
  const database = `encours_test_${newId()}`;
  const opened: { close(): Promise<void> }[] = [];
  return {
    open: async (options) => {
      const store = await openMongoStore({ uri, database, ...options });
      opened.push(store);
      return store;
    },
    destroy: async () => {
      for (const store of opened) await store.close();
      await dropMongoDatabase(uri, database);
    },
  };
}

function findMongod(): string | null {
  const named = process.env.MONGOD_PATH;
  if (named !== undefined && named !== '') return named;
  const folder = (process.env.PATH ?? '').split(delimiter).find((place) => existsSync(join(place, 'mongod')));
  return folder === undefined ? null : join(folder, 'mongod');
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Throws at once, and not in each test, when nobody answers there. */
async function reach(uri: string): Promise<void> {
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: ANSWER_MS });
  let failure: string | null = null;
  try {
    await client.connect();
    await client.db('admin').command({ ping: 1 });
  } catch (error) {
    // In words only: Vitest cannot print the driver's own errors.
    failure = (error as Error).message;
  }
  await client.close();
  if (failure !== null) throw new Error(`The replica set of TEST_MONGODB_URI does not answer: ${failure}`);
}

/**
 * A replica set for the tests: the one of TEST_MONGODB_URI, or one node of the `mongod` that MONGOD_PATH or the PATH gives.
 *
 * @returns its address and how to end it; null when none is to be had and none was asked for
 * @throws Error when the one that was named does not answer
 */
export async function findTestMongo(): Promise<{ uri: string; stop(): Promise<void> } | null> {
  const given = testMongoUri();
  if (given !== null) {
    await reach(given);
    return { uri: given, stop: async () => undefined };
  }
  const program = findMongod();
  if (program === null) {
    if (process.env.TEST_STORE === 'mongodb') throw new Error(NO_MONGO);
    return null;
  }
  const directory = await mkdtemp(join(tmpdir(), 'encours-mongod-'));
  const port = await freePort();
  const child: ChildProcess = spawn(
    program,
    ['--replSet', 'rs0', '--port', String(port), '--dbpath', directory, '--bind_ip', '127.0.0.1', '--quiet'],
    {
      stdio: 'ignore',
    },
  );
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    if (child.exitCode === null) await new Promise((resolve) => child.once('exit', resolve));
    await rm(directory, { recursive: true, force: true });
  };
  try {
    const direct = await MongoClient.connect(`mongodb://127.0.0.1:${port}/?directConnection=true`, {
      serverSelectionTimeoutMS: 30_000,
    });
    await direct
      .db('admin')
      .command({ replSetInitiate: { _id: 'rs0', members: [{ _id: 0, host: `127.0.0.1:${port}` }] } });
    await direct.close();
    const uri = `mongodb://127.0.0.1:${port}/?replicaSet=rs0`;
    const client = await MongoClient.connect(uri, { serverSelectionTimeoutMS: 30_000 });
    await client.close();
    return { uri, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
