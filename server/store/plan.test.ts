import { describe, expect, test } from 'vitest';
import { isServed, planFind } from '#server/store/plan.ts';
import { checkFind } from '#server/store/query-guard.ts';
import type { Filter, FindOptions, Kind, Versioned } from '#server/store/port.ts';

const rows: Kind<Versioned> = {
  name: 'row',
  fields: { state: 'string', owner: 'string', priority: 'number', day: 'day', access: 'tokens', words: 'tokens' },
  indexes: [
    { name: 'byState', fields: ['state', '-priority'] },
    { name: 'byOwnerState', fields: ['owner', 'state', '-priority'] },
    { name: 'byPriority', fields: ['-priority'] },
    { name: 'byDay', fields: ['day'] },
  ],
  tokenIndexes: [
    { token: 'access', fields: ['state', '-priority'] },
    { token: 'access', fields: ['-priority'] },
    { token: 'words', fields: [] },
  ],
};

function planned(filter: Filter, options: FindOptions): string | null {
  const plan = planFind(rows, checkFind(rows, filter, options));
  if (!plan) return null;
  const { source } = plan;
  const name =
    source.type === 'id'
      ? 'id'
      : source.type === 'index'
        ? source.name
        : `${source.token.field}(${source.list.join()})`;
  return `${name}${plan.pinned.map(({ field }) => ` ${field}=`).join('')}`;
}

const BY_PRIORITY = { sort: ['-priority'] };

describe('the plan of a find', () => {
  test.each<[Filter, FindOptions, string | null]>([
    [{}, {}, 'id'],
    [{ id: 'x' }, {}, 'id'],
    [{ id: { $in: ['x'] }, state: 'open' }, {}, 'id'],
    [{ state: 'open' }, BY_PRIORITY, 'byState state='],
    [{ state: 'open', day: '2026-01-01' }, BY_PRIORITY, 'byState state='],
    [{ state: { $in: ['a', 'b'] } }, BY_PRIORITY, 'byState state='],
    [{ state: 'open', owner: 'x' }, BY_PRIORITY, 'byOwnerState owner= state='],
    [{ owner: 'x' }, BY_PRIORITY, 'byPriority'],
    [{ day: '2026-01-01' }, BY_PRIORITY, 'byPriority'],
    [{ day: '2026-01-01' }, {}, 'byDay day='],
    [{ day: { $lt: '2026-01-01' } }, { sort: ['day'] }, 'byDay'],
    [{ state: 'open', access: { $in: ['a', 'b'] } }, BY_PRIORITY, 'access(state,-priority) state='],
    [{ access: { $in: ['a', 'b'] } }, BY_PRIORITY, 'access(-priority)'],
    [{ state: 'open', owner: 'x', access: 'a' }, BY_PRIORITY, 'byOwnerState owner= state='],
    [{ words: { $prefix: 'du' }, access: 'a' }, BY_PRIORITY, 'words()'],
    [{ words: 'du' }, {}, 'words()'],
    [{ state: 'open' }, { sort: ['state', '-priority'] }, 'byState state='],
    [{ state: { $in: ['a', 'b'] } }, { sort: ['state', '-priority'] }, 'byState'],
    [{ state: 'open', priority: 3 }, { sort: ['-id'] }, 'byState state= priority='],
    [{ state: 'open' }, {}, null],
    [{ state: 'open' }, { sort: ['priority'] }, null],
    [{ day: { $lt: '2026-01-01' } }, {}, null],
    [{ access: 'a' }, { sort: ['day'] }, 'byDay'],
    [{ access: 'a' }, {}, null],
    [{ $or: [{ state: 'a' }] }, {}, null],
  ])('%j %j: %s', (filter, options, wanted) => {
    expect(planned(filter, options)).toBe(wanted);
  });

  test('a scoped list must have a token index of its sort, or another pinned field', () => {
    const served = (filter: Filter, options: FindOptions): boolean => isServed(rows, checkFind(rows, filter, options));
    expect(served({ access: 'a' }, { sort: ['day'] })).toBe(false);
    expect(served({ access: 'a', day: '2026-01-01' }, {})).toBe(true);
    expect(served({ access: 'a' }, BY_PRIORITY)).toBe(true);
    expect(served({ owner: 'x' }, BY_PRIORITY)).toBe(true);
  });

  test('a list of alternatives too long to be split is read as a residual filter', () => {
    const many = Array.from({ length: 300 }, (_, at) => `s${at}`);
    expect(planned({ state: { $in: many } }, BY_PRIORITY)).toBe('byPriority');
  });
});
