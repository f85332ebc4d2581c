import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DuplicateKey, RefusedByPort, VersionConflict } from '#server/store/port.ts';
import type { Store, WorkspaceStore } from '#server/store/port.ts';
import { buildThing, freshWorkspace, others, TEST_KINDS, things } from './kinds.ts';
import type { MakeDatabase, TestDatabase, Thing } from './kinds.ts';

export function documentContract(makeDatabase: MakeDatabase): void {
  describe('documents', () => {
    let database: TestDatabase;
    let store: Store;
    beforeAll(async () => {
      database = await makeDatabase();
      store = await database.open({ kinds: TEST_KINDS, strictIndexes: true });
    });
    afterAll(async () => {
      await store.close();
      await database.destroy();
    });
    const workspace = (): WorkspaceStore => store.workspace(freshWorkspace());
    const insert = (w: WorkspaceStore, ...docs: Thing[]): Promise<void> =>
      w.transaction((tx) => tx.docs(things).insertMany(docs));

    test('gives back what was stored, value for value', async () => {
      const w = workspace();
      const note = 'é 😀 e\u0301 \u202eabc\u200d "quoted" \\ \u0000 \u2028';
      const doc = {
        ...buildThing({ note, priority: Number.MAX_SAFE_INTEGER, sums: { cents: -0.5 }, flag: true, words: [] }),
        extra: { list: [1, 'two', null, true, [], {}, { deep: [[-1.25e-7]] }], zero: -0 },
      };
      await insert(w, doc);
      expect(await w.docs(things).get(doc.id)).toEqual({ ...doc, extra: { ...doc.extra, zero: 0 } });
    });

    test('answers null for what is not there, in a workspace that has never written', async () => {
      const w = workspace();
      expect(await w.docs(things).get('nothing')).toBeNull();
      expect(await w.docs(things).getMany(['nothing'])).toEqual([]);
      expect(await w.docs(things).count({})).toBe(0);
      expect(await w.docs(things).find({})).toEqual({ docs: [], next: null });
      expect(await w.docs(things).group({}, { by: ['state'] })).toEqual([]);
    });

    test('getMany keeps the order of the ids, each once, absent ones left out', async () => {
      const w = workspace();
      const docs = ['a', 'b', 'c'].map((id) => buildThing({ id }));
      await insert(w, ...docs);
      const found = await w.docs(things).getMany(['c', 'x', 'a', 'c']);
      expect(found.map(({ id }) => id)).toEqual(['c', 'a']);
    });

    test('replace raises the version, and answers what is stored', async () => {
      const w = workspace();
      const doc = buildThing();
      await insert(w, doc);
      const next = await w.transaction((tx) => tx.docs(things).replace({ ...doc, state: 'closed' }));
      expect(next).toEqual({ ...doc, state: 'closed', version: 2 });
      expect(await w.docs(things).get(doc.id)).toEqual(next);
    });

    test('replace and remove of another version, or of nothing, is a conflict that changes nothing', async () => {
      const w = workspace();
      const doc = buildThing();
      await insert(w, doc);
      await w.transaction((tx) => tx.docs(things).replace(doc));
      for (const stale of [doc, { ...doc, version: 3 }, buildThing()]) {
        await expect(w.transaction((tx) => tx.docs(things).replace(stale))).rejects.toThrow(VersionConflict);
        await expect(w.transaction((tx) => tx.docs(things).remove(stale.id, stale.version))).rejects.toThrow(
          VersionConflict,
        );
      }
      expect(await w.docs(things).get(doc.id)).toEqual({ ...doc, version: 2 });
      await w.transaction((tx) => tx.docs(things).remove(doc.id, 2));
      expect(await w.docs(things).get(doc.id)).toBeNull();
    });

    test('a second document of an id, or of a unique key, is refused with the name of the index', async () => {
      const w = workspace();
      const doc = buildThing({ key: 'K' });
      await insert(w, doc);
      const attempt = async (other: Thing): Promise<unknown> =>
        insert(w, other).then(
          () => null,
          (error: unknown) => error,
        );
      const sameId = await attempt(buildThing({ id: doc.id }));
      const sameKey = await attempt(buildThing({ key: 'K' }));
      expect(sameId).toBeInstanceOf(DuplicateKey);
      expect(sameId).toMatchObject({ kind: 'thing', index: 'id' });
      expect(sameKey).toBeInstanceOf(DuplicateKey);
      expect(sameKey).toMatchObject({ kind: 'thing', index: 'byKey' });
      const second = buildThing({ key: 'L' });
      await insert(w, second);
      const moved = w.transaction((tx) => tx.docs(things).replace({ ...second, key: 'K' }));
      await expect(moved).rejects.toMatchObject({ kind: 'thing', index: 'byKey' });
      await insert(w, buildThing({ key: 'M' }));
      expect(await w.docs(things).count({})).toBe(3);
    });

    test('workspaces do not meet: same ids and keys, other documents', async () => {
      const [one, two] = [workspace(), workspace()];
      const doc = buildThing({ id: 'same', key: 'same', note: 'one' });
      await insert(one, doc);
      await insert(two, { ...doc, note: 'two' });
      expect((await one.docs(things).get('same'))?.note).toBe('one');
      expect((await two.docs(things).get('same'))?.note).toBe('two');
      expect(await two.docs(things).count({})).toBe(1);
      expect((await two.docs(things).find({})).docs.map(({ note }) => note)).toEqual(['two']);
    });

    test('kinds do not meet', async () => {
      const w = workspace();
      await w.transaction(async (tx) => {
        await tx.docs(things).insert(buildThing({ id: 'same' }));
        await tx.docs(others).insert({ id: 'same', version: 1, label: 'x' });
      });
      expect((await w.docs(others).get('same'))?.label).toBe('x');
    });

    test('insertMany and replaceMany are all or nothing', async () => {
      const w = workspace();
      const docs = Array.from({ length: 300 }, (_, at) => buildThing({ priority: at }));
      await insert(w, ...docs);
      const stored = await w.transaction((tx) =>
        tx.docs(things).replaceMany(docs.map((doc) => ({ ...doc, flag: true }))),
      );
      expect(stored.map(({ version }) => version)).toEqual(docs.map(() => 2));
      const stale = stored.map((doc, at) => (at === 200 ? { ...doc, version: 1 } : { ...doc, flag: false }));
      await expect(w.transaction((tx) => tx.docs(things).replaceMany(stale))).rejects.toThrow(VersionConflict);
      await expect(insert(w, buildThing(), docs[0] as Thing)).rejects.toThrow(DuplicateKey);
      expect(await w.docs(things).count({})).toBe(300);
      expect((await w.docs(things).getMany(docs.map(({ id }) => id))).every(({ flag }) => flag)).toBe(true);
    });

    test('[B8] [B9] what the port does not hold is refused before it reaches the database', async () => {
      const w = workspace();
      const wrong: Record<string, unknown>[] = [
        { note: undefined },
        { note: new Date(0) },
        { note: '\ud800' },
        { note: ['\udc00x'] },
        { note: Number.NaN },
        { note: Infinity },
        { note: 2 ** 53 },
        { note: 1n },
        { note: new Map() },
        { note: new Uint8Array(1) },
        { note: { $ne: null } },
        { note: { $where: 'sleep(1000)' } },
        { note: { 'a.b': 1 } },
        { note: JSON.parse('{"__proto__":1}') },
        { note: { _bsontype: 'Long' } },
        { note: { '': 1 } },
        { state: 3 },
        { state: { $ne: 'x' } },
        { priority: '3' },
        { day: '22/11/2026' },
        { at: '2026-11-22' },
        { flag: 1 },
        { access: 'x' },
        { access: [''] },
        { access: [null] },
        { key: null },
        { sums: {} },
        { version: 2 },
        { id: '' },
      ];
      for (const part of wrong) {
        const doc = { ...buildThing(), ...part } as Thing;
        await expect(insert(w, doc), JSON.stringify(Object.keys(part))).rejects.toThrow(RefusedByPort);
      }
      const { owner: _owner, ...lacking } = buildThing();
      await expect(insert(w, lacking as Thing)).rejects.toThrow(RefusedByPort);
      expect(await w.docs(things).count({})).toBe(0);
    });

    test('a kind that was not declared is refused', () => {
      const w = workspace();
      expect(() => w.docs({ ...things, name: 'stranger' })).toThrow(RefusedByPort);
    });

    test('each streams every match once, by id', async () => {
      const w = workspace();
      const docs = Array.from({ length: 450 }, (_, at) =>
        buildThing({ state: at % 3 === 0 ? 'open' : 'idle', access: ['a', `b${at % 2}`] }),
      );
      await insert(w, ...docs);
      const idsOf = async (filter: Parameters<typeof eachThing>[1]): Promise<string[]> => {
        const ids: string[] = [];
        for await (const doc of eachThing(w, filter)) ids.push(doc.id);
        return ids;
      };
      expect(await idsOf({})).toEqual(docs.map(({ id }) => id).sort());
      const open = docs
        .filter(({ state }) => state === 'open')
        .map(({ id }) => id)
        .sort();
      expect(await idsOf({ state: 'open' })).toEqual(open);
      expect(await idsOf({ state: 'open', access: { $in: ['a', 'b0', 'b1'] } })).toEqual(open);
      expect(await idsOf({ note: 'x' } as never).catch((error: unknown) => error)).toBeInstanceOf(RefusedByPort);
    });
  });
}

function eachThing(
  w: WorkspaceStore,
  filter: Parameters<ReturnType<WorkspaceStore['docs']>['each']>[0],
): AsyncIterable<Thing> {
  return w.docs(things).each(filter);
}
