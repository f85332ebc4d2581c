import { describe, expect, test } from 'vitest';
import { accessOf, reaches, taskAccessOf } from './access.ts';

describe('rights tokens', () => {
  test('[OWN-1] owner, rep, departments and members with open tasks, each once, sorted', () => {
    const tasks = [
      { state: 'open' as const, memberId: 'm3', department: null },
      { state: 'open' as const, memberId: null, department: 'quality' as const },
      { state: 'done' as const, memberId: 'm4', department: null },
      { state: 'open' as const, memberId: 'm3', department: null },
    ];
    const disputes = [
      { state: 'open' as const, department: 'adv' as const, memberId: null },
      { state: 'resolved' as const, department: 'quality' as const, memberId: 'm3' },
      { state: 'closed' as const, department: 'sales' as const, memberId: 'm5' },
    ];
    expect(accessOf({ ownerId: 'm1', salesRepId: 'm2' }, tasks, disputes)).toEqual([
      'dept:adv',
      'dept:quality',
      'member:m3',
      'owner:m1',
      'rep:m2',
    ]);
    expect(accessOf({ ownerId: null, salesRepId: null }, [], [])).toEqual(['owner:none']);
  });

  test('[OWN-1] a task carries its account’s tokens and its own', () => {
    expect(taskAccessOf(['owner:m1'], { memberId: null, department: 'adv' })).toEqual(['dept:adv', 'owner:m1']);
  });

  test('[OWN-2] one token in common reaches; no filter reaches all; no rights reach nothing', () => {
    expect([
      reaches(['owner:m1'], ['dept:adv', 'owner:m1']),
      reaches(['owner:m2'], ['owner:m1']),
      reaches(null, ['owner:m1']),
      reaches([], ['owner:m1']),
    ]).toEqual([true, false, true, false]);
  });
});
