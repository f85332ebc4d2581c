import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { QueueRow } from '#lib/domain/queue/queue-row.ts';
import type { QueuePage } from '#lib/protocol/views/views.ts';
import { QueueList } from './queue-list.svelte.ts';

const rowOf = (index: number) => ({ id: `a${index}`, name: `n${index}`, claimedBy: 'none' }) as QueueRow;

/** A server with `total` rows that counts what it is asked for. */
function server(total: number) {
  const asked: number[] = [];
  const fetch = (after: string | null, limit: number): Promise<QueuePage> => {
    const from = after === null ? 0 : Number(after);
    asked.push(from);
    const to = Math.min(total, from + limit);
    const rows = Array.from({ length: to - from }, (_, index) => rowOf(from + index));
    return Promise.resolve({ rows, leases: {}, next: to < total ? String(to) : null, today: '2026-11-22' });
  };
  return { asked, fetch };
}
async function listOf(total: number) {
  const { asked, fetch } = server(total);
  const list = new QueueList(await fetch(null, 50), fetch);
  asked.length = 0;
  return { list, asked, fetch };
}

describe('QueueList', () => {
  it('[SCR-3] fetches page after page while one scrolls, each row once', async () => {
    const { list } = await listOf(330);
    for (let at = 0; at < 400; at += 20) await list.show(at, at + 20);
    expect(list.count).toBe(330);
    expect(list.more).toBe(false);
    expect(Array.from({ length: 330 }, (_, index) => list.idAt(index))).toEqual(
      Array.from({ length: 330 }, (_, index) => `a${index}`),
    );
  });

  it('[SCR-3] forgets rows that lie far away, and fetches them anew when they are scrolled to', async () => {
    const { list, asked } = await listOf(5_000);
    for (let at = 0; at < 4_900; at += 40) await list.show(at, at + 30);
    expect(list.at(0)).toBeNull();
    expect(list.idAt(0)).toBe('a0');
    asked.length = 0;
    await list.show(0, 30);
    expect(asked).toEqual([0]);
    expect(list.at(0)?.id).toBe('a0');
  });

  it('[C7] catches up: rows renewed where they stand, but not under an act; come and gone are counted', async () => {
    const row = (id: string, version: number, claimedBy = 'none') => ({ id, version, claimedBy }) as QueueRow;
    const page = (rows: QueueRow[]): QueuePage => ({ rows, leases: {}, next: null, today: '2026-11-22' });
    const first = page([row('a', 1), row('b', 1), row('c', 1), row('d', 1), row('e', 5)]);
    const later = page([row('d', 2, 'm1'), row('new', 1), row('a', 2, 'm2'), row('c', 2, 'm3'), row('e', 4, 'm4')]);
    const list = new QueueList(first, () => Promise.resolve(later));
    await list.catchUp((id) => id === 'c');
    expect([0, 1, 2, 3, 4].map((at) => `${list.idAt(at)} ${list.at(at)?.claimedBy}`)).toEqual([
      'a m2',
      'b none',
      'c none',
      'd m1',
      'e none',
    ]);
    expect(list.changes).toBe(2);
  });

  it('[SCR-2] patches in place and counts what changed elsewhere, without moving anything', async () => {
    const { list } = await listOf(50);
    list.change('a3', { claimedBy: 'm1' });
    list.note(['a3', 'a7', 'zz']);
    list.note(['a7']);
    expect(list.indexOf('a3')).toBe(3);
    expect(list.at(3)?.claimedBy).toBe('m1');
    expect(list.changes).toBe(3);
    await list.refresh(20);
    expect(list.changes).toBe(0);
  });

  it('[SCR-2] takes rows out one by one and keeps the order of the others', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.integer({ min: 0, max: 149 }), { maxLength: 40 }), async (gone) => {
        const { list } = await listOf(150);
        await list.show(40, 50);
        for (const index of gone) list.remove(`a${index}`);
        const left = Array.from({ length: 150 }, (_, index) => index).filter((index) => !gone.includes(index));
        expect(list.count).toBe(left.length);
        expect(left.map((index) => list.indexOf(`a${index}`))).toEqual(left.map((_, place) => place));
      }),
      { numRuns: 30 },
    );
  });

  it('[SCR-3] says when a page could not be fetched, and tries again at the next scroll', async () => {
    const { fetch } = server(200);
    let broken = true;
    const list = new QueueList(await fetch(null, 50), (after, limit) =>
      broken ? Promise.reject(new Error('cut')) : fetch(after, limit),
    );
    await list.show(40, 50);
    expect(list.failed).toBe(true);
    broken = false;
    await list.show(40, 50);
    expect(list.failed).toBe(false);
    expect(list.count).toBe(150);
  });
});
