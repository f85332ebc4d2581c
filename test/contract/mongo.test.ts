import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { migrate } from '#server/store/migrations/migrate.ts';
import type { LogUpdate, Store, StoredEvent } from '#server/store/port.ts';
import { LATER_KINDS, LATER_MIGRATIONS, LATER_VERSION, laterThings } from '../support/migrations.ts';
import { temporaryMongoDatabase, testMongoUri } from '../support/mongo.ts';
import { storeContract } from './store-contract.ts';
import { buildEvent, buildThing, TEST_KINDS, things, until, type TestDatabase } from './suite/kinds.ts';

if (testMongoUri() === null)
  describe('MongoDB keeps the contract of a store', () => {
    test.skip('not run: no replica set (TEST_MONGODB_URI, MONGOD_PATH, mongod on the PATH)', () => undefined);
  });
else {
  storeContract('MongoDB', temporaryMongoDatabase, { programs: 40 });

  describe('two nodes on one database', () => {
    let database: TestDatabase;
    beforeEach(async () => {
      database = await temporaryMongoDatabase();
    });
    afterEach(() => database.destroy());

    test('[U3] that start a new version at once migrate once', async () => {
      const before = await database.open({ kinds: TEST_KINDS, strictIndexes: true });
      for (const id of ['w-1', 'w-2'])
        await before
          .workspace(id)
          .transaction((tx) =>
            tx.docs(things).insertMany(Array.from({ length: 450 }, (_, n) => buildThing({ priority: n % 21 }))),
          );
      await before.close();
      const start = async (): Promise<string[]> => {
        const store = await database.open({ kinds: LATER_KINDS, strictIndexes: true, schemaVersion: LATER_VERSION });
        return (await migrate(store, LATER_MIGRATIONS)).ran;
      };
      const ran = await Promise.all([start(), start()]);
      expect(ran.flat()).toEqual(LATER_MIGRATIONS.map(({ name }) => name));
      const store = await database.open({ kinds: LATER_KINDS, strictIndexes: true, schemaVersion: LATER_VERSION });
      expect(await store.schema.version()).toBe(LATER_VERSION);
      const docs = store.workspace('w-2').docs(laterThings);
      expect(await docs.count({ band: 'low' })).toBeGreaterThan(await docs.count({ band: 'high' }));
      for await (const thing of docs.each({})) expect(thing.version).toBe(2);
    });

    test('hear each other: events, updates, and the epochs that one drops while the other listens', async () => {
      const open = (): Promise<Store> => database.open({ kinds: TEST_KINDS, strictIndexes: true });
      const [one, two] = [await open(), await open()];
      const seen: { events: StoredEvent[]; updates: LogUpdate[] } = { events: [], updates: [] };
      const lost = (): void => {
        throw new Error('position lost');
      };
      two.tail.journal(null, (events) => seen.events.push(...events), lost);
      two.tail.log(null, (updates) => seen.updates.push(...updates), lost);
      const { log } = one.workspace('w-1');
      for (const epoch of [0, 1, 2]) await log.append('note:1', epoch, 'ada', new Uint8Array([epoch]));
      await log.drop('note:1', 0, 2);
      await log.append('note:1', 2, 'ada', new Uint8Array([9]));
      await one.workspace('w-1').transaction((tx) => tx.append('s', [buildEvent()]));
      await until(() => seen.events.length === 1 && seen.updates.length === 4, 'what the other node wrote');
      expect(seen.updates.map(({ bytes }) => bytes[0])).toEqual([0, 1, 2, 9]);
      expect((await two.workspace('w-1').log.read('note:1', 2)).map(({ bytes }) => bytes[0])).toEqual([2, 9]);
      expect(await two.workspace('w-1').log.read('note:1', 1)).toEqual([]);
    });

    test('[D8] a document is read whole while the other one compacts it', async () => {
      const open = (): Promise<Store> => database.open({ kinds: TEST_KINDS, strictIndexes: true });
      const [one, two] = [await open(), await open()];
      const { log } = one.workspace('w-1');
      let ids = await Promise.all(
        Array.from({ length: 300 }, (_, n) => log.append('note:1', 0, 'ada', new Uint8Array([n % 200]))),
      );
      const compact = async (): Promise<void> => {
        while (ids.length > 30) {
          const merged = ids.slice(0, 30);
          expect(await log.compact('note:1', 0, merged, new Uint8Array(30))).toBe(true);
          ids = ids.slice(30);
        }
      };
      let compacting = true;
      const compacted = compact().finally(() => (compacting = false));
      while (compacting) {
        const read = await two.workspace('w-1').log.read('note:1', 0);
        // Each update counts one, each snapshot as many as it merged.
        expect(read.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBe(300);
      }
      await compacted;
    });
  });
}
