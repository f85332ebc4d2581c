import { describe, expect, it } from 'vitest';
import { leaseLeft } from './lease.ts';

const NOW = Date.parse('2026-11-22T10:00:00.000Z');

describe('leaseLeft', () => {
  it.each([
    [null, null],
    ['2026-11-22T10:09:00.000Z', null],
    ['2026-11-22T10:03:00.000Z', '3:00'],
    ['2026-11-22T10:02:40.500Z', '2:41'],
    ['2026-11-22T10:00:00.400Z', '0:01'],
    ['2026-11-22T09:59:59.000Z', null],
  ])('[SCR-5] counts down near the end only: %s → %s', (until, words) => {
    expect(leaseLeft(until, NOW)).toBe(words);
  });
});
