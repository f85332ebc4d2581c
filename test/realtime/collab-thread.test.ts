import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import type { Dispute } from '#lib/domain/dispute/dispute.ts';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import { SYNC_STEP } from '#lib/protocol/collab.ts';
import { threadDocument } from '#lib/protocol/streams.ts';
import { syncMessage } from '#server/collab/frame.ts';
import type { TakenDraft } from '#server/collab/live-documents.ts';
import { openCollab, Quill, toHtml, type CollabHouse, type Pen } from '../support/collab.ts';
import { until } from '../support/realtime.ts';
import { openedDispute } from '../support/thread-world.ts';

let house: CollabHouse;
let dispute: Dispute;
let document: string;
beforeEach(async () => {
  house = await openCollab();
  dispute = await openedDispute(house.app, house.workspace, house.account);
  document = threadDocument(dispute.id, 'internal');
});
afterEach(async () => {
  await house.close();
});

const paragraphs = (...texts: string[]): object => ({
  type: 'doc',
  content: texts.map((text) => ({ type: 'paragraph', content: [{ type: 'text', text }] })),
});
const take = async (pen: Pen, draftId: string, waitMs = 2_000): Promise<TakenDraft> => {
  const taken = await house.collab.live.takeDraft(house.workspace.id, document, draftId, pen.vector, waitMs);
  if (typeof taken === 'string') throw new Error(taken);
  return taken;
};

describe('a thread’s note and drafts', () => {
  test('two people write one draft, beside the note, and both see it', async () => {
    const [a, b] = [house.pen(await house.person(), { document }), house.pen(await house.person(), { document })];
    await Promise.all([a.ready(), b.ready()]);
    a.write('La note');
    a.begin('reponse').write('Bonjour,');
    await until(() => b.draftText('reponse') === toHtml('Bonjour,'), 'the draft and its first line are there');
    b.in('reponse').write('nous livrons lundi');
    await until(() => a.saved && b.saved && a.draftText('reponse') === b.draftText('reponse'), 'level');
    expect(a.draftText('reponse')).toBe(toHtml('Bonjour,', 'nous livrons lundi'));
    expect(b.text).toBe(toHtml('La note'));
  });

  test('a draft is taken as its author saw it, with who wrote in it, and goes; the rest stays', async () => {
    const [awa, denis] = [await house.person({ name: 'Awa' }), await house.person({ name: 'Denis' })];
    const [a, b] = [house.pen(awa, { document }), house.pen(denis, { document })];
    await Promise.all([a.ready(), b.ready()]);
    a.begin('d1').write('Bonjour');
    await until(() => b.draftText('d1') === toHtml('Bonjour'), 'read');
    b.in('d1').write('Denis ajoute');
    await until(() => a.draftText('d1').includes('ajoute'), 'read by its author');
    const seen = a.vector;
    b.in('d1').write('et encore ceci');
    await until(() => a.draftText('d1').includes('encore'), 'arrived');
    const live = house.collab.live;
    const taken = await live.takeDraft(house.workspace.id, document, 'd1', seen, 2_000);
    if (typeof taken === 'string') throw new Error(taken);
    expect(taken.body).toEqual(paragraphs('Bonjour', 'Denis ajoute'));
    expect(new Set(taken.authors)).toEqual(new Set([awa.member.id, denis.member.id]));
    await live.removeDraft(house.workspace.id, document, 'd1', taken.taken);
    await until(() => !a.draftText('d1').includes('Bonjour') && !b.draftText('d1').includes('Bonjour'), 'removed');
    const rest = await take(a, 'd1');
    expect(rest.body).toEqual(paragraphs('et encore ceci'));
    expect(rest.authors).toEqual([denis.member.id]);
  });

  test('what is still on the wire when its draft is posted stays in the draft', async () => {
    const [a, b] = [house.pen(await house.person(), { document }), house.pen(await house.person(), { document })];
    await Promise.all([a.ready(), b.ready()]);
    a.begin('d1').write('Bonjour');
    await until(() => b.draftText('d1') === toHtml('Bonjour'), 'read');
    b.holding = true;
    b.in('d1').type(7, ' à tous');
    const taken = await take(a, 'd1');
    expect(taken.body).toEqual(paragraphs('Bonjour'));
    await house.collab.live.removeDraft(house.workspace.id, document, 'd1', taken.taken);
    await until(() => b.draftText('d1') === toHtml(' à tous'), 'the posted part is gone');
    b.release();
    await until(() => b.saved && a.draftText('d1') === toHtml(' à tous'), 'the later part is there');
    expect((await take(a, 'd1')).body).toEqual(paragraphs(' à tous'));
  });

  test('posting waits for its author’s last words, and says so when they do not come', async () => {
    const a = await house.pen(await house.person(), { document }).ready();
    a.begin('d1').write('Un');
    await until(() => a.saved, 'saved');
    a.holding = true;
    a.in('d1').write('Deux');
    const live = house.collab.live;
    const { workspace } = house;
    expect(await live.takeDraft(workspace.id, document, 'd1', a.vector, 60)).toBe('behind');
    const waiting = take(a, 'd1');
    a.release();
    expect((await waiting).body).toEqual(paragraphs('Un', 'Deux'));
    expect(await live.takeDraft(workspace.id, document, 'other', a.vector, 60)).toBe('empty');
    await expect(live.takeDraft(workspace.id, document, 'd1', '////', 60)).rejects.toThrow(RangeError);
  });

  test('nobody has it open: the draft is taken from the store, its authors remembered through compaction', async () => {
    await house.close();
    house = await openCollab({ deps: { compactFrom: 10 } });
    dispute = await openedDispute(house.app, house.workspace, house.account);
    document = threadDocument(dispute.id, 'internal');
    const [awa, denis] = [await house.person(), await house.person()];
    const [a, b] = [house.pen(awa, { document }), house.pen(denis, { document })];
    await Promise.all([a.ready(), b.ready()]);
    a.begin('d1').write('');
    for (let i = 0; i < 30; i++) a.in('d1').type(i, String(i % 10));
    await until(() => b.draftText('d1').length > 20, 'read');
    b.in('d1').write('Denis');
    a.begin('d2').write('De moi seule');
    await until(() => a.saved && b.saved && house.collab.stats().compactions > 0, 'compacted');
    const vector = Buffer.from(Y.encodeStateVector(a.doc)).toString('base64');
    a.cut();
    b.cut();
    await until(() => house.collab.stats().rooms === 0, 'unloaded');
    const entries = await house.app.store.workspace(house.workspace.id).log.read(document, 1);
    expect(entries.length).toBeLessThan(10);
    const live = house.collab.live;
    const one = await live.takeDraft(house.workspace.id, document, 'd1', vector, 500);
    const two = await live.takeDraft(house.workspace.id, document, 'd2', vector, 500);
    if (typeof one === 'string' || typeof two === 'string') throw new Error('not taken');
    expect(new Set(one.authors)).toEqual(new Set([awa.member.id, denis.member.id]));
    expect(two.authors).toEqual([awa.member.id]);
    await live.removeDraft(house.workspace.id, document, 'd2', two.taken);
    expect(await live.takeDraft(house.workspace.id, document, 'd2', null, 500)).toBe('empty');
  });
});

describe('who wrote', () => {
  test('[A7] words under a colleague’s number count as those of whoever sent them', async () => {
    const [awa, eve] = [await house.person({ name: 'Awa' }), await house.person({ name: 'Eve' })];
    const [a, e] = [house.pen(awa, { document }), house.pen(eve, { document })];
    await Promise.all([a.ready(), e.ready()]);
    a.begin('d1').write('Awa');
    await until(() => a.saved && e.draftText('d1') !== '', 'read');
    a.cut();
    const forged = new Y.Doc();
    Y.applyUpdate(forged, Y.encodeStateAsUpdate(e.doc));
    const vector = Y.encodeStateVector(forged);
    forged.clientID = a.doc.clientID;
    new Quill(forged, forged.getMap<Y.XmlFragment>('drafts').get('d1') as Y.XmlFragment).write('forgé');
    e.raw(syncMessage(SYNC_STEP.UPDATE, Y.encodeStateAsUpdate(forged, vector)));
    await until(() => e.saved, 'taken');
    const reader = await house.pen(awa, { document }).ready();
    const both = await take(reader, 'd1');
    expect(both.body).toEqual(paragraphs('Awa', 'forgé'));
    expect(new Set(both.authors)).toEqual(new Set([awa.member.id, eve.member.id]));
  });

  test('who comes back with everybody’s words has not written them', async () => {
    const [awa, denis] = [await house.person(), await house.person()];
    const [a, b] = [house.pen(awa, { document }), house.pen(denis, { document })];
    await Promise.all([a.ready(), b.ready()]);
    a.begin('d1').write('Awa seule');
    await until(() => a.saved && b.draftText('d1') !== '', 'read');
    b.raw(syncMessage(SYNC_STEP.DIFFERENCE, Y.encodeStateAsUpdate(b.doc)));
    b.raw(syncMessage(SYNC_STEP.UPDATE, Y.encodeStateAsUpdate(b.doc)));
    b.in('d1').type(0, ' ');
    await until(() => b.saved, 'settled');
    expect((await take(a, 'd1')).authors).toContain(awa.member.id);
    b.in('d1').fragment.delete(0, 1);
    b.begin('d2').write('Denis');
    await until(() => b.saved && a.draftText('d2') !== '', 'read');
    expect((await take(a, 'd2')).authors).toEqual([denis.member.id]);
  });
});

describe('two nodes on one store', () => {
  let second: CollabHouse;
  beforeEach(async () => {
    await house.close();
    house = await openCollab({ deps: { followLog: true } });
    const { app, workspace, account } = house;
    second = await openCollab({ app, workspace, account, deps: { followLog: true } });
    dispute = await openedDispute(app, workspace, account);
    document = threadDocument(dispute.id, 'internal');
  });
  afterEach(async () => {
    await second.stop();
  });

  test('[M3] a draft written on one is taken and removed on the other, whether that has it open or not', async () => {
    const awa = await house.person();
    const a = await house.pen(awa, { document }).ready();
    a.begin('d1').write('Écrit ailleurs');
    await until(() => a.saved, 'saved');
    const { live } = second.collab;
    const taken = await live.takeDraft(second.workspace.id, document, 'd1', a.vector, 2_000);
    if (typeof taken === 'string') throw new Error(taken);
    expect(taken).toMatchObject({ body: paragraphs('Écrit ailleurs'), authors: [awa.member.id] });
    await live.removeDraft(second.workspace.id, document, 'd1', taken.taken);
    await until(() => a.draftText('d1') === toHtml(''), 'removed on the first');
    const b = await second.pen(awa, { document }).ready();
    a.in('d1').type(0, 'Et encore');
    const again = await live.takeDraft(second.workspace.id, document, 'd1', a.vector, 2_000);
    expect(again).toMatchObject({ body: paragraphs('Et encore') });
    await until(() => b.draftText('d1') === a.draftText('d1'), 'level');
  });

  test('[U6] forgetting on one sends the other’s people to the next epoch, with what they had saved', async () => {
    const [a, b] = [
      await house.pen(await house.person(), { document }).ready(),
      await second.pen(await second.person(), { document }).ready(),
    ];
    b.begin('d1').write('Garder');
    await until(() => b.saved && a.draftText('d1') !== '', 'saved');
    const forgetting = house.collab.live.forget(house.workspace.id, document);
    b.in('d1').write('au dernier moment');
    expect(await b.closedWith()).toBe(CLOSE.EPOCH_CHANGED);
    expect(b.closed?.reason).toBe('epoch 2');
    const saved = b.acked === b.sent;
    await forgetting;
    const c = await second.pen(await second.person(), { document, epoch: 2 }).ready();
    expect(c.draftText('d1')).toContain('Garder');
    if (saved) await until(() => c.draftText('d1').includes('au dernier moment'), 'what was saved is there');
  });
});
