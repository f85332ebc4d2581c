import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from '../app.ts';
import { systemClock } from '../clock.ts';
import type { Config } from '../config.ts';
import { filesOf, syncDirectory } from '../store/embedded/files.ts';
import { lockDirectory } from '../store/embedded/lock.ts';
import { withDocumentsAtRest } from '../collab/documents.ts';
import { ALL_KINDS } from '../store/kinds/all.ts';
import { openStore } from '../store/open.ts';
import { workspaceCache } from '../workspace-cache.ts';
import { seedDemo } from './seed-demo.ts';

/**
 * Makes the demo in a directory of its own and puts its database in place when it is whole: stopped halfway, nothing of
 * it is there, and the next start begins anew. The store of `config.dataDir` must be closed and hold no workspace.
 *
 * @throws DirectoryInUse when another process has the directory
 */
export async function makeDemo(
  config: Config,
  log: App['log'],
  seed: (app: App) => Promise<unknown> = (app) => seedDemo(app, { size: config.demoSize }),
): Promise<void> {
  const { dataDir } = config;
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const lock = lockDirectory(dataDir);
  try {
    const apart = join(dataDir, 'demo.making');
    rmSync(apart, { recursive: true, force: true });
    const store = await openStore({ ...config, dataDir: apart }, ALL_KINDS, log);
    try {
      const { read } = workspaceCache(store);
      const clock = systemClock(config.fixedToday);
      await seed(withDocumentsAtRest({ config, store, log, clock, workspace: read }));
    } finally {
      await store.close();
    }
    const made = filesOf(apart);
    const place = filesOf(dataDir);
    // Without a state the database is checked in full when it is opened: good at any moment between these steps.
    rmSync(place.state, { force: true });
    renameSync(made.database, place.database);
    renameSync(made.state, place.state);
    syncDirectory(dataDir);
    rmSync(apart, { recursive: true, force: true });
  } finally {
    lock.release();
  }
}
