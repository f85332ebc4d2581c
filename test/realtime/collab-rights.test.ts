import { afterEach, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import { MODE } from '#lib/protocol/collab.ts';
import { memberRecordStream, noteDocument } from '#lib/protocol/streams.ts';
import { updatesOf } from '#server/collab/entry.ts';
import { openCollab, textOf, toHtml, type CollabHouse } from '../support/collab.ts';
import { changeMember, eventOf, placeOf, placesHeard, setAccess } from '../support/collab-rights.ts';
import { until } from '../support/realtime.ts';

let house: CollabHouse;
afterEach(async () => {
  await house.close();
});

const stored = async (): Promise<string> => {
  const log = house.app.store.workspace(house.workspace.id).log;
  return textOf((await log.read(noteDocument(house.account.id), 1)).flatMap(({ bytes }) => updatesOf(bytes)));
};

describe('who may be where', () => {
  test('[A3] signed out or disabled: closed at once, no content afterwards', async () => {
    house = await openCollab();
    const [who, gone] = [await house.person(), await house.person()];
    const [a, b, c] = [house.pen(who), house.pen(gone), house.pen(await house.person())];
    await Promise.all([a.ready(), b.ready(), c.ready()]);
    await house.app.store.installation.transaction(async (tx) => {
      await tx.append(memberRecordStream(who.member.id), [
        eventOf(house, 'session.closed', {
          workspaceId: house.workspace.id,
          memberId: who.member.id,
          credentialIds: [who.sessionId],
        }),
      ]);
    });
    expect(await a.closedWith()).toBe(CLOSE.SIGNED_OUT);
    await changeMember(house, gone.member.id, { state: 'disabled' });
    expect(await b.closedWith()).toBe(CLOSE.SIGNED_OUT);
    a.heard = [];
    c.write('Sans eux');
    await until(() => c.saved, 'saved');
    expect(a.heard).toEqual([]);
    expect(b.text).toBe('');
    b.connect();
    expect(await b.closedWith()).toBe(CLOSE.SIGNED_OUT);
  });

  test('[A3] without a session there is no document', async () => {
    house = await openCollab();
    const nobody = house.pen({ cookie: '' }).connect();
    expect(await nobody.closedWith()).toBe(CLOSE.SIGNED_OUT);
    expect(house.collab.stats().rooms).toBe(0);
  });

  test('[A5] a reader reads; what a reader sends is neither stored, relayed nor acknowledged', async () => {
    house = await openCollab();
    const a = await house.pen(await house.person()).ready();
    const reader = await house.pen(await house.person({ role: 'finance' })).ready();
    await until(() => reader.mode === MODE.READ_ONLY, 'read-only');
    reader.write('Interdit');
    a.write('Permis');
    await until(() => a.saved && reader.text.includes('Permis'), 'relayed');
    expect(a.text).toBe(toHtml('Permis'));
    expect(await stored()).toBe(toHtml('Permis'));
    expect(reader.acked).toBe(0);
  });

  test('[A7] a place is stamped with the session, and nobody speaks as somebody else', async () => {
    house = await openCollab();
    const awa = await house.person({ name: 'Awa' });
    const [a, b, c] = [house.pen(awa), house.pen(await house.person({ name: 'Denis' })), house.pen(awa)];
    await Promise.all([a.ready(), b.ready()]);
    b.raw(placeOf(77, 1, { user: { name: 'Directrice' } }));
    await until(() => placesHeard(a).some(({ client }) => client === 77), 'heard');
    expect(placesHeard(a).find(({ client }) => client === 77)?.state?.user?.name).toBe('Denis');
    // in Denis' place, for a second author of one's own, and a removal of Denis
    a.raw(placeOf(77, 9, { user: { name: 'Denis' } }));
    a.raw(placeOf(77, 10, null));
    a.raw(placeOf(88, 1, {}));
    a.raw(placeOf(99, 1, {}));
    await until(() => placesHeard(b).some(({ client }) => client === 88), 'own place');
    await c.ready();
    await until(() => placesHeard(c).length > 0, 'places');
    const seen = new Map(placesHeard(c).map(({ client, state }) => [client, state?.user?.name]));
    expect([...seen].sort()).toEqual([
      [77, 'Denis'],
      [88, 'Awa'],
    ]);
    expect(placesHeard(b).some(({ client }) => client === 99)).toBe(false);
  });

  test('[A7] who leaves is taken off the page', async () => {
    house = await openCollab();
    const [a, b] = [house.pen(await house.person()), house.pen(await house.person())];
    await Promise.all([a.ready(), b.ready()]);
    a.raw(placeOf(5, 1, {}));
    await until(() => placesHeard(b).some(({ client, state }) => client === 5 && state !== null), 'there');
    a.cut();
    await until(() => placesHeard(b).some(({ client, state }) => client === 5 && state === null), 'gone');
  });

  test.each([
    'note:unknown:internal',
    'note:unknown:credit',
    'NOTE:unknown:internal',
    '%2e%2e%2fnote',
    'note:ｕnknown:internal',
    '%E0%A4%A',
    'thread:x:internal',
    '',
  ])('[A8] the guessed name %j opens nothing', async (document) => {
    house = await openCollab();
    const pen = house.pen(await house.person(), { document }).connect();
    expect(await pen.closedWith()).toBe(CLOSE.FORBIDDEN);
    expect(pen.heard).toEqual([]);
    expect(house.collab.stats().rooms).toBe(0);
  });

  test('[A8] out of scope and other workspaces answer as the unknown', async () => {
    house = await openCollab();
    const document = noteDocument(house.account.id);
    const outside = house.pen(await house.person({ scope: 'portfolio' })).connect();
    expect(await outside.closedWith()).toBe(CLOSE.FORBIDDEN);
    const sales = await house.person({ role: 'sales', departments: ['sales'] });
    const credit = house.pen(sales, { document: noteDocument(house.account.id, 'credit') }).connect();
    expect(await credit.closedWith()).toBe(CLOSE.FORBIDDEN);
    const other = await openCollab({ app: house.app });
    const foreign = other.pen(await other.person(), { document }).connect();
    expect(await foreign.closedWith()).toBe(CLOSE.FORBIDDEN);
    expect(foreign.closed?.reason).toBe(outside.closed?.reason);
    await other.close();
  });

  test.each(['https://evil.example', 'null'])('[A11] a page of %s is refused', async (origin) => {
    house = await openCollab();
    const pen = house.pen(await house.person(), { origin }).connect();
    await until(() => pen.closed !== null, 'refused');
    expect(pen.closed?.reason).toContain('403');
  });

  test('[K5] right lost while typing: what was under way is kept and acknowledged, then nothing more is heard', async () => {
    house = await openCollab();
    const who = await house.person({ scope: 'portfolio' });
    await setAccess(house, [`owner:${who.member.id}`]);
    const [a, b] = [house.pen(who), house.pen(await house.person())];
    await Promise.all([a.ready(), b.ready()]);
    a.write('Début');
    await until(() => a.saved, 'saved');
    // what it types as the case is reassigned is still on the wire when the right goes
    a.polite = false;
    a.holding = true;
    a.write('en cours de frappe');
    await setAccess(house, ['owner:none']);
    await until(() => a.mode === MODE.LEAVING, 'told');
    a.heard = [];
    b.write('Confidentiel');
    await until(() => b.saved, 'b saved');
    a.release();
    await until(() => a.acked === a.sent, 'acknowledged');
    expect(await a.closedWith()).toBe(CLOSE.FORBIDDEN);
    expect(a.heard).toEqual([]);
    expect(await stored()).toContain('en cours de frappe');
    await until(() => b.text.includes('en cours de frappe'), 'others read it');
    a.connect();
    expect(await a.closedWith()).toBe(CLOSE.FORBIDDEN);
  });

  test('[K5] a client that says it has nothing more is closed without waiting', async () => {
    house = await openCollab();
    const who = await house.person({ scope: 'portfolio' });
    await setAccess(house, [`owner:${who.member.id}`]);
    const a = await house.pen(who).ready();
    a.write('Fini');
    await setAccess(house, ['owner:none']);
    expect(await a.closedWith()).toBe(CLOSE.FORBIDDEN);
    expect(await stored()).toBe(toHtml('Fini'));
  });

  test('losing only the right to write makes a reader, getting it back makes a writer', async () => {
    house = await openCollab();
    const who = await house.person();
    const [a, b] = [house.pen(who), house.pen(await house.person())];
    await Promise.all([a.ready(), b.ready()]);
    a.write('Un');
    await changeMember(house, who.member.id, { role: 'finance' });
    await until(() => a.mode === MODE.READ_ONLY, 'read-only');
    a.write('Deux');
    b.write('Trois');
    await until(() => a.text.includes('Trois'), 'still reads');
    expect(b.text).not.toContain('Deux');
    await changeMember(house, who.member.id, { role: 'collector' });
    await until(() => a.mode === MODE.READ_WRITE && b.text.includes('Deux'), 'writes again');
    await until(() => a.saved, 'saved');
    expect(a.text).toBe(b.text);
  });

  test('[A7] a tab of somebody who was signed in before brings nothing of theirs in under another name', async () => {
    house = await openCollab();
    const [before, now] = [await house.person(), await house.person()];
    const tab = house.pen(now, { member: before.member.id });
    tab.write('Mots de la personne d’avant');
    tab.connect();
    expect(await tab.closedWith()).toBe(CLOSE.SIGNED_OUT);
    const own = await house.pen(now, { member: now.member.id }).ready();
    expect(own.text).toBe('');
    expect(await stored()).toBe('');
  });

  test('[A7] a place that no editor can look up reaches nobody', async () => {
    house = await openCollab();
    const [a, b] = [await house.pen(await house.person()).ready(), await house.pen(await house.person()).ready()];
    const at = { type: null, tname: 'note', item: null, assoc: 0 };
    const broken: unknown[] = [
      null,
      {},
      [],
      { ...at, tname: null },
      { ...at, tname: 'elsewhere' },
      { ...at, item: { client: 1 } },
      { ...at, item: { client: 1, clock: -1 } },
      { ...at, item: { client: 'x', clock: 'y' } },
      { ...at, type: { client: a.doc.clientID, clock: 0.5 } },
      { ...at, assoc: 'x' },
      { ...at, more: 1 },
    ];
    a.write('Un texte');
    await until(() => a.saved && b.text === a.text, 'written');
    for (const [clock, anchor] of broken.entries()) {
      a.raw(placeOf(a.doc.clientID, clock + 1, { cursor: { anchor, head: at }, field: 'note' }));
      await until(() => placesHeard(b).length > clock, 'told one by one');
    }
    const position = Y.createRelativePositionFromTypeIndex(a.fragment, 0);
    const real = { anchor: position, head: position };
    a.raw(placeOf(a.doc.clientID, broken.length + 1, { cursor: real, field: 'note' }));
    type State = { cursor: { anchor: unknown; head: unknown } | null } | null;
    const heard = (): State[] => placesHeard(b).map(({ state }) => state as State);
    await until(() => heard().some((state) => (state?.cursor ?? null) !== null), 'the real one');
    expect(heard().at(-1)?.cursor).toEqual(JSON.parse(JSON.stringify(real)));
    for (const state of heard())
      for (const place of state === null || state.cursor === null ? [] : [state.cursor.anchor, state.cursor.head])
        expect(() =>
          Y.createAbsolutePositionFromRelativePosition(Y.createRelativePositionFromJSON(place), b.doc),
        ).not.toThrow();
  });
});
