import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DISPUTE_DEFAULTS } from '#lib/domain/dispute/dispute.ts';
import type { Item } from '#lib/domain/item/item.ts';
import { ALL_KINDS } from '#server/store/kinds/all.ts';
import { workspaces } from '#server/store/kinds/installation.ts';
import { items } from '#server/store/kinds/workspace.ts';
import { migrate } from '#server/store/migrations/migrate.ts';
import { SCHEMA_VERSION } from '#server/store/migrations/version.ts';
import type { Kind, Store, Versioned } from '#server/store/port.ts';
import { sampleOf } from '../../support/fill-kinds.ts';
import { LATER_KINDS, LATER_MIGRATIONS, LATER_VERSION, laterThings } from '../../support/migrations.ts';
import { buildThing, TEST_KINDS, things } from './kinds.ts';
import type { MakeDatabase, OpenOptions, TestDatabase } from './kinds.ts';

const N = 900;

const PLAIN = { fields: {}, indexes: [], tokenIndexes: [] };
const oldItems: Kind<Versioned> = { ...PLAIN, name: items.name };
const oldWorkspaces: Kind<Versioned> = { ...PLAIN, name: workspaces.name };

export function migrationContract(makeDatabase: MakeDatabase): void {
  describe('[U3] migrations', () => {
    let database: TestDatabase;
    beforeEach(async () => {
      database = await makeDatabase();
    });
    afterEach(() => database.destroy());
    const open = (options: Partial<OpenOptions> & Pick<OpenOptions, 'kinds'>): Promise<Store> =>
      database.open({ strictIndexes: false, ...options });

    async function filled(): Promise<void> {
      const store = await open({ kinds: TEST_KINDS });
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

    test('the second one adds what is missing, leaves what is there, and is resumed where it was cut', async () => {
      const kinds = [oldItems, oldWorkspaces];
      const before = await open({ kinds, schemaVersion: 1 });
      const {
        flagTaken: _,
        disputedCents: __,
        awaitingCents: ___,
        ...bare
      } = sampleOf(items as unknown as Kind<Versioned>, 1) as unknown as Item;
      const item = (id: string, more: object = {}): Versioned => ({ ...bare, ...more, ...{ id, key: id, version: 1 } });
      await before
        .workspace('w-1')
        .transaction((tx) =>
          tx
            .docs(oldItems)
            .insertMany([
              item('a', { disputed: true }),
              item('b', { flagTaken: true, disputedCents: 5, awaitingCents: 1, einvoice: null }),
              item('c', { disputedCents: 7 }),
            ]),
        );
      await before.installation.transaction((tx) =>
        tx
          .docs(oldWorkspaces)
          .insert({ id: 'w-1', version: 1, settings: { untouchedDays: 9 } } as unknown as Versioned),
      );
      await before.close();
      const store = await open({ kinds: ALL_KINDS });
      expect(await migrate(store)).toMatchObject({ from: 1, to: SCHEMA_VERSION });
      const docs = store.workspace('w-1').docs(items);
      expect(await docs.getMany(['a', 'b', 'c'])).toMatchObject([
        { version: 2, disputed: true, flagTaken: false, disputedCents: 0, awaitingCents: 0, einvoice: null },
        { version: 1, flagTaken: true, disputedCents: 5, awaitingCents: 1 },
        { version: 2, flagTaken: false, disputedCents: 7, awaitingCents: 0 },
      ]);
      expect(await store.installation.docs(workspaces).get('w-1')).toMatchObject({
        settings: { untouchedDays: 9, disputes: DISPUTE_DEFAULTS },
      });
      await store.schema.setVersion(1);
      const versions = (await docs.getMany(['a', 'b', 'c'])).map(({ version }) => version);
      await migrate(store);
      expect((await docs.getMany(['a', 'b', 'c'])).map(({ version }) => version)).toEqual(versions);
    });

    test('go on beside somebody who changes the same documents', async () => {
      await filled();
      const store = await open({ kinds: LATER_KINDS, schemaVersion: LATER_VERSION });
      const w = store.workspace('w-1');
      let done = false;
      let changed = 0;
      const meddler = (async () => {
        while (!done) {
          await w.transaction(async (tx) => {
            const page = await tx.docs(laterThings).find({}, { limit: 1, sort: ['-id'] });
            const [doc] = page.docs;
            if (doc) await tx.docs(laterThings).replace({ ...doc, band: 'mine', note: `changed ${changed}` });
          });
          changed += 1;
        }
      })();
      await migrate(store, LATER_MIGRATIONS).finally(() => (done = true));
      await meddler;
      expect(changed).toBeGreaterThan(0);
      expect(await w.docs(laterThings).count({ band: { $in: ['high', 'low', 'mine'] } })).toBe(N);
    });

    test('a new database has the version of the code that made it', async () => {
      const store = await open({ kinds: TEST_KINDS });
      expect(await store.schema.version()).toBe(SCHEMA_VERSION);
      expect(await store.schema.workspaces()).toEqual([]);
    });

    test('a database of a newer version is not opened', async () => {
      await filled();
      const store = await open({ kinds: TEST_KINDS });
      await store.schema.setVersion(SCHEMA_VERSION + 1);
      await store.close();
      await expect(open({ kinds: TEST_KINDS })).rejects.toThrow(/newer/);
    });
  });
}
