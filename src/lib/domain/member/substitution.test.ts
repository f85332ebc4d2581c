import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Absence, Department, Role, Scope } from './member.ts';
import { departmentsFor, isAbsent, ownersFor, rightsOf, standInOf, wouldCycle } from './substitution.ts';

const TODAY = '2026-11-20';
const away = (substituteId: string, from = '2026-11-16', until = '2026-11-27'): Absence => ({
  from,
  until,
  substituteId,
});

const member = (
  id: string,
  absence: Absence | null = null,
  more: { role?: Role; scope?: Scope; departments?: Department[] } = {},
) => ({
  id,
  absence,
  role: 'collector' as Role,
  scope: 'portfolio' as Scope,
  departments: ['credit'] as Department[],
  ...more,
});

describe('absence', () => {
  test('[OWN-3] both ends of an absence count', () => {
    const a = member('a', away('b'));
    expect(['2026-11-15', '2026-11-16', '2026-11-27', '2026-11-28'].map((day) => isAbsent(a, day))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  test('[OWN-3] A by B, B by C: C has all three portfolios; on return everything is as before', () => {
    const team = [member('a', away('b')), member('b', away('c', '2026-11-18', '2026-11-20')), member('c')];
    expect(ownersFor({ id: 'c' }, team, TODAY)).toEqual(['c', 'b', 'a']);
    expect(ownersFor({ id: 'c' }, team, '2026-11-21')).toEqual(['c']);
    expect(ownersFor({ id: 'b' }, team, '2026-11-21')).toEqual(['b', 'a']);
    expect(ownersFor({ id: 'b' }, team, '2026-11-28')).toEqual(['b']);
  });

  test('[OWN-3] A by B, B by C: C stands for A, B only while there; nobody stands for who is there', () => {
    const team = [member('a', away('b')), member('b', away('c', '2026-11-18', '2026-11-20')), member('c')];
    expect(['a', 'b', 'c'].map((id) => standInOf(id, team, TODAY))).toEqual(['c', 'c', null]);
    expect(standInOf('a', team, '2026-11-21')).toBe('b');
    expect(standInOf('a', team, '2026-11-28')).toBeNull();
    expect(standInOf('a', [member('a', away('gone'))], TODAY)).toBeNull();
    expect(standInOf('a', [member('a', away('b')), member('b', away('a'))], TODAY)).toBeNull();
  });

  test('[OWN-4] circles are found, on the days on which they would close', () => {
    const team = [member('a'), member('b', away('c')), member('c', away('a', '2026-11-25', '2026-12-05'))];
    expect(wouldCycle('a', away('a'), team)).toBe(true);
    expect(wouldCycle('a', away('b'), team)).toBe(true);
    expect(wouldCycle('a', away('b', '2026-11-16', '2026-11-24'), team)).toBe(false);
    expect(wouldCycle('a', away('b', '2026-11-28', '2026-11-30'), team)).toBe(false);
    expect(wouldCycle('a', away('c', '2026-11-28', '2026-11-30'), team)).toBe(true);
  });

  test('[OWN-4] as long as circles are refused, somebody present stands for everybody who is away', () => {
    const wishes = fc.array(
      fc.record({
        who: fc.integer({ min: 0, max: 4 }),
        by: fc.integer({ min: 0, max: 4 }),
        from: fc.integer({ min: 10, max: 28 }),
        days: fc.integer({ min: 0, max: 9 }),
      }),
      { maxLength: 10 },
    );
    fc.assert(
      fc.property(wishes, (list) => {
        let team = ['0', '1', '2', '3', '4'].map((id) => member(id));
        for (const wish of list) {
          const absence = away(
            String(wish.by),
            `2026-11-${wish.from}`,
            `2026-11-${Math.min(30, wish.from + wish.days)}`,
          );
          if (wouldCycle(String(wish.who), absence, team)) continue;
          team = team.map((one) => (one.id === String(wish.who) ? { ...one, absence } : one));
        }
        for (const absent of team.filter((one) => isAbsent(one, TODAY))) {
          const standing = team.filter(
            (one) => !isAbsent(one, TODAY) && ownersFor(one, team, TODAY).includes(absent.id),
          );
          expect(standing).toHaveLength(1);
        }
      }),
    );
  });

  test('[OWN-3] a circle that is stored all the same ends', () => {
    const team = [member('a', away('b')), member('b', away('a'))];
    expect(ownersFor({ id: 'a' }, team, TODAY)).toEqual(['a', 'b']);
    expect(wouldCycle('c', away('a'), team)).toBe(false);
  });
});

describe('rights', () => {
  test.each([
    ['collector, portfolio', member('a'), ['member:a', 'owner:a']],
    [
      'sales, portfolio',
      member('a', null, { role: 'sales', departments: ['sales'] }),
      ['member:a', 'owner:a', 'rep:a'],
    ],
    [
      'quality, department',
      member('a', null, { role: 'quality', scope: 'department', departments: ['quality', 'logistics'] }),
      ['dept:logistics', 'dept:quality', 'member:a'],
    ],
    ['collector, all', member('a', null, { scope: 'all' }), null],
    ['manager, whatever the scope', member('a', null, { role: 'manager' }), null],
  ])('[OWN-2] %s', (_, who, rights) => {
    expect(rightsOf(who, [who], TODAY)).toEqual(rights);
  });

  test('[OWN-2] replacing somebody adds their portfolio, whatever one’s own scope', () => {
    const seller = member('s', away('q'), { role: 'sales', departments: ['sales'] });
    const quality = member('q', null, { role: 'quality', scope: 'department', departments: ['quality'] });
    expect(rightsOf(quality, [seller, quality], TODAY)).toEqual([
      'dept:quality',
      'member:q',
      'member:s',
      'owner:s',
      'rep:s',
    ]);
    expect(rightsOf(quality, [seller, quality], '2026-11-28')).toEqual(['dept:quality', 'member:q']);
  });

  test('[OWN-3] along a chain, what A, B and their departments are asked is C’s while both are away', () => {
    const team = [
      member('a', away('b'), { role: 'quality', scope: 'department', departments: ['quality'] }),
      member('b', away('c', '2026-11-18', '2026-11-20'), { role: 'adv', scope: 'department', departments: ['adv'] }),
      member('c', null, { role: 'logistics', scope: 'department', departments: ['logistics'] }),
    ];
    const [, b, c] = team;
    if (b === undefined || c === undefined) throw new Error('no team');
    const all = [
      'dept:adv',
      'dept:logistics',
      'dept:quality',
      'member:a',
      'member:b',
      'member:c',
      'owner:a',
      'owner:b',
    ];
    expect(rightsOf(c, team, TODAY)).toEqual(all);
    expect(departmentsFor(c, team, TODAY)).toEqual(['quality', 'adv', 'logistics']);
    expect(rightsOf(c, team, '2026-11-21')).toEqual(['dept:logistics', 'member:c']);
    expect(departmentsFor(c, team, '2026-11-21')).toEqual(['logistics']);
    expect(departmentsFor(b, team, '2026-11-21')).toEqual(['quality', 'adv']);
  });

  test('[OWN-3] the substitute at the end of a chain has all that each of it would have, and nothing once all are back', () => {
    const link = fc.record({
      from: fc.integer({ min: 16, max: 20 }),
      days: fc.integer({ min: 0, max: 9 }),
      scope: fc.constantFrom<Scope>('portfolio', 'department'),
      department: fc.constantFrom<Department>('sales', 'quality', 'adv'),
    });
    fc.assert(
      fc.property(fc.array(link, { minLength: 1, maxLength: 5 }), (links) => {
        const team = links.map((one, at) =>
          member(
            String(at),
            away(String(at + 1), `2026-11-${one.from}`, `2026-11-${Math.min(29, one.from + one.days)}`),
            {
              scope: one.scope,
              departments: [one.department],
            },
          ),
        );
        const last = member(String(links.length));
        team.push(last);
        const reached = team.slice(0, -1).reverse();
        const stop = reached.findIndex((one) => !isAbsent(one, TODAY));
        const replaced = stop < 0 ? reached : reached.slice(0, stop);
        const mine = rightsOf(last, team, TODAY) ?? [];
        for (const one of replaced)
          for (const token of rightsOf(one, [one], TODAY) ?? []) expect(mine).toContain(token);
        expect(mine.filter((token) => token.startsWith('member:'))).toHaveLength(replaced.length + 1);
        expect(rightsOf(last, team, '2026-11-30')).toEqual(['member:' + last.id, 'owner:' + last.id]);
      }),
    );
  });
});
