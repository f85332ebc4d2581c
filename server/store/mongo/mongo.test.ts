import fc from 'fast-check';
import { BSON } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { buildThing, others, things } from '../../../test/contract/suite/kinds.ts';
import { checkDoc } from '../guard.ts';
import { ALL_KINDS } from '../kinds/all.ts';
import type { Filter, Kind, Versioned } from '../port.ts';
import { checkFilter, checkFind, cursorAfter } from '../query-guard.ts';
import { indexChanges, indexesOf } from './declarations.ts';
import { afterOf, matchOf, sortOf } from './filters.ts';
import { StreamLocks } from './stream-locks.ts';

const kind = things as unknown as Kind<Versioned>;

describe('filters', () => {
  it.each<[Filter, object[]]>([
    [{ state: 'open' }, [{ 'd.state': { $eq: 'open' } }]],
    [{ owner: null }, [{ 'd.owner': { $eq: null } }]],
    [{ owner: { $in: [null, 'a'] } }, [{ 'd.owner': { $in: [null, 'a'] } }]],
    [{ owner: { $in: [] } }, [{ 'd.owner': { $in: [] } }]],
    [{ owner: { $ne: null } }, [{ 'd.owner': { $ne: null } }]],
    [{ priority: { $gt: 1, $lte: 4 } }, [{ 'd.priority': { $gt: 1 } }, { 'd.priority': { $lte: 4 } }]],
    [{ 'sums.cents': { $gte: -1 } }, [{ 'd.sums.cents': { $gte: -1 } }]],
    [{ id: { $lt: 'x' } }, [{ id: { $lt: 'x' } }]],
    [{ access: 'a' }, [{ 'd.access': { $in: ['a'] } }]],
    [{ access: { $all: ['a', 'b'] } }, [{ 'd.access': { $all: ['a', 'b'] } }]],
    [{ words: { $prefix: 'a.b*(é' } }, [{ 'd.words': { $regex: '^a\\.b\\*\\(é' } }]],
    [{ words: { $prefix: '\0' } }, [{ 'd.words': { $regex: '^\\x00' } }]],
    [
      { state: 'a', $or: [{ owner: 'b' }, { flag: true, priority: 1 }] },
      [
        { 'd.state': { $eq: 'a' } },
        {
          $or: [
            { $and: [{ 'd.owner': { $eq: 'b' } }] },
            { $and: [{ 'd.flag': { $eq: true } }, { 'd.priority': { $eq: 1 } }] },
          ],
        },
      ],
    ],
  ])('%j', (filter, and) => {
    expect(matchOf('w', checkFilter(kind, filter))).toEqual({ w: 'w', $and: and });
  });

  it('finds any text literally by its beginning', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), fc.string({ unit: 'binary' }), (prefix, rest) => {
        const { $and } = matchOf('w', checkFilter(kind, { words: { $prefix: prefix } })) as unknown as {
          $and: { 'd.words': { $regex: string } }[];
        };
        const source = $and[0]?.['d.words'].$regex ?? '';
        expect(source).not.toContain('\0');
        expect(new RegExp(source, 'u').test(prefix + rest)).toBe(true);
        expect(new RegExp(source, 'u').test(`.${prefix}`)).toBe(`.${prefix}`.startsWith(prefix));
      }),
    );
  });

  it('goes on after a page in the order of its sort', () => {
    const doc = buildThing({ id: 'i', day: '2026-11-22', priority: 3 });
    const { sort } = checkFind(kind, {}, { sort: ['day', '-priority'] });
    const { after } = checkFind(kind, {}, { sort: ['day', '-priority'], after: cursorAfter(kind, sort, doc) });
    expect(Object.entries(sortOf(sort))).toEqual([
      ['d.day', 1],
      ['d.priority', -1],
      ['id', 1],
    ]);
    expect(afterOf(sort, after ?? [])).toEqual({
      $and: [
        { 'd.day': { $gte: '2026-11-22' } },
        {
          $or: [
            { 'd.day': { $gt: '2026-11-22' } },
            { 'd.day': { $eq: '2026-11-22' }, 'd.priority': { $lt: 3 } },
            { 'd.day': { $eq: '2026-11-22' }, 'd.priority': { $eq: 3 }, id: { $gt: 'i' } },
          ],
        },
      ],
    });
  });
});

describe('values', () => {
  it('come back from BSON as they were', () => {
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.maxSafeInteger(),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('any'), { maxLength: 3 }),
        fc.dictionary(fc.string({ unit: 'binary' }), tie('any'), { maxKeys: 3, noNullPrototype: true }),
      ),
    })).any;
    fc.assert(
      fc.property(value, (extra) => {
        const doc = { ...buildThing(), extra };
        try {
          checkDoc(kind, doc);
        } catch {
          return; // The guard refuses it before either store.
        }
        const stored = JSON.parse(JSON.stringify(doc)) as object;
        expect(BSON.deserialize(BSON.serialize({ d: stored }, { ignoreUndefined: false })).d).toEqual(stored);
      }),
      { numRuns: 500 },
    );
  });
});

describe('indexes', () => {
  it('of every kind can stand beside each other in MongoDB', () => {
    for (const one of [...ALL_KINDS, kind, others as unknown as Kind<Versioned>]) {
      const indexes = indexesOf(one);
      expect(indexes.length, one.name).toBeLessThan(64);
      for (const part of ['name', 'key'] as const)
        expect(new Set(indexes.map((index) => JSON.stringify(index[part]))).size, one.name).toBe(indexes.length);
      for (const { key } of indexes) {
        // Two arrays in one index are refused.
        const arrays = Object.keys(key).filter((path) => one.fields[path.replace('d.', '')] === 'tokens');
        expect(arrays.length).toBeLessThan(2);
      }
    }
  });

  it('that stand are left, those declared otherwise are made anew, and those of others are not touched', () => {
    const [first, ...rest] = indexesOf(kind);
    const present = [
      { v: 2, name: '_id_', key: { _id: 1 } },
      { v: 2, name: 'operator', key: { 'd.note': 1 } },
      { v: 2, name: 'i_gone', key: { 'd.gone': 1 } },
      { v: 2, name: 'i_byKey', key: { w: 1, 'd.key': 1 } },
      ...indexesOf(kind).filter(({ name }) => name !== 'i_byKey'),
    ];
    const { drop, create } = indexChanges(indexesOf(kind), present);
    expect(drop).toEqual(['i_gone', 'i_byKey']);
    expect(create.map(({ name }) => name)).toEqual(['i_byKey']);
    expect(indexChanges([first ?? { key: {} }, ...rest], indexesOf(kind))).toEqual({ drop: [], create: [] });
  });
});

describe('writers of a stream', () => {
  it('come one after another, and never wait for each other in a circle', async () => {
    const locks = new StreamLocks();
    let inside = 0;
    let most = 0;
    const names = [
      ['a', 'b'],
      ['b', 'a'],
      ['b', 'c', 'a'],
      ['a', 'a'],
    ];
    await Promise.all(
      Array.from({ length: 40 }, async (_, at) => {
        const release = await locks.acquire(names[at % names.length] ?? []);
        most = Math.max(most, (inside += 1));
        await new Promise(setImmediate);
        inside -= 1;
        release();
      }),
    );
    expect(most).toBe(1);
  });
});
