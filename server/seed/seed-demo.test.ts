import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isLate } from '#lib/domain/dispute/deadlines.ts';
import { isLive } from '#lib/domain/dispute/transitions.ts';
import { disputeProposals, disputes, messages } from '#server/store/kinds/disputes.ts';
import { accounts, balances, cases, items, promises, tasks } from '#server/store/kinds/workspace.ts';
import type { WorkspaceStore } from '#server/store/port.ts';
import { buildApp, type TestApp } from '../../test/support/app.ts';
import { seedDemo, type Seeded } from './seed-demo.ts';
import { patience } from '../../test/support/mongo.ts';

let app: TestApp;
let seeded: Seeded;
let store: WorkspaceStore;

async function all<T>(found: AsyncIterable<T>): Promise<T[]> {
  const docs: T[] = [];
  for await (const doc of found) docs.push(doc);
  return docs;
}

beforeAll(async () => {
  app = await buildApp({ today: '2026-11-20' });
  seeded = await seedDemo(app, { size: 'demo' });
  store = app.store.workspace(seeded.workspace.id);
}, 120_000 * patience);
afterAll(() => app.close());

describe('the demo workspace', () => {
  it('has about 400 accounts and 6,000 items, eight people and two entities', async () => {
    expect(await store.docs(accounts).count({})).toBeGreaterThan(390);
    const known = await store.docs(items).count({});
    expect(known).toBeGreaterThan(5_400);
    expect(known).toBeLessThan(6_600);
    expect(seeded.members).toHaveLength(8);
    expect(seeded.workspace.entities.map(({ code }) => code)).toEqual(['10', '20']);
    expect(seeded.workspace.ledgerAsOf).toBe('2026-11-20');
  });

  it('has balances equal to the open items, to the cent and per currency', async () => {
    const sums = new Map<string, number>();
    for (const item of await all(store.docs(items).each({ state: 'open' }))) {
      const key = `${item.accountId}:${item.currency}`;
      sums.set(key, (sums.get(key) ?? 0) + item.openCents);
    }
    for (const balance of await all(store.docs(balances).each({}))) {
      expect(balance.openCents).toBe(sums.get(balance.id) ?? 0);
      sums.delete(balance.id);
    }
    expect([...sums]).toEqual([]);
  });

  it('has something for everybody to do', async () => {
    const open = await all(store.docs(tasks).each({}));
    for (const department of ['quality', 'adv', 'sales', 'logistics', 'accounting'])
      expect(open.filter((task) => task.department === department).length).toBeGreaterThan(0);
    expect(await store.docs(cases).count({ state: 'open' })).toBeGreaterThan(30);
    const states = new Set((await all(store.docs(promises).each({}))).map((promise) => promise.state));
    expect([...states]).toEqual(expect.arrayContaining(['open', 'broken']));
    expect(await store.docs(accounts).count({ ownerId: 'none' })).toBe(0);
    const ownerless = (await all(store.docs(accounts).each({}))).filter((account) => account.ownerId === null);
    expect(ownerless.length).toBeGreaterThan(10);
  });

  it('has about thirty live disputes with owners and deadlines, and others at every stage', async () => {
    const found = await all(store.docs(disputes).each({}));
    const live = found.filter((one) => isLive(one));
    expect(live.length).toBeGreaterThan(24);
    expect(live.length).toBeLessThan(45);
    expect(new Set(live.map((one) => one.state)).size).toBe(4);
    expect(new Set(live.map((one) => one.department)).size).toBe(6);
    expect(new Set(found.map((one) => one.reason)).size).toBeGreaterThan(10);
    expect(live.filter((one) => isLate(one, '2026-11-20')).length).toBeGreaterThan(3);
    expect(live.some((one) => one.approval !== null)).toBe(true);
    expect(live.some((one) => one.source === 'ledger')).toBe(true);
    expect(found.filter((one) => one.awaitingCents > 0).length).toBeGreaterThan(2);
    const closed = found.filter((one) => one.state === 'closed');
    expect(new Set(closed.map((one) => one.rootCause)).size).toBeGreaterThan(4);
    expect(closed.some((one) => (one.resolution?.creditNoteCents ?? 0) > 0)).toBe(true);
    expect(await store.docs(disputeProposals).count({ state: 'waiting' })).toBeGreaterThan(0);
    const said = await all(store.docs(messages).each({}));
    expect(new Set(said.map((one) => one.audience))).toEqual(new Set(['internal', 'credit', 'customer']));
    const known = await all(store.docs(items).each({ state: 'open' }));
    for (const one of live)
      for (const part of one.items)
        expect(known.find((item) => item.id === part.itemId)?.disputedCents).toBeGreaterThanOrEqual(part.disputedCents);
  });

  it('has credit notes, unallocated payments, part payments and other currencies', async () => {
    const open = await all(store.docs(items).each({ state: 'open' }));
    expect(open.some((item) => item.kind === 'credit_note')).toBe(true);
    expect(open.some((item) => item.kind === 'payment')).toBe(true);
    expect(open.some((item) => item.cents > 0 && item.openCents < item.cents)).toBe(true);
    expect(new Set(open.map((item) => item.currency)).size).toBeGreaterThan(1);
  });

  it('has a journal whose chains verify', async () => {
    for await (const { stream } of store.journal.streams()) expect(await store.journal.verify(stream)).toBeNull();
  });
});
