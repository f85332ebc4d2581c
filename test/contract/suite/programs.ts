import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Filter, Store, TxDocs, WorkspaceStore } from '#server/store/port.ts';
import { buildThing, freshWorkspace, TEST_KINDS, things } from './kinds.ts';
import type { MakeDatabase, TestDatabase, Thing } from './kinds.ts';
import { Model, sortedGroups } from './model.ts';

/** One write of a random program. Documents are named by a small number, so that programs collide with themselves. */
type Write =
  | { do: 'insert'; doc: Partial<Thing> & { id: string } }
  | { do: 'replace'; doc: Partial<Thing> & { id: string }; stale: number }
  | { do: 'remove'; id: string; stale: number };

type Step =
  | { do: 'transaction'; writes: Write[]; fail: boolean }
  | { do: 'get'; ids: string[] }
  | { do: 'find'; filter: Filter; sort: string[]; limit: number }
  | { do: 'count'; filter: Filter; upTo: number | undefined }
  | { do: 'group'; filter: Filter; by: string[] };

const id = fc.integer({ min: 0, max: 9 }).map((n) => `id${n}`);
const state = fc.constantFrom('open', 'idle', 'parked');
const owner = fc.constantFrom(null, 'ada', 'bob', 'é', '😀', '\uffee', 'a\u0000b', '');
const priority = fc.constantFrom(-3, 0, 1, 2, 1.5, 1e15);
const day = fc.constantFrom('2026-01-01', '2026-11-22', '9999-12-31');
const token = fc.constantFrom('a', 'ab', 'b', 'é', '*', 'a.b', '😀');
const part = fc.record(
  {
    state,
    owner,
    priority,
    day,
    flag: fc.boolean(),
    key: fc.integer({ min: 0, max: 24 }).map((n) => `k${n}`),
    sums: fc.record({ cents: fc.integer({ min: -1_000_000, max: 1_000_000 }) }),
    access: fc.uniqueArray(token, { maxLength: 4 }),
    words: fc.array(token, { maxLength: 4 }),
    note: fc.string({ unit: 'binary', maxLength: 5 }),
  },
  { requiredKeys: ['key'] },
);
const doc = fc.tuple(id, part).map(([docId, some]) => ({ ...some, id: docId }));
const stale = fc.constantFrom(0, 0, 0, 0, 1, -1);
const write: fc.Arbitrary<Write> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('insert' as const), doc }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('replace' as const), doc, stale }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), id, stale }) },
);

const comparisons = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<object> =>
  fc
    .record({ $lt: value, $lte: value, $gt: value, $gte: value }, { requiredKeys: [] })
    .filter((one) => Object.keys(one).length > 0);
const conditions = {
  state: fc.oneof(state, fc.record({ $in: fc.array(state, { maxLength: 3 }) }), fc.record({ $ne: state })),
  owner: fc.oneof(
    owner,
    fc.record({ $in: fc.array(owner, { maxLength: 3 }) }),
    fc.record({ $ne: owner }),
    comparisons(owner.filter((one) => one !== null)),
  ),
  priority: fc.oneof(priority, fc.record({ $in: fc.array(priority, { maxLength: 3 }) }), comparisons(priority)),
  day: fc.oneof(day, comparisons(day)),
  flag: fc.oneof(fc.boolean(), fc.record({ $ne: fc.boolean() })),
  id: fc.oneof(id, fc.record({ $in: fc.array(id, { maxLength: 4 }) }), comparisons(id)),
  'sums.cents': comparisons(fc.integer({ min: -1_000_000, max: 1_000_000 })),
  access: fc.oneof(
    token,
    fc.record({ $in: fc.array(token, { maxLength: 4 }) }),
    fc.record({ $all: fc.array(token, { minLength: 1, maxLength: 2 }) }),
    fc.record({ $prefix: fc.constantFrom('a', 'é', '*', 'a.') }),
  ),
  words: fc.oneof(token, fc.record({ $prefix: token })),
};
/** Some of the conditions, each as likely as the others. */
const some = (least: number, most: number): fc.Arbitrary<Filter> =>
  fc
    .tuple(
      fc.record(conditions),
      fc.uniqueArray(fc.constantFrom(...(Object.keys(conditions) as (keyof typeof conditions)[])), {
        minLength: least,
        maxLength: most,
      }),
    )
    .map(([all, names]) => Object.fromEntries(names.map((name) => [name, all[name]])) as Filter);
const filter = fc
  .tuple(some(0, 3), fc.option(fc.array(some(1, 3), { minLength: 1, maxLength: 3 }), { freq: 5 }))
  .map(([whole, $or]) => ($or ? { ...whole, $or } : whole) as Filter);
const sort = fc.constantFrom<string[]>(
  [],
  ['-id'],
  ['-priority'],
  ['priority'],
  ['state', '-priority'],
  ['day', '-priority'],
  ['-day', 'priority', '-id'],
  ['-state'],
  ['sums.cents'],
);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('transaction' as const),
      writes: fc.array(write, { minLength: 1, maxLength: 3 }),
      fail: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('get' as const), ids: fc.array(id, { maxLength: 4 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('find' as const), filter, sort, limit: fc.integer({ min: 1, max: 6 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('count' as const), filter, upTo: fc.constantFrom(undefined, 1, 3) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('group' as const),
      filter,
      by: fc.constantFrom<string[]>([], ['state'], ['flag', 'day'], ['owner'], ['priority']),
    }),
  },
);

/** What a step answered: a value, or the name of the error. */
async function outcome(run: () => unknown): Promise<unknown> {
  try {
    return await run();
  } catch (error) {
    const { name, kind, id: of, index } = error as Error & { kind?: string; id?: string; index?: string };
    return { error: name, kind, of, index };
  }
}

const GROUP = { sum: ['sums.cents'], min: ['day', 'priority'], max: ['owner'], count: true };

class Undone extends Error {}

async function onStore(w: WorkspaceStore, one: Step): Promise<unknown> {
  const docs = w.docs(things);
  if (one.do === 'get') return await docs.getMany(one.ids);
  if (one.do === 'count') return await docs.count(one.filter, one.upTo === undefined ? {} : { upTo: one.upTo });
  if (one.do === 'group') return sortedGroups(await docs.group(one.filter, { by: one.by, ...GROUP }));
  if (one.do === 'find') {
    const found: Thing[] = [];
    for (let after: string | null = null; ;) {
      const page = await docs.find(one.filter, { sort: one.sort, limit: one.limit, after });
      found.push(...page.docs);
      if (page.next === null) return found;
      after = page.next;
    }
  }
  return await w.transaction(async (tx) => {
    const inside = tx.docs(things);
    const answers: unknown[] = [];
    for (const w1 of one.writes) answers.push(await writeOnStore(inside, w1));
    if (one.fail) throw new Undone();
    return answers;
  });
}

async function writeOnStore(docs: TxDocs<Thing>, w: Write): Promise<unknown> {
  if (w.do === 'insert') return await docs.insert(buildThing(w.doc));
  if (w.do === 'remove') return await docs.remove(w.id, ((await docs.get(w.id))?.version ?? 1) + w.stale);
  const current = await docs.get(w.doc.id);
  return await docs.replace({
    ...(current ?? buildThing({ id: w.doc.id })),
    ...w.doc,
    version: Math.max(1, (current?.version ?? 1) + w.stale),
  });
}

function onModel(model: Model, one: Step): unknown {
  if (one.do === 'get') return [...new Set(one.ids)].flatMap((of) => model.docs.get(of) ?? []);
  if (one.do === 'count') return model.count(one.filter, one.upTo);
  if (one.do === 'group') return sortedGroups(model.group(one.filter, { by: one.by, ...GROUP }));
  if (one.do === 'find') return model.find(one.filter, one.sort);
  return model.atomically(() => {
    const answers = one.writes.map((w) => writeOnModel(model, w));
    if (one.fail) throw new Undone();
    return answers;
  });
}

function writeOnModel(model: Model, w: Write): unknown {
  if (w.do === 'insert') return model.insert(buildThing(w.doc));
  if (w.do === 'remove') return model.remove(w.id, (model.docs.get(w.id)?.version ?? 1) + w.stale);
  const current = model.docs.get(w.doc.id);
  return model.replace({
    ...(current ?? buildThing({ id: w.doc.id })),
    ...w.doc,
    version: Math.max(1, (current?.version ?? 1) + w.stale),
  });
}

export function programContract(makeDatabase: MakeDatabase, programs: number): void {
  describe('random programs', () => {
    let database: TestDatabase;
    let store: Store;
    beforeAll(async () => {
      database = await makeDatabase();
      store = await database.open({ kinds: TEST_KINDS, strictIndexes: false, injectRetry: true });
    });
    afterAll(async () => {
      await store.close();
      await database.destroy();
    });

    test('[K4] answer as a plain model does, result by result and error by error', { timeout: 120_000 }, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 60, size: 'max' }), async (program) => {
          const w = store.workspace(freshWorkspace());
          const model = new Model();
          for (const one of program) {
            expect(await outcome(() => onStore(w, one)), JSON.stringify(one)).toEqual(
              await outcome(() => onModel(model, one)),
            );
          }
          expect((await w.docs(things).find({}, { limit: 1_000 })).docs).toEqual(model.find({}, []));
        }),
        { numRuns: programs },
      );
    });
  });
}
