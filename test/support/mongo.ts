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

/** Drops a database that a test made. */
export async function dropMongoDatabase(uri: string, name: string): Promise<void> {
  const client = await MongoClient.connect(uri);
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

/**
 * A replica set for the tests: the one of TEST_MONGODB_URI, or one node of the `mongod` that MONGOD_PATH or the PATH gives.
 *
 * @returns its address and how to end it; null when none is to be had
 */
export async function findTestMongo(): Promise<{ uri: string; stop(): Promise<void> } | null> {
  const given = testMongoUri();
  if (given !== null) return { uri: given, stop: async () => undefined };
  const program = findMongod();
  if (program === null) return null;
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
