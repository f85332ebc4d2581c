import { openEmbeddedStore } from '#server/store/embedded/open.ts';
import { migrate } from '#server/store/migrations/migrate.ts';
import { LATER_KINDS, LATER_MIGRATIONS, LATER_VERSION } from './migrations.ts';

/** Migrates a directory and kills itself before the commit of the given number (0: none is made). */
const [directory = '', at = ''] = process.argv.slice(2);
let left = Number(at);
const beforeCommit = (): void => {
  if (left === 0) process.kill(process.pid, 'SIGKILL');
  left -= 1;
};
const store = await openEmbeddedStore({
  directory,
  kinds: LATER_KINDS,
  schemaVersion: LATER_VERSION,
  faults: { beforeCommit },
});
await migrate(store, LATER_MIGRATIONS);
await store.close();
