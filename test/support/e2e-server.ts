import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dropMongoDatabase, testMongoUri } from './mongo.ts';

// The built server on a demo workspace of its own; its store goes with it.
const directory = mkdtempSync(join(tmpdir(), 'encours-e2e-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
process.env.PORT = process.env.E2E_PORT ?? '4173';
process.env.HOST = '127.0.0.1';
process.env.DATA_DIR = directory;
process.env.LOG_LEVEL ??= 'warn';
delete process.env.MONGODB_URI;
delete process.env.ORIGIN;
if (process.env.TEST_STORE === 'mongodb') {
  const uri = testMongoUri();
  if (uri === null) throw new Error('TEST_MONGODB_URI is not set');
  const database = `encours_e2e_${process.pid}`;
  process.env.MONGODB_URI = uri;
  process.env.MONGODB_DB = database;
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.prependOnceListener(signal, () => void dropMongoDatabase(uri, database));
}
await import('../../server/main.ts');
