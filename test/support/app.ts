import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pino } from 'pino';
import type { Day, Instant } from '#lib/domain/values.ts';
import type { App, Clock } from '#server/app.ts';
import { withDocumentsAtRest } from '#server/collab/documents.ts';
import { readConfig } from '#server/config.ts';
import { openEmbeddedStore } from '#server/store/embedded/open.ts';
import { ALL_KINDS } from '#server/store/kinds/all.ts';
import { openMongoStore } from '#server/store/mongo/open.ts';
import { workspaces } from '#server/store/kinds/installation.ts';
import type { Store } from '#server/store/port.ts';
import { testStoreUri } from './mongo.ts';
import { giveBackDatabase, takeDatabase } from './mongo-pool.ts';

/** A clock that stands still until a test moves it. */
export interface TestClock extends Clock {
  /** Moves the instant on; the day stays. */
  advance(ms: number): void;
  setToday(day: Day): void;
}

export interface TestApp extends App {
  clock: TestClock;
  /** Data directory of the embedded store. */
  directory: string;
  /** Closes the store and removes its directory. */
  close(): Promise<void>;
}

export interface BuildOptions {
  /** The business day; 2026-03-16, a Monday, when left out. */
  today?: Day;
  /** The instant at which the clock stands. */
  at?: Instant;
  /** Runs the work of every transaction twice, as a store that retries would. */
  injectRetry?: boolean;
  /** Opens an existing directory (on MongoDB the database of its name), as after a crash. */
  directory?: string;
  /** The embedded store whatever the run is about, for tests of what only it has. */
  engine?: 'embedded';
}

const DEFAULT_TODAY: Day = '2026-03-16';

function testClock(today: Day, at: Instant): TestClock {
  let day = today;
  let ms = Date.parse(at);
  return {
    ms: () => ms,
    now: () => new Date(ms).toISOString(),
    today: () => day,
    advance: (by) => {
      ms += by;
    },
    setToday: (to) => {
      day = to;
    },
  };
}

/** The database that belongs to a data directory. */
export const databaseOf = (directory: string): string => basename(directory).replaceAll(/[^\w]/g, '_');

async function openTestStore(uri: string | null, directory: string, injectRetry: boolean): Promise<Store> {
  const options = { kinds: ALL_KINDS, strictIndexes: true, injectRetry };
  if (uri === null) return openEmbeddedStore({ directory, ...options });
  return openMongoStore({ uri, database: databaseOf(directory), ...options });
}

/** An empty directory; on MongoDB one that is named as a database which another test has left. */
export async function freshDirectory(uri: string | null): Promise<string> {
  const free = uri === null ? null : takeDatabase();
  if (free === null) return mkdtemp(join(tmpdir(), 'encours_test_'));
  const directory = join(tmpdir(), free);
  await mkdir(directory);
  return directory;
}

/** An app on a store of its own, with a clock that tests move. Close it after the test. */
export async function buildApp(options: BuildOptions = {}): Promise<TestApp> {
  const today = options.today ?? DEFAULT_TODAY;
  const uri = options.engine === 'embedded' ? null : testStoreUri();
  const directory = options.directory ?? (await freshDirectory(uri));
  const store = await openTestStore(uri, directory, options.injectRetry ?? false);
  return withDocumentsAtRest({
    config: readConfig({ DATA_DIR: directory, LOG_LEVEL: 'silent', DEMO: 'off' }),
    store,
    clock: testClock(today, options.at ?? `${today}T08:00:00.000Z`),
    log: pino({ level: 'silent' }),
    workspace: async (id) => {
      const found = await store.installation.docs(workspaces).get(id);
      if (found === null) throw new Error(`no workspace ${id}`);
      return found;
    },
    directory,
    close: async () => {
      await store.close();
      await rm(directory, { recursive: true, force: true });
      if (uri !== null) await giveBackDatabase(uri, databaseOf(directory));
    },
  });
}
