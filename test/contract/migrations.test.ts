import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ALL_KINDS } from '#server/store/kinds/all.ts';
import { items, tasks } from '#server/store/kinds/workspace.ts';
import { MIGRATIONS } from '#server/store/migrations/all.ts';
import { migrate } from '#server/store/migrations/migrate.ts';
import { SCHEMA_VERSION } from '#server/store/migrations/version.ts';
import { openStore } from '#server/store/open.ts';
import type { Store } from '#server/store/port.ts';
import { runChild } from '../support/child.ts';
import { temporaryDatabase } from '../support/embedded-database.ts';
import { LATER_KINDS, LATER_MIGRATIONS, LATER_VERSION, laterThings } from '../support/migrations.ts';
import type { LaterThing } from '../support/migrations.ts';
import { buildThing, TEST_KINDS, things } from './suite/kinds.ts';

let database: Awaited<ReturnType<typeof temporaryDatabase>>;
beforeEach(async () => {
  database = await temporaryDatabase();
});
afterEach(() => database.destroy());

test('migrations are numbered without gap up to the version that this code writes', () => {
  expect(MIGRATIONS.map(({ to }) => to)).toEqual(Array.from({ length: SCHEMA_VERSION - 1 }, (_, at) => at + 2));
});

describe('[U3] a file of the first version', () => {
  test('opens and is brought up to date: nothing lost, chains whole, a second start changes nothing', async () => {
    const packed = await readFile(new URL('../fixtures/store/v1.db.gz', import.meta.url));
    await writeFile(join(database.directory, 'encours.db'), gunzipSync(packed));
    const config = { mongodbUri: null, mongodbDb: '', dataDir: database.directory };
    let store = await openStore(config, ALL_KINDS);
    expect(await store.schema.version()).toBe(SCHEMA_VERSION);
    expect(await store.schema.workspaces()).toEqual(['w-1', 'w-2', 'installation']);
    const contents = async (): Promise<unknown[]> => {
      const found: unknown[] = [];
      for (const id of await store.schema.workspaces()) {
        const w = store.workspace(id);
        for (const kind of ALL_KINDS) for await (const doc of w.docs(kind).each({})) found.push(doc);
        for await (const { stream } of w.journal.streams()) {
          expect(await w.journal.verify(stream)).toBeNull();
          found.push(...(await w.journal.read(stream, 0, 100)));
        }
        found.push(await w.log.read('note:1:internal', 0));
      }
      return found;
    };
    try {
      for (const id of ['w-1', 'w-2', 'installation']) {
        const w = store.workspace(id);
        const events = await w.journal.read('account:0:internal', 0, 100);
        expect(events).toMatchObject([
          { seq: 1, personal: { name: 'Jeanne 0' } },
          { seq: 2, personal: null, erased: true },
        ]);
        expect((await w.log.read('note:1:internal', 0)).map(({ bytes }) => [...bytes])).toEqual([[1, 2, 3]]);
      }
      for (const id of ['w-1', 'w-2']) {
        const w = store.workspace(id);
        for await (const item of w.docs(items).each({}))
          expect(item).toMatchObject({ flagTaken: false, disputedCents: 0, awaitingCents: 0, einvoice: null });
        for await (const task of w.docs(tasks).each({}))
          expect(task).toMatchObject({ disputeId: null, acceptedBy: null, escalatedOn: null });
        expect(await w.docs(items).count({ disputedCents: 0, flagTaken: false })).toBe(3);
      }
      const before = await contents();
      expect(before.length).toBeGreaterThan(3 * 15 * 3);
      await store.close();
      store = await openStore(config, ALL_KINDS);
      expect(await contents()).toEqual(before);
    } finally {
      await store.close();
    }
  });
});

describe('[U3] a migration', () => {
  const N = 900;

  async function filled(): Promise<void> {
    const store = await database.open({ kinds: TEST_KINDS });
    for (const id of ['w-1', 'w-2']) {
      const docs = Array.from({ length: N }, (_, at) =>
        buildThing({
          priority: at % 21,
          state: at % 3 === 0 ? 'idle' : 'open',
          access: [`t:${at % 4}`],
          note: `n${at}`,
        }),
      );
      await store.workspace(id).transaction((tx) => tx.docs(things).insertMany(docs));
    }
    await store.close();
  }

  async function checkMigrated(store: Store): Promise<void> {
    expect(await store.schema.version()).toBe(LATER_VERSION);
    for (const id of ['w-1', 'w-2']) {
      const docs = store.workspace(id).docs(laterThings);
      const all: LaterThing[] = [];
      for await (const doc of docs.each({})) all.push(doc);
      expect(all).toHaveLength(N);
      for (const doc of all) {
        expect(doc.band).toBe(doc.priority > 10 ? 'high' : 'low');
        expect(doc.state).not.toBe('idle');
        // Each document was changed once by each migration that concerned it, however often the run was killed.
        expect(doc.version).toBe(doc.state === 'resting' ? 3 : 2);
      }
      const high = all.filter(({ band }) => band === 'high');
      expect(await docs.count({ band: 'high' })).toBe(high.length);
      const page = await docs.find({ access: { $in: ['t:0', 't:1', 't:2', 't:3'] }, band: 'high' }, { limit: 1_000 });
      expect(page.docs.map((doc) => doc.id)).toEqual(high.map((doc) => doc.id));
    }
  }

  test(
    'killed midway, again and again, it is resumed and ends as if it had never been',
    { timeout: 120_000 },
    async () => {
      await filled();
      for (const commits of [0, 1, 3, 5, 2]) {
        const child = runChild(new URL('../support/killed-migration.ts', import.meta.url), [
          database.directory,
          String(commits),
        ]);
        await child.ended;
        expect(child.process.signalCode, child.errors()).toBe('SIGKILL');
      }
      const store = await database.open({ kinds: LATER_KINDS, schemaVersion: LATER_VERSION, strictIndexes: true });
      const before = await store.schema.version();
      expect(before).toBeLessThan(LATER_VERSION);
      const report = await migrate(store, LATER_MIGRATIONS);
      expect(report).toMatchObject({ from: before, to: LATER_VERSION });
      await checkMigrated(store);
      expect(await migrate(store, LATER_MIGRATIONS)).toEqual({ from: LATER_VERSION, to: LATER_VERSION, ran: [] });
      await checkMigrated(store);
    },
  );
});
