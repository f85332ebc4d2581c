import { describe, expect, it } from 'vitest';
import { addressWith, asked, filtersOf } from './queue-address.ts';
import { columnsFrom, columnsText, USUAL } from './queue-columns.ts';

describe('the address of the queue', () => {
  const address = new URLSearchParams('owner=m1&sort=overdue&search=été&unknown=1');

  it('[SCR-4] keeps what it knows and leaves out the rest', () => {
    expect(asked(address)).toEqual({ owner: 'm1', sort: 'overdue', search: 'été' });
    expect(filtersOf(address)).toMatchObject({ owner: 'm1', reason: '' });
  });

  it.each([
    [{ owner: '' }, '/queue/mine?search=%C3%A9t%C3%A9&sort=overdue'],
    [{ sort: 'priority' }, '/queue/mine?owner=m1&search=%C3%A9t%C3%A9'],
    [{ owner: '', sort: 'priority', search: '' }, '/queue/mine'],
  ])('[SCR-4] changes %o', (change, href) => {
    expect(addressWith('/queue/mine', address, change)).toBe(href);
  });
});

describe('columns', () => {
  it.each([
    [undefined, [...USUAL]],
    ['', [...USUAL]],
    ['nothing.known', [...USUAL]],
    ['net.claim.net.zzz', ['net', 'claim']],
  ])('[SCR-4] %s reads as %o', (raw, columns) => {
    expect(columnsFrom(raw)).toEqual(columns);
  });
  it('[SCR-4] are kept as they were chosen', () => {
    expect(columnsFrom(columnsText(['owner', 'net']))).toEqual(['owner', 'net']);
  });
});
