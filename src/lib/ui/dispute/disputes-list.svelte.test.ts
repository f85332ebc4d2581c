import { describe, expect, it } from 'vitest';
import type { Dispute } from '#lib/domain/dispute/dispute.ts';
import type { DisputePage } from '#lib/protocol/views/dispute.ts';
import { DisputesList } from './disputes-list.svelte.ts';

const one = (id: string, version = 1): Dispute => ({ id, version }) as Dispute;
const page = (disputes: Dispute[], next: string | null = null): DisputePage => ({
  disputes,
  next,
  count: disputes.length,
  today: '2026-11-23',
});
const order = (list: DisputesList): string => list.rows.map((row) => `${row.id}${row.version}`).join(' ');

describe('DisputesList', () => {
  it('[SCR-2] renews what changed where it stands, and counts what came and went without moving a row', async () => {
    let now = page([one('a'), one('b'), one('c')]);
    const list = new DisputesList(now, () => Promise.resolve(now));
    now = page([one('d'), one('a', 2), one('c')]);
    await list.catchUp();
    expect(order(list)).toBe('a2 b1 c1');
    expect(list.changes).toBe(2);
    await list.refresh();
    expect(order(list)).toBe('d1 a2 c1');
    expect(list.changes).toBe(0);
  });

  it('[SCR-2] counts a row whose place is another now, and never puts an older version back', async () => {
    let now = page([one('a'), one('b', 5), one('c')]);
    const list = new DisputesList(now, () => Promise.resolve(now));
    now = page([one('c', 2), one('a'), one('b', 4)]);
    await list.catchUp();
    expect(order(list)).toBe('a1 b5 c2');
    expect(list.changes).toBe(1);
  });

  it('[SCR-3] adds the next page once, each dispute once', async () => {
    const pages: Record<string, DisputePage> = { n: page([one('b'), one('c')]) };
    const list = new DisputesList(page([one('a'), one('b')], 'n'), (after) =>
      Promise.resolve(pages[after ?? ''] ?? page([])),
    );
    await Promise.all([list.more(), list.more()]);
    expect(order(list)).toBe('a1 b1 c1');
    expect(list.complete).toBe(true);
  });
});
