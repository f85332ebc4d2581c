import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RefusedByPort, RefusedCursor } from '#server/store/port.ts';
import type { Docs, Filter, FindOptions, Store } from '#server/store/port.ts';
import { buildThing, freshWorkspace, TEST_KINDS, things } from './kinds.ts';
import type { MakeDatabase, TestDatabase, Thing } from './kinds.ts';
import { Model, sortedGroups } from './model.ts';

const OWNERS = [null, 'ada', 'bob', 'éva', '😀', '\uffee'];
const STATES = ['open', 'idle', 'parked'];

/** Many ties, so that pages end in the middle of them. */
function manyThings(): Thing[] {
  return Array.from({ length: 237 }, (_, at) =>
    buildThing({
      state: STATES[at % 3] as string,
      owner: OWNERS[at % OWNERS.length] ?? null,
      priority: (at * 7) % 5,
      day: `2026-11-${String(10 + ((at * 3) % 4))}`,
      flag: at % 4 === 0,
      sums: { cents: at * 100 - 5_000 },
      access: [`rep:${at % 3}`, `owner:${at % 5}`, ...(at % 10 === 0 ? ['dept:quality'] : [])],
      words: [`dupont${at % 6}`, `du`, `société${at % 2}`],
    }),
  );
}

/** What a declared index serves. */
const SERVED: [Filter, string[]][] = [
  [{}, []],
  [{}, ['-id']],
  [{}, ['-priority']],
  [{}, ['day', '-priority']],
  [{ state: 'open' }, ['-priority']],
  [{ state: 'open', flag: true }, ['-priority']],
  [{ state: { $in: ['open', 'parked'] } }, ['-priority']],
  [{ state: { $in: [] } }, ['-priority']],
  [{ state: 'open', priority: 3 }, []],
  [{ state: 'open', priority: 3 }, ['-priority']],
  [{ state: 'open', priority: { $gte: 2 } }, ['-priority']],
  [{ state: 'open', priority: { $gt: 1, $lt: 4 }, owner: { $ne: null } }, ['-priority']],
  [{ state: 'open', $or: [{ owner: 'ada' }, { flag: true, priority: { $lt: 2 } }] }, ['-priority']],
  [{ state: 'open', $or: [{ access: 'rep:1' }, { words: { $prefix: 'dupont3' } }] }, ['-priority']],
  [{ owner: null }, []],
  [{ owner: 'éva' }, ['-id']],
  [{ owner: { $in: [null, '😀'] } }, []],
  [{ day: { $gte: '2026-11-12' } }, ['day', '-priority']],
  [{ day: '2026-11-12' }, ['-priority']],
  [{ day: '2026-11-12' }, ['day', '-priority']],
  [{ state: 'open', access: 'rep:1' }, ['-priority']],
  [{ state: 'open', access: { $in: ['rep:1'] } }, ['-priority']],
  [{ state: 'open', access: { $in: ['rep:0', 'rep:1', 'owner:2', 'dept:quality', 'nobody'] } }, ['-priority']],
  [{ state: { $in: STATES }, access: { $in: ['rep:0', 'owner:2'] } }, ['-priority']],
  [{ state: 'open', access: { $in: [] } }, ['-priority']],
  [{ state: 'open', access: { $all: ['rep:0', 'owner:0'] } }, ['-priority']],
  [{ state: 'open', access: { $in: ['rep:0', 'rep:1'] }, flag: false, words: 'dupont1' }, ['-priority']],
  [{ state: 'open', access: { $in: ['rep:0', 'rep:1'] }, words: { $prefix: 'dupont' } }, ['-priority']],
  [{ state: 'idle', priority: { $lte: 2 }, access: { $in: ['rep:0', 'rep:1'] } }, ['-priority']],
  [{ owner: null, access: { $in: ['owner:0', 'owner:1', 'owner:2'] } }, ['day']],
  [{ owner: null, access: 'owner:1', day: { $gt: '2026-11-10' } }, ['day']],
  [{ words: 'du' }, []],
  [{ words: { $in: ['dupont1', 'du'] } }, []],
  [{ words: { $all: ['dupont1', 'du'] } }, []],
  [{ words: { $prefix: 'dupont' } }, []],
  [{ words: { $prefix: 'dupont' }, state: 'open' }, ['day', '-priority']],
  [{ words: { $prefix: 'soci' }, access: { $in: ['rep:0', 'owner:1'] } }, ['-priority']],
  [{ words: { $prefix: '%' } }, []],
  [{ words: { $prefix: 'd.' } }, []],
];

export function queryContract(makeDatabase: MakeDatabase): void {
  describe('queries', () => {
    let database: TestDatabase;
    let store: Store;
    let docs: Docs<Thing>;
    const model = new Model();
    beforeAll(async () => {
      database = await makeDatabase();
      store = await database.open({ kinds: TEST_KINDS, strictIndexes: true });
      const w = store.workspace(freshWorkspace());
      docs = w.docs(things);
      const all = manyThings();
      for (const doc of all) model.insert(doc);
      await w.transaction((tx) => tx.docs(things).insertMany(all));
      // A neighbour with the same documents: nothing of it may show.
      await store.workspace(freshWorkspace()).transaction((tx) => tx.docs(things).insertMany(all));
    });
    afterAll(async () => {
      await store.close();
      await database.destroy();
    });

    const allPages = async (filter: Filter, sort: string[], limit: number): Promise<Thing[]> => {
      const found: Thing[] = [];
      for (let after: string | null = null; ;) {
        const page = await docs.find(filter, { sort, limit, after });
        found.push(...page.docs);
        expect(page.docs.length).toBeLessThanOrEqual(limit);
        if (page.next === null) return found;
        expect(page.docs.length).toBe(limit);
        after = page.next;
      }
    };

    test.each(SERVED)('%j sorted by %j: the same list whole and in pages, the same count', async (filter, sort) => {
      const wanted = model.find(filter, sort).map(({ id }) => id);
      for (const limit of [7, 50, 1_000]) {
        expect(
          (await allPages(filter, sort, limit)).map(({ id }) => id),
          `pages of ${limit}`,
        ).toEqual(wanted);
      }
      expect(await docs.count(filter)).toBe(wanted.length);
      expect(await docs.count(filter, { upTo: 10 })).toBe(Math.min(10, wanted.length));
    });

    test('a page goes on where it ended though documents before it have come and gone', async () => {
      const w = store.workspace(freshWorkspace());
      const rows = Array.from({ length: 30 }, (_, at) => buildThing({ priority: at % 2 }));
      await w.transaction((tx) => tx.docs(things).insertMany(rows));
      const first = await w.docs(things).find({ state: 'open' }, { sort: ['-priority'], limit: 10 });
      await w.transaction(async (tx) => {
        await tx.docs(things).remove((first.docs[9] as Thing).id, 1);
        await tx.docs(things).insert(buildThing({ priority: 9 }));
      });
      const second = await w
        .docs(things)
        .find({ state: 'open' }, { sort: ['-priority'], limit: 50, after: first.next });
      const wanted = rows.toSorted((a, b) => b.priority - a.priority || (a.id < b.id ? -1 : 1)).slice(10);
      expect(second.docs.map(({ id }) => id)).toEqual(wanted.map(({ id }) => id));
    });

    test('tokens taken away are not found any more, those kept and given are', async () => {
      const w = store.workspace(freshWorkspace());
      const doc = buildThing({ words: ['a', 'b'], access: ['x', 'y'] });
      await w.transaction((tx) => tx.docs(things).insert(doc));
      const found = async (): Promise<number[]> => {
        const counts: number[] = [];
        for (const word of ['a', 'b', 'c']) counts.push((await w.docs(things).find({ words: word })).docs.length);
        for (const access of ['x', 'y', 'z']) {
          counts.push((await w.docs(things).find({ state: 'open', access }, { sort: ['-priority'] })).docs.length);
          counts.push(await w.docs(things).count({ state: 'open', access }));
        }
        return counts;
      };
      expect(await found()).toEqual([1, 1, 0, 1, 1, 1, 1, 0, 0]);
      const moved = { ...doc, words: ['b', 'c'], access: ['y', 'z'] };
      await w.transaction((tx) => tx.docs(things).replace(moved));
      expect(await found()).toEqual([0, 1, 1, 0, 0, 1, 1, 1, 1]);
      await w.transaction((tx) => tx.docs(things).replace({ ...moved, version: 2, priority: 7 }));
      expect(await found()).toEqual([0, 1, 1, 0, 0, 1, 1, 1, 1]);
      await w.transaction((tx) => tx.docs(things).remove(doc.id, 3));
      expect(await found()).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0]);
    });

    test.each([
      [{}, { by: ['state'], sum: ['sums.cents', 'priority'], min: ['day', 'sums.cents'], max: ['day', 'owner'] }],
      [{}, { by: [] as string[], sum: ['sums.cents'] }],
      [{ state: 'open' }, { by: ['owner', 'flag'], sum: ['sums.cents'] }],
      [{ access: { $in: ['rep:0', 'owner:0'] } }, { by: ['state'], sum: ['sums.cents'], max: ['priority'] }],
      [
        { state: 'open', access: { $in: ['rep:0', 'owner:0', 'nobody'] } },
        { by: ['priority'], sum: ['priority'] },
      ],
      [
        { words: { $prefix: 'dupont' }, flag: true },
        { by: ['day'], min: ['owner'] },
      ],
      [{ access: { $in: [] } }, { by: ['state'] }],
      [{ owner: 'nobody' }, { by: [] as string[], sum: ['priority'] }],
    ])('group %j %j', async (filter, options) => {
      const got = await docs.group(filter, { count: true, ...options });
      expect(sortedGroups(got)).toEqual(sortedGroups(model.group(filter, options)));
    });

    test.each([
      [{ unknown: 1 }, {}],
      [{ note: 'x' }, {}],
      [{ version: 1 }, {}],
      [{ $where: 'true' }, {}],
      [{ $and: [] }, {}],
      [{ $or: [] }, {}],
      [{ $or: [{}] }, {}],
      [{ $or: [{ $or: [{ state: 'open' }] }] }, {}],
      [{ state: undefined }, {}],
      [{ state: {} }, {}],
      [{ state: { $regex: 'o' } }, {}],
      [{ state: { $in: 'open' } }, {}],
      [{ state: { $in: [undefined] } }, {}],
      [{ state: { $lt: null } }, {}],
      [{ state: { $prefix: 'o' } }, {}],
      [{ state: ['open'] }, {}],
      [{ state: 3 }, {}],
      [{ priority: '3' }, {}],
      [{ flag: { $gt: false } }, {}],
      [{ day: '2026' }, {}],
      [{ access: null }, {}],
      [{ access: { $ne: 'x' } }, {}],
      [{ access: { $all: [] } }, {}],
      [{ words: { $prefix: '' } }, {}],
      [{ 'sums.other': 1 }, {}],
      [{}, { sort: ['note'] }],
      [{}, { sort: ['access'] }],
      [{}, { sort: ['day', 'day'] }],
      [{}, { limit: 0 }],
      [{}, { limit: 1_001 }],
      [{}, { after: 'nonsense' }],
      [{}, { after: Buffer.from('[1]').toString('base64url') }],
    ] as [Filter, FindOptions][])('[B8] refuses %j %j', async (filter, options) => {
      await expect(docs.find(filter, options)).rejects.toThrow(RefusedByPort);
    });

    test('refuses a cursor of another sort', async () => {
      const { next } = await docs.find({ state: 'open' }, { sort: ['-priority'], limit: 5 });
      await expect(docs.find({}, { sort: ['day', '-priority'], after: next })).rejects.toThrow(RefusedCursor);
    });

    test.each([
      [{ flag: true }, {}],
      [{ 'sums.cents': 3 }, {}],
      [{ state: 'open' }, { sort: ['day'] }],
      [{ state: 'open' }, { sort: ['priority'] }],
      [{ $or: [{ state: 'open' }, { owner: 'ada' }] }, {}],
      [{}, { sort: ['-day'] }],
      [{ access: 'rep:1' }, { sort: ['-priority'] }],
    ] as [Filter, FindOptions][])(
      'in tests, a find that no declared index serves is refused: %j %j',
      async (filter, options) => {
        await expect(docs.find(filter, options)).rejects.toThrow(/no index/);
      },
    );

    test('refuses to page by a field that holds null', async () => {
      await expect(docs.find({ access: 'rep:0' }, { sort: ['owner', 'day'] })).rejects.toThrow(RefusedByPort);
    });
  });
}
