import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { Day, Instant } from '#lib/domain/values.ts';
import type { App, Clock } from '#server/app.ts';
import { readConfig } from '#server/config.ts';
import { openEmbeddedStore } from '#server/store/embedded/open.ts';
import { newId } from '#server/store/id.ts';
import { ALL_KINDS } from '#server/store/kinds/all.ts';
import { workspaces } from '#server/store/kinds/installation.ts';
import type { Store } from '#server/store/port.ts';

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
  /** Opens an existing directory, as after a crash. */
  directory?: string;
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

async function openTestStore(directory: string, injectRetry: boolean): Promise<Store> {
  const uri = process.env.TEST_MONGODB_URI;
  if (uri === undefined || uri === '')
    return openEmbeddedStore({ directory, kinds: ALL_KINDS, strictIndexes: true, injectRetry });
  const path = '#server/store/mongo/open.ts';
  const { openMongoStore } = (await import(path)) as {
    openMongoStore(options: { uri: string; database: string; kinds: typeof ALL_KINDS }): Promise<Store>;
  };
  return openMongoStore({ uri, database: `encours_test_${newId()}`, kinds: ALL_KINDS });
}

/** An app on a store of its own, with a clock that tests move. Close it after the test. */
export async function buildApp(options: BuildOptions = {}): Promise<TestApp> {
  const today = options.today ?? DEFAULT_TODAY;
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'encours-test-')));
  const store = await openTestStore(directory, options.injectRetry ?? false);
  return {
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
    },
  };
}
