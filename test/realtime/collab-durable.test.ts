import { afterEach, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { noteDocument } from '#lib/protocol/streams.ts';
import { updatesOf } from '#server/collab/entry.ts';
import { buildApp, type TestApp } from '../support/app.ts';
import { openCollab, textOf, toHtml, type CollabHouse } from '../support/collab.ts';
import { faulty, type Faults } from '../support/fault-store.ts';
import { until } from '../support/realtime.ts';

let app: TestApp;
let house: CollabHouse;
let faults: Faults;

async function open(compactFrom = 1_000): Promise<void> {
  app = await buildApp({ at: new Date().toISOString() });
  const wrapped = faulty(app.store);
  faults = wrapped.faults;
  house = await openCollab({ app: { ...app, store: wrapped.store }, deps: { compactFrom } });
}
afterEach(async () => {
  await house.close();
  await app.close();
});

const entries = () => app.store.workspace(house.workspace.id).log.read(noteDocument(house.account.id), 1);
const stored = async (): Promise<string> => textOf((await entries()).flatMap(({ bytes }) => updatesOf(bytes)));

describe('prose survives', () => {
  test('[D3] the last leaves while the store is slow, the next joins: both texts are kept', async () => {
    await open();
    const who = await house.person();
    const a = await house.pen(who).ready();
    faults.latencyMs = 400;
    a.write('De celle qui part');
    await until(() => house.collab.stats().unsavedBytes > 0, 'taken');
    a.cut();
    const b = await house.pen(who).ready();
    expect(b.text).toBe(toHtml('De celle qui part'));
    b.write('De celui qui vient');
    await until(() => b.saved, 'saved');
    b.cut();
    await until(() => house.collab.stats().rooms === 0, 'unloaded');
    expect(await stored()).toBe(toHtml('De celle qui part', 'De celui qui vient'));
  });

  test('[D4] the store is down and comes back: relayed, not acknowledged, then acknowledged and stored', async () => {
    await open();
    const [a, b] = [house.pen(await house.person()), house.pen(await house.person())];
    await Promise.all([a.ready(), b.ready()]);
    a.write('Avant');
    await until(() => a.saved, 'saved');
    faults.down = true;
    const before = a.acked;
    a.write('Pendant');
    await until(() => b.text.includes('Pendant') && house.collab.stats().failing, 'relayed while failing');
    expect(a.acked).toBe(before);
    expect(a.saved).toBe(false);
    expect(await stored()).not.toContain('Pendant');
    faults.down = false;
    await until(() => a.saved, 'saved at last', 5_000);
    expect(await stored()).toBe(toHtml('Avant', 'Pendant'));
    expect(house.collab.stats()).toMatchObject({ failing: false, unsavedBytes: 0 });
  });

  test('[D4] what waits for the store is bounded: beyond, clients are asked to come back', async () => {
    await open();
    faults.down = true;
    const who = await house.person();
    for (let i = 0; i < 40; i++) {
      const pen = await house.pen(who).ready();
      pen.write('x'.repeat(400_000));
      await until(() => pen.closed !== null || house.collab.stats().unsavedBytes > i * 400_000, 'taken or refused');
      const { closed } = pen;
      pen.cut();
      if (closed !== null) {
        expect(closed.code).toBe(1013);
        expect(house.collab.stats().unsavedBytes).toBeLessThan(6_000_000);
        faults.down = false;
        await until(() => house.collab.stats().unsavedBytes === 0, 'saved');
        return;
      }
    }
    throw new Error('never refused');
  });

  test.each(['works', 'fails_before', 'fails_after'] as const)(
    '[D8] compaction that %s leaves the same text, in memory and in the store',
    async (compaction) => {
      await open(20);
      faults.compaction = compaction;
      const who = await house.person();
      const a = await house.pen(who).ready();
      a.write('');
      for (let i = 0; i < 60; i++) {
        a.type(0, String(i % 10));
        if (i % 7 === 0) a.write(`ligne ${i}`);
      }
      await until(() => a.saved, 'saved');
      if (compaction === 'works') await until(() => house.collab.stats().compactions > 0, 'compacted');
      // what a process that died here would find
      expect(await stored()).toBe(a.text);
      const b = await house.pen(who).ready();
      expect(b.text).toBe(a.text);
      faults.compaction = 'works';
      for (let i = 0; i < 60; i++) a.type(3, 'z');
      await until(() => a.saved && b.text === a.text, 'goes on');
      await until(async () => (await entries()).length < 40, 'compacted in the end');
      expect(await stored()).toBe(a.text);
      // a client that comes back with half of it gets the rest
      const c = house.pen(who);
      Y.applyUpdate(c.doc, Y.encodeStateAsUpdate(a.doc));
      a.write('Et encore');
      await until(() => a.saved, 'saved');
      await c.ready();
      expect(c.text).toBe(a.text);
    },
  );

  test('[D2] updates of one window share an entry, are acknowledged by number, and survive a restart', async () => {
    await open();
    const who = await house.person();
    const a = await house.pen(who).ready();
    faults.latencyMs = 60;
    a.write('');
    for (let i = 0; i < 300; i++) a.type(i, String(i % 10));
    await until(() => a.saved, 'saved');
    const rows = await entries();
    expect(rows.length).toBeLessThan(40);
    expect(rows.flatMap(({ bytes }) => updatesOf(bytes)).length).toBe(301);
    expect(new Set(rows.map(({ author }) => author))).toEqual(new Set([who.member.id]));
    expect(await stored()).toBe(a.text);
    await house.stop();
    const { workspace, account } = house;
    house = await openCollab({ app, workspace, account });
    const b = await house.pen(who).ready();
    expect(b.text).toBe(a.text);
    b.write('Et encore');
    await until(() => b.saved, 'goes on');
    expect(await stored()).toBe(b.text);
  });

  test('[D4] the store fails in the middle of many updates: none is acknowledged before it is stored', async () => {
    await open();
    const [a, b] = [house.pen(await house.person()), house.pen(await house.person())];
    await Promise.all([a.ready(), b.ready()]);
    a.write('');
    await until(() => a.saved && b.text !== '', 'saved');
    faults.down = true;
    const before = a.acked;
    for (let i = 0; i < 100; i++) (i % 3 === 0 ? b : a).type(i, 'x');
    await until(() => a.text === b.text && house.collab.stats().failing, 'relayed while failing');
    expect(a.acked).toBe(before);
    faults.down = false;
    await until(() => a.saved && b.saved, 'saved at last', 5_000);
    expect(await stored()).toBe(a.text);
    expect(house.collab.stats()).toMatchObject({ failing: false, unsavedBytes: 0 });
  });

  test('a document whose log holds something unreadable is not opened as empty', async () => {
    await open();
    await app.store
      .workspace(house.workspace.id)
      .log.append(noteDocument(house.account.id), 1, 'x', new Uint8Array([9, 9]));
    const a = house.pen(await house.person()).connect();
    expect(await a.closedWith()).toBe(1013);
    expect(house.collab.stats().rooms).toBe(0);
  });
});
