import { describe, expect, test } from 'vitest';
import { checkKind, checkValue, MAX_DEPTH } from '#server/store/guard.ts';
import { RefusedByPort } from '#server/store/port.ts';
import type { Kind, Versioned } from '#server/store/port.ts';

const kind = (some: Partial<Kind<Versioned>>): Kind<Versioned> => ({
  name: 'row',
  fields: {},
  indexes: [],
  tokenIndexes: [],
  ...some,
});

describe('declarations of kinds', () => {
  test.each<[string, Partial<Kind<Versioned>>]>([
    ['a name that is no identifier', { name: 'row; DROP TABLE journal' }],
    ['a field that is no path', { fields: { "a'b": 'string' } }],
    ['a field that the store keeps itself', { fields: { version: 'number' } }],
    ['an index on what is not declared', { indexes: [{ name: 'x', fields: ['nothing'] }] }],
    ['an index on tokens', { fields: { t: 'tokens' }, indexes: [{ name: 'x', fields: ['t'] }] }],
    ['an index without fields', { indexes: [{ name: 'x', fields: [] }] }],
    ['a field twice in an index', { fields: { a: 'string' }, indexes: [{ name: 'x', fields: ['a', '-a'] }] }],
    [
      'two indexes of one name',
      {
        fields: { a: 'string' },
        indexes: [
          { name: 'x', fields: ['a'] },
          { name: 'x', fields: ['-a'] },
        ],
      },
    ],
    ['an index named as the id', { fields: { a: 'string' }, indexes: [{ name: 'id', fields: ['a'] }] }],
    ['a token index on a scalar', { fields: { a: 'string' }, tokenIndexes: [{ token: 'a', fields: [] }] }],
  ])('refuses %s', (_, some) => {
    expect(() => checkKind(kind(some))).toThrow(RefusedByPort);
  });

  test('takes a field inside an object', () => {
    const declared = kind({
      fields: { 'buckets.over_90': 'number' },
      indexes: [{ name: 'by-over', fields: ['-buckets.over_90'] }],
    });
    expect(() => checkKind(declared)).not.toThrow();
  });
});

describe('values', () => {
  test('[B3] nesting without end is refused, not followed', () => {
    let deep: unknown = 1;
    for (let at = 0; at < 100_000; at += 1) deep = [deep];
    expect(() => checkValue(deep, 'x')).toThrow(RefusedByPort);
    let fine: unknown = 1;
    for (let at = 0; at < MAX_DEPTH; at += 1) fine = [fine];
    expect(() => checkValue(fine, 'x')).not.toThrow();
    const round: unknown[] = [];
    round.push(round);
    expect(() => checkValue(round, 'x')).toThrow(RefusedByPort);
  });

  test('holes in arrays, functions, symbols and class instances are refused', () => {
    class Money {
      cents = 1;
    }
    for (const value of [new Array(2), () => 1, Symbol('x'), new Money(), /x/, new Error('x'), Buffer.from('x')]) {
      expect(() => checkValue(value, 'x')).toThrow(RefusedByPort);
    }
  });

  test('objects without prototype are plain', () => {
    expect(() => checkValue(Object.assign(Object.create(null), { a: 1 }), 'x')).not.toThrow();
  });
});
