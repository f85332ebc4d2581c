import { afterEach, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { NOTE_ROOT } from '#lib/protocol/collab.ts';
import { noteDocument } from '#lib/protocol/streams.ts';
import { packUpdate, updatesOf } from '#server/collab/entry.ts';
import { buildApp } from '../support/app.ts';
import { openCollab, Quill, textOf, type CollabHouse, type Pen } from '../support/collab.ts';
import { until } from '../support/realtime.ts';

const SEEDS = Number(process.env.COLLAB_SEEDS ?? 4);
const OPS = Number(process.env.COLLAB_OPS ?? 100);
const CLIENTS = 5;

const houses: CollabHouse[] = [];
afterEach(async () => {
  for (const house of houses.splice(0).reverse()) await house.close();
});

function prng(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** One random act: types, deletes, cuts, comes back, holds back, lets go in another order or twice. */
function act(pen: Pen, random: (below: number) => number): void {
  const dice = random(20);
  if (dice < 9) pen.type(random(40), String.fromCharCode(97 + random(26)));
  else if (dice < 11) pen.write(`p${random(1_000)}`);
  else if (dice < 13 && pen.fragment.length > 1) pen.fragment.delete(random(pen.fragment.length), 1);
  else if (dice === 13) pen.cut();
  else if (dice === 14 && pen.ws === null) pen.connect();
  else if (dice === 15) pen.holding = true;
  else if (dice === 16) pen.release([...pen.held].reverse());
  else if (dice === 17) pen.release([...pen.held, ...pen.held]);
}

describe('[C1] everybody ends with the same text, which is the store’s', () => {
  test.each(Array.from({ length: SEEDS }, (_, i) => 20_261_122 + i))('seed %d', async (seed) => {
    const house = await openCollab({ deps: { compactFrom: 60 } });
    houses.push(house);
    const who = await house.person();
    const pens = Array.from({ length: CLIENTS }, () => house.pen(who));
    await Promise.all(pens.map((pen) => pen.ready()));
    const random = prng(seed);
    for (let op = 0; op < OPS * CLIENTS; op++) {
      const pen = pens[random(CLIENTS)];
      if (pen !== undefined) act(pen, random);
      if (op % 10 === 0) await new Promise(setImmediate);
    }
    for (const pen of pens) {
      if (pen.holding) pen.release();
      if (pen.ws === null || pen.closed !== null) pen.connect();
    }
    const level = (): boolean => pens.every((pen) => pen.saved && pen.text === pens[0]?.text);
    await until(level, 'level').catch(() => undefined);
    const where = pens.map((pen) => `${pen.closed?.code ?? 'open'} ${pen.synced} ${pen.acked}/${pen.sent}`).join(', ');
    expect([level(), where, new Set(pens.map((pen) => pen.text)).size]).toEqual([true, where, 1]);
    for (const pen of pens) expect(pen.doc.store.pendingStructs).toBeNull();
    const log = await house.app.store.workspace(house.workspace.id).log.read(noteDocument(house.account.id), 1);
    expect(textOf(log.flatMap(({ bytes }) => updatesOf(bytes)))).toBe(pens[0]?.text);
  });
});

describe('two nodes on one store', () => {
  test('[M3] many updates in one entry reach the other node, each once', async () => {
    const app = await buildApp({ at: new Date().toISOString() });
    const one = await openCollab({ app, deps: { followLog: true } });
    const { workspace, account } = one;
    const two = await openCollab({ app, workspace, account, deps: { followLog: true } });
    houses.push(one, two);
    const [a, b] = [one.pen(await one.person()), two.pen(await two.person())];
    await Promise.all([a.ready(), b.ready()]);
    a.write('');
    for (let i = 0; i < 200; i++) a.type(i, String(i % 10));
    await until(() => a.saved && b.text === a.text, 'read on the other');
    const log = await app.store.workspace(workspace.id).log.read(noteDocument(account.id), 1);
    expect(log.length).toBeLessThan(100);
    expect(log.flatMap(({ bytes }) => updatesOf(bytes)).length).toBe(201);
    expect(b.doc.store.pendingStructs).toBeNull();
    b.type(0, 'z');
    await until(() => b.saved && a.text === b.text, 'and back');
  });

  test('[M3] what another node wrote is read whole, whatever comes first to the log', async () => {
    const house = await openCollab({ deps: { followLog: true } });
    houses.push(house);
    const pen = house.pen(await house.person());
    await pen.ready();
    pen.write('here');
    await until(() => pen.saved, 'saved');
    const elsewhere = new Y.Doc();
    Y.applyUpdate(elsewhere, Y.encodeStateAsUpdate(pen.doc));
    const updates: Uint8Array[] = [];
    elsewhere.on('update', (update: Uint8Array) => updates.push(update));
    const other = new Quill(elsewhere, elsewhere.getXmlFragment(NOTE_ROOT));
    for (let i = 0; i < 6; i++) other.write(`there ${i}`);
    const { log } = house.app.store.workspace(house.workspace.id);
    // As a node does that repeats an append which failed: what builds on it is there first.
    for (const at of [3, 1, 0, 5, 2, 4]) {
      await log.append(noteDocument(house.account.id), 1, 'somebody', packUpdate(updates[at] ?? new Uint8Array()));
      pen.type(0, 'x');
    }
    await until(() => pen.saved && pen.fragment.length === 7, 'all that was written');
    expect(pen.doc.store.pendingStructs).toBeNull();
    for (let i = 0; i < 6; i++) expect(pen.text).toContain(`there ${i}`);
  });

  test('[M3] what is written on one is read on the other, once', async () => {
    const app = await buildApp({ at: new Date().toISOString() });
    const one = await openCollab({ app, deps: { followLog: true } });
    const two = await openCollab({
      app,
      workspace: one.workspace,
      account: one.account,
      deps: { followLog: true },
    });
    houses.push(one, two);
    const who = await one.person();
    const [a, b] = [one.pen(who), two.pen(who)];
    await Promise.all([a.ready(), b.ready()]);
    a.heard = [];
    for (let i = 0; i < 20; i++) {
      a.write(`a${i}`);
      b.write(`b${i}`);
    }
    await until(() => a.saved && b.saved && a.text === b.text && a.fragment.length === 40, 'level');
    expect(a.heard.length).toBeLessThanOrEqual(20);
    await one.stop();
    await two.stop();
    await app.close();
    houses.length = 0;
  });
});
