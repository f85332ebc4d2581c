import { DatabaseSync } from 'node:sqlite';
import * as Y from 'yjs';
import { openEmbeddedStore } from '#server/store/embedded/open.ts';
import { TEST_KINDS } from '../contract/suite/kinds.ts';

/** Compacts a document and kills itself at the step named: before, once inserted, once deleted, once committed. */
const [directory = '', step = '', list = ''] = process.argv.slice(2);

/** The statement of the compaction before which the process dies. */
const DEADLY: Record<string, RegExp> = { before: /^INSERT INTO log/, inserted: /^DELETE FROM log/, deleted: /^COMMIT/ };
const die = (): void => process.kill(process.pid, 'SIGKILL') as unknown as void;
let armed = false;

const prepare = DatabaseSync.prototype.prepare;
DatabaseSync.prototype.prepare = function (this: DatabaseSync, sql: string) {
  if (armed && DEADLY[step]?.test(sql)) die();
  return prepare.call(this, sql);
} as typeof prepare;
const exec = DatabaseSync.prototype.exec;
DatabaseSync.prototype.exec = function (this: DatabaseSync, sql: string) {
  if (armed && DEADLY[step]?.test(sql)) die();
  exec.call(this, sql);
};

const store = await openEmbeddedStore({ directory, kinds: TEST_KINDS });
const { log } = store.workspace('w');
const ids = list.split(',');
const merged = new Y.Doc();
const entries = (await log.read('note:1', 0)).filter(({ id }) => ids.includes(id));
merged.transact(() => {
  for (const { bytes } of entries) Y.applyUpdate(merged, bytes);
});
armed = true;
await log.compact('note:1', 0, ids, Y.encodeStateAsUpdate(merged));
if (step === 'committed') die();
process.exit(3);
