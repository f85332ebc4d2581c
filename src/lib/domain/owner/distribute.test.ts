import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { distribute, isInRange, type Distributable, type DistributionRule } from './distribute.ts';

const account = (number: string, more: Partial<Distributable> = {}): Distributable => ({
  id: `id-${number}`,
  number,
  name: number,
  entityIds: [],
  size: 1,
  ...more,
});

const ownersBy = (accounts: Distributable[], rule: DistributionRule): string[] => {
  const result = distribute(accounts, rule);
  return [
    ...result.assignments.map(({ accountId, ownerId }) => `${accountId.slice(3)}:${ownerId}`),
    ...result.left.map((id) => `${id.slice(3)}:-`),
  ];
};

describe('giving accounts out', () => {
  test('[OWN-5] evenly: in turn, by number', () => {
    const accounts = ['4', '2', '1', '3', '5'].map((number) => account(number));
    expect(ownersBy(accounts, { by: 'evenly', memberIds: ['m', 'n'] })).toEqual(['1:m', '2:n', '3:m', '4:n', '5:m']);
  });

  test('[OWN-5] by size: the largest first, each to whom has least', () => {
    const accounts = [10, 90, 40, 50].map((size, index) => account(String(index), { size }));
    const result = distribute(accounts, { by: 'size', memberIds: ['m', 'n'] });
    expect(result.shares).toEqual([
      { memberId: 'm', accounts: 2, size: 100 },
      { memberId: 'n', accounts: 2, size: 90 },
    ]);
  });

  test.each([
    ['Dupont', 'A', 'D', true],
    ['Éclair', 'E', 'E', true],
    ['Zorro', 'A', 'Y', false],
    ['Czech', 'A', 'C', true],
    ['Mercier', 'A', 'MA', false],
    ['Martin', 'A', 'MA', true],
    ['3M', 'A', 'Z', false],
    ['3M', '0', '9', true],
    ['« Le Bon »', 'L', 'L', true],
    ['', 'A', 'Z', false],
  ])('[OWN-5] %s lies between %s and %s: %s', (name, from, to, inside) => {
    expect(isInRange(name, from, to)).toBe(inside);
  });

  test('[OWN-5] by letters and by entity: what nobody takes is left', () => {
    const accounts = [
      account('1', { name: 'Alpha', entityIds: ['e1'] }),
      account('2', { name: 'Zeta', entityIds: ['e2'] }),
    ];
    const ranges = [{ from: 'A', to: 'M', memberId: 'm' }];
    expect(ownersBy(accounts, { by: 'letters', ranges })).toEqual(['1:m', '2:-']);
    expect(ownersBy(accounts, { by: 'entity', entities: [{ entityId: 'e2', memberId: 'n' }] })).toEqual(['2:n', '1:-']);
  });

  test('[OWN-5] every account is given once or left, shares add up, the order of the input does not matter', () => {
    const anyAccounts = fc.uniqueArray(
      fc.record({ number: fc.string({ minLength: 1, maxLength: 4 }), size: fc.integer({ min: 0, max: 1000 }) }),
      { selector: ({ number }) => number, maxLength: 20 },
    );
    const anyRule = fc.constantFrom<DistributionRule[]>(
      { by: 'evenly', memberIds: ['m', 'n', 'o'] },
      { by: 'size', memberIds: ['m', 'n', 'o'] },
      { by: 'letters', ranges: [{ from: 'a', to: 'm', memberId: 'm' }] },
    );
    fc.assert(
      fc.property(anyAccounts, anyRule, (list, rule) => {
        const accounts = list.map(({ number, size }) => account(number, { size }));
        const result = distribute(accounts, rule);
        expect(result.assignments.length + result.left.length).toBe(accounts.length);
        expect(result.shares.reduce((sum, share) => sum + share.accounts, 0)).toBe(result.assignments.length);
        expect(distribute([...accounts].reverse(), rule)).toEqual(result);
        if (rule.by === 'evenly') {
          const counts = result.shares.map((share) => share.accounts);
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});
