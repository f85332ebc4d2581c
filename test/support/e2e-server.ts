import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withDocumentsAtRest } from '#server/collab/documents.ts';
import { systemClock } from '#server/clock.ts';
import { readConfig } from '#server/config.ts';
import { createLog } from '#server/log.ts';
import { seedDemo } from '#server/seed/seed-demo.ts';
import { ALL_KINDS } from '#server/store/kinds/all.ts';
import { openStore } from '#server/store/open.ts';
import { workspaceCache } from '#server/workspace-cache.ts';
import { dropMongoDatabase, testStoreUri } from './mongo.ts';

/** On MongoDB the product makes no demo by itself. */
async function seed(): Promise<void> {
  const config = readConfig(process.env);
  const log = createLog('error');
  const store = await openStore(config, ALL_KINDS, log);
  const clock = systemClock(config.fixedToday);
  const workspace = workspaceCache(store).read;
  await seedDemo(withDocumentsAtRest({ config, store, log, clock, workspace }));
  await store.close();
}

/** The server ends its process when it has stopped: the database goes just before. */
function dropAtExit(uri: string, database: string): void {
  const exit = process.exit.bind(process);
  process.exit = ((code) => {
    const end = (): never => exit(code);
    dropMongoDatabase(uri, database).then(end, end);
  }) as typeof process.exit;
}

// The built server on a demo workspace of its own; its store goes with it.
const directory = mkdtempSync(join(tmpdir(), 'encours-e2e-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
process.env.PORT = process.env.E2E_PORT ?? '4173';
process.env.HOST = '127.0.0.1';
process.env.DATA_DIR = directory;
process.env.LOG_LEVEL ??= 'warn';
delete process.env.MONGODB_URI;
delete process.env.ORIGIN;
const uri = testStoreUri();
if (uri !== null) {
  const database = `encours_e2e_${process.pid}`;
  await dropMongoDatabase(uri, database);
  process.env.MONGODB_URI = uri;
  process.env.MONGODB_DB = database;
  dropAtExit(uri, database);
  if (process.env.DEMO !== 'off') await seed();
}
await import('../../server/main.ts');
