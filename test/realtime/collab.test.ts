import { afterEach, describe, expect, test } from 'vitest';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import { noteDocument } from '#lib/protocol/streams.ts';
import { updatesOf } from '#server/collab/entry.ts';
import { openCollab, textOf, toHtml, type CollabHouse } from '../support/collab.ts';
import { until } from '../support/realtime.ts';

let house: CollabHouse;
afterEach(async () => {
  await house.close();
});

const stored = async (of: CollabHouse, epoch = 1): Promise<string> => {
  const log = of.app.store.workspace(of.workspace.id).log;
  return textOf((await log.read(noteDocument(of.account.id), epoch)).flatMap(({ bytes }) => updatesOf(bytes)));
};

describe('co-writing', () => {
  test('what one writes the other reads, and nobody hears himself', async () => {
    house = await openCollab();
    const [a, b] = [house.pen(await house.person()), house.pen(await house.person())];
    await Promise.all([a.ready(), b.ready()]);
    a.heard = [];
    a.write('Promis pour vendredi');
    await until(() => b.text === toHtml('Promis pour vendredi'), 'b reads');
    b.write('Rappeler lundi');
    await until(() => a.text === toHtml('Promis pour vendredi', 'Rappeler lundi'), 'a reads');
    expect(a.heard.length).toBe(1);
    await until(() => a.saved && b.saved, 'saved');
    expect(await stored(house)).toBe(a.text);
  });

  test('[D2] what was said to be saved is in the store at once', async () => {
    house = await openCollab();
    const a = await house.pen(await house.person()).ready();
    a.write('Un chèque est parti');
    await until(() => a.saved, 'saved');
    // no flush, no close: as after kill -9, only what the store has counts
    expect(await stored(house)).toBe(toHtml('Un chèque est parti'));
  });

  test('[C5] ten who open at once see one content', async () => {
    house = await openCollab();
    const who = await house.person();
    const first = await house.pen(who).ready();
    first.write('Une fois');
    await until(() => first.saved, 'saved');
    first.cut();
    await until(() => house.collab.stats().rooms === 0, 'unloaded');
    const pens = await Promise.all(Array.from({ length: 10 }, () => house.pen(who).ready()));
    for (const pen of pens) expect(pen.text).toBe(toHtml('Une fois'));
    await until(() => pens.every((pen) => pen.saved), 'settled');
    expect(await stored(house)).toBe(toHtml('Une fois'));
  });

  test('[U2] an older epoch is sent away with the present one, content goes on in the new', async () => {
    house = await openCollab();
    const who = await house.person();
    const a = await house.pen(who).ready();
    a.write('Avant');
    await until(() => a.saved, 'saved');
    const epoch = await house.collab.live.restart(house.workspace.id, noteDocument(house.account.id));
    expect(epoch).toBe(2);
    expect(await a.closedWith()).toBe(CLOSE.EPOCH_CHANGED);
    expect(a.closed?.reason).toBe('epoch 2');
    a.connect();
    expect(await a.closedWith()).toBe(CLOSE.EPOCH_CHANGED);
    const b = await house.pen(who, { epoch: 2 }).ready();
    expect(b.text).toBe(toHtml('Avant'));
    b.write('Après');
    await until(() => b.saved, 'saved in the new epoch');
    expect(await stored(house, 2)).toBe(toHtml('Avant', 'Après'));
    expect(await stored(house, 1)).toBe(toHtml('Avant'));
  });

  test('[U4] a client with another schema reads and does not write', async () => {
    house = await openCollab();
    const a = await house.pen(await house.person()).ready();
    const old = await house.pen(await house.person(), { schema: 99 }).ready();
    await until(() => old.mode === 0, 'read-only');
    old.write('Non');
    a.write('Oui');
    await until(() => old.text.includes('Oui') && a.saved, 'read');
    expect(a.text).toBe(toHtml('Oui'));
    expect(await stored(house)).toBe(toHtml('Oui'));
  });

  test('[O6] who comes and goes leaves nothing behind', async () => {
    house = await openCollab();
    const who = await house.person();
    for (let round = 0; round < 30; round++) {
      const pens = await Promise.all(Array.from({ length: 10 }, () => house.pen(who).ready()));
      for (const pen of pens) pen.cut();
    }
    await until(() => house.collab.stats().rooms === 0, 'no rooms');
    expect(house.collab.stats()).toMatchObject({ connections: 0, rooms: 0, indexed: 0, unsavedBytes: 0 });
  });

  test('the note can be read as JSON, open or not', async () => {
    house = await openCollab();
    const a = await house.pen(await house.person()).ready();
    a.write('Bonjour');
    await until(() => a.saved, 'saved');
    const doc = noteDocument(house.account.id);
    const note = {
      type: 'doc',
      content: [{ type: 'paragraph', content: [{ type: 'text', text: 'Bonjour' }] }],
    };
    expect((await house.collab.live.read(house.workspace.id, doc)).note).toEqual(note);
    a.cut();
    await until(() => house.collab.stats().rooms === 0, 'unloaded');
    expect(await house.collab.live.read(house.workspace.id, doc)).toEqual({ epoch: 1, note });
  });
});
