import { expect, test } from 'vitest';
import * as v from 'valibot';
import { saveViewInput } from './commands/inbox.ts';
import { savedHref, savedQuery } from './view-address.ts';

test('the same filters are the same text, whatever their order; pages and places are left out', () => {
  const one = savedQuery(new URLSearchParams('sort=amount&reason=price&after=xyz&search='));
  expect(one).toBe('reason=price&sort=amount');
  expect(savedQuery({ reason: 'price', sort: 'amount' })).toBe(one);
});

test('what people search for can be saved', () => {
  const query = savedQuery({ search: 'Café & fils * (Lyon) + 3' });
  expect(v.safeParse(saveViewInput, { screen: 'queue', name: 'Lyon', query }).success).toBe(true);
  expect(new URLSearchParams(query).get('search')).toBe('Café & fils * (Lyon) + 3');
});

test.each([
  ['queue', 'sort=overdue&view=mine', '/queue/mine?sort=overdue'],
  ['queue', '', '/queue/today'],
  ['queue', 'view=..%2Fadmin', '/queue/..%2Fadmin'],
  ['disputes', 'reason=price', '/disputes?reason=price'],
  ['disputes', '', '/disputes'],
] as const)('%s, %s leads to %s', (screen, query, href) => expect(savedHref(screen, query)).toBe(href));
