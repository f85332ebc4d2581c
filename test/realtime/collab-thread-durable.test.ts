import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import type { Dispute } from '#lib/domain/dispute/dispute.ts';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import { NOTE_ROOT } from '#lib/protocol/collab.ts';
import { threadDocument } from '#lib/protocol/streams.ts';
import { packMessages, packUpdate, updatesOf } from '#server/collab/entry.ts';
import { documentHeads } from '#server/store/kinds/workspace.ts';
import { buildApp, type TestApp } from '../support/app.ts';
import { openCollab, Quill, toHtml, type CollabHouse, type Pen } from '../support/collab.ts';
import { faulty, type Faults } from '../support/fault-store.ts';
import { until } from '../support/realtime.ts';
import { openedDispute } from '../support/thread-world.ts';

let app: TestApp;
let house: CollabHouse;
let faults: Faults;
let dispute: Dispute;
let document: string;

async function open(compactFrom = 1_000): Promise<void> {
  app = await buildApp({ at: new Date().toISOString(), engine: 'embedded' });
  const wrapped = faulty(app.store);
  faults = wrapped.faults;
  house = await openCollab({ app: { ...app, store: wrapped.store }, deps: { compactFrom } });
  dispute = await openedDispute(app, house.workspace, house.account);
  document = threadDocument(dispute.id, 'internal');
}
afterEach(async () => {
  await house.close();
  await app.close();
});

const penOf = async (options: { epoch?: number } = {}): Promise<Pen> =>
  house.pen(await house.person(), { document, ...options });
const entries = (epoch = 1) => app.store.workspace(house.workspace.id).log.read(document, epoch);
/** What a process that died here would find. */
const replayed = async (epoch = 1): Promise<Y.Doc> => {
  const doc = new Y.Doc();
  for (const { bytes } of await entries(epoch)) for (const update of updatesOf(bytes)) Y.applyUpdate(doc, update);
  return doc;
};
const draftOf = (doc: Y.Doc, id: string): string => (doc.getMap('drafts').get(id) as Y.XmlFragment).toString();

describe('a thread survives', () => {
  test('[D2] what was said to be saved is in the store at once, note and drafts', async () => {
    await open();
    const a = await (await penOf()).ready();
    a.write('La note');
    a.begin('d1').write('Un brouillon');
    await until(() => a.saved, 'saved');
    const doc = await replayed();
    expect(doc.getXmlFragment(NOTE_ROOT).toString()).toBe(toHtml('La note'));
    expect(draftOf(doc, 'd1')).toBe(toHtml('Un brouillon'));
  });

  test('[D2] the removal of a posted draft is journalled before posting ends', async () => {
    await open();
    const a = await (await penOf()).ready();
    a.begin('d1').write('Posté');
    await until(() => a.saved, 'saved');
    faults.latencyMs = 80;
    await house.collab.live.removeDraft(house.workspace.id, document, 'd1', a.vector);
    expect(draftOf(await replayed(), 'd1')).toBe(toHtml(''));
  });

  test('[D3] the last leaves while the store is slow, the next joins: both drafts are kept', async () => {
    await open();
    const a = await (await penOf()).ready();
    faults.latencyMs = 400;
    a.begin('d1').write('De celle qui part');
    await until(() => house.collab.stats().unsavedBytes > 0, 'taken');
    a.cut();
    const b = await (await penOf()).ready();
    expect(b.draftText('d1')).toBe(toHtml('De celle qui part'));
    b.begin('d2').write('De celui qui vient');
    await until(() => b.saved, 'saved');
    b.cut();
    await until(() => house.collab.stats().rooms === 0, 'unloaded');
    const doc = await replayed();
    expect([draftOf(doc, 'd1'), draftOf(doc, 'd2')]).toEqual([
      toHtml('De celle qui part'),
      toHtml('De celui qui vient'),
    ]);
  });

  test('[C5] ten who open at once see one content', async () => {
    await open(5);
    const first = await (await penOf()).ready();
    first.write('Une fois');
    for (let i = 0; i < 8; i++) first.begin(`d${i}`).write(`Brouillon ${i}`);
    await until(() => first.saved, 'saved');
    first.cut();
    await until(() => house.collab.stats().rooms === 0, 'unloaded');
    const pens = await Promise.all(Array.from({ length: 10 }, async () => (await penOf()).ready()));
    for (const pen of pens) {
      expect(pen.text).toBe(toHtml('Une fois'));
      expect([...pen.drafts.keys()].sort()).toEqual(Array.from({ length: 8 }, (_, i) => `d${i}`));
      expect(pen.draftText('d3')).toBe(toHtml('Brouillon 3'));
    }
  });

  test.each(['works', 'fails_before', 'fails_after'] as const)(
    '[D8] compaction that %s keeps note, drafts and who wrote them',
    async (compaction) => {
      await open(20);
      faults.compaction = compaction;
      const [awa, denis] = [await house.person(), await house.person()];
      const [a, b] = [house.pen(awa, { document }), house.pen(denis, { document })];
      await Promise.all([a.ready(), b.ready()]);
      a.begin('d1').write('');
      b.begin('d2').write('');
      for (let i = 0; i < 40; i++) {
        a.in('d1').type(0, String(i % 10));
        b.in('d2').type(0, String(i % 10));
        if (i % 9 === 0) a.write(`ligne ${i}`);
      }
      await until(() => a.saved && b.saved && a.draftText('d2') === b.draftText('d2'), 'saved');
      if (compaction === 'works') await until(() => house.collab.stats().compactions > 0, 'compacted');
      const doc = await replayed();
      expect([doc.getXmlFragment(NOTE_ROOT).toString(), draftOf(doc, 'd1')]).toEqual([a.text, a.draftText('d1')]);
      for (const [id, who] of [['d1', awa] as const, ['d2', denis] as const]) {
        const taken = await house.collab.live.takeDraft(house.workspace.id, document, id, null, 1_000);
        expect(taken).toMatchObject({ authors: [who.member.id] });
      }
    },
  );
});

describe('[U6] forgetting', () => {
  const SECRET = 'numéro de téléphone de Camille';

  test('what was deleted is in no entry of the log and not in the file; the rest goes on in a new epoch', async () => {
    await open();
    const [awa, denis] = [await house.person(), await house.person()];
    const a = await house.pen(awa, { document }).ready();
    a.write('Garder');
    a.write(SECRET);
    a.begin('d1').write('Garder aussi');
    a.begin('d2').write(SECRET);
    const b = await house.pen(denis, { document }).ready();
    b.in('d1').write('de Denis');
    await until(() => a.saved && b.saved && a.draftText('d1').includes('Denis'), 'saved');
    a.fragment.delete(1, 1);
    a.drafts.delete('d2');
    await until(() => a.saved, 'deleted');
    const bytesOf = async (epoch: number): Promise<string> =>
      Buffer.concat((await entries(epoch)).map(({ bytes }) => bytes)).toString('utf8');
    expect(await bytesOf(1)).toContain(SECRET);
    expect(await house.collab.live.forget(house.workspace.id, document)).toBe(2);
    expect(await a.closedWith()).toBe(CLOSE.EPOCH_CHANGED);
    expect(a.closed?.reason).toBe('epoch 2');
    expect(await entries(1)).toEqual([]);
    expect(await bytesOf(2)).not.toContain(SECRET);
    const c = await house.pen(awa, { document, epoch: 2 }).ready();
    expect([c.text, c.draftText('d1')]).toEqual([toHtml('Garder'), toHtml('Garder aussi', 'de Denis')]);
    const taken = await house.collab.live.takeDraft(house.workspace.id, document, 'd1', c.vector, 1_000);
    expect(typeof taken === 'string' ? taken : new Set(taken.authors)).toEqual(
      new Set([awa.member.id, denis.member.id]),
    );
    c.write('Et la suite');
    await until(() => c.saved, 'goes on');
    a.connect();
    expect(await a.closedWith()).toBe(CLOSE.EPOCH_CHANGED);
    await house.stop();
    await app.store.close();
    for (const name of await readdir(app.directory)) {
      const bytes = await readFile(join(app.directory, name)).catch(() => Buffer.alloc(0));
      expect([name, bytes.includes(SECRET)]).toEqual([name, false]);
    }
    app = await buildApp({ directory: app.directory, engine: 'embedded' });
    house = await openCollab({ app });
  });

  test('interrupted, it is run again: nothing is lost, nothing comes back', async () => {
    await open();
    const a = await (await penOf()).ready();
    a.write('Garder');
    a.write(SECRET);
    await until(() => a.saved, 'saved');
    a.fragment.delete(1, 1);
    await until(() => a.saved, 'deleted');
    a.cut();
    const store = app.store.workspace(house.workspace.id);
    // a run that died after its snapshot; somebody wrote on since
    await store.log.append(document, 2, 'system', (await entries(1))[0]?.bytes ?? new Uint8Array());
    const b = await (await penOf()).ready();
    b.write('Plus tard');
    await until(() => b.saved, 'saved');
    b.cut();
    await until(() => house.collab.stats().rooms === 0, 'unloaded');
    expect(await house.collab.live.forget(house.workspace.id, document)).toBe(2);
    expect((await store.docs(documentHeads).get(document))?.epoch).toBe(2);
    const c = await (await penOf({ epoch: 2 })).ready();
    expect(c.text).toBe(toHtml('Garder', 'Plus tard'));
    expect(Buffer.concat((await entries(2)).map(({ bytes }) => bytes)).includes(SECRET)).toBe(false);
    // and a document that was never written has nothing to forget
    expect(await house.collab.live.forget(house.workspace.id, threadDocument(dispute.id, 'partner'))).toBe(2);
  });
});

describe('[U7] a year of edits', () => {
  test('the log stays in proportion to what is there, and opens', async () => {
    await open(300);
    const [WEEKS, DAYS, EDITS] = [50, 5, 60];
    const who = await house.person();
    const { log } = app.store.workspace(house.workspace.id);
    let edits = 0;
    let longest = 0;
    let all = new Y.Doc();
    for (let week = 0; week < WEEKS; week++) {
      for (let day = 0; day < DAYS; day++) {
        // each day is a session of its own: it writes in the note, corrects, writes a draft and throws it away
        const pen = new Y.Doc();
        Y.applyUpdate(pen, Y.encodeStateAsUpdate(all));
        const said: Uint8Array[] = [];
        pen.on('update', (update: Uint8Array) => said.push(packUpdate(update)));
        const note = new Quill(pen, pen.getXmlFragment(NOTE_ROOT));
        pen.getMap('drafts').set(`d${week}-${day}`, new Y.XmlFragment());
        const draft = new Quill(pen, pen.getMap('drafts').get(`d${week}-${day}`) as Y.XmlFragment);
        note.write('');
        for (let i = 0; i < EDITS; i++) {
          draft.type(i, 'x');
          note.type(i, 'y');
          if (i % 3 === 0) deleteFirst(note);
        }
        if (note.fragment.length > 3) note.fragment.delete(0, 1);
        pen.getMap('drafts').delete(`d${week}-${day}`);
        edits += said.length;
        for (let at = 0; at < said.length; at += 10)
          await log.append(document, 1, who.member.id, packMessages(said.slice(at, at + 10)));
        all = pen;
      }
      longest = Math.max(longest, (await entries()).length);
      const { compactions } = house.collab.stats();
      const reader = await house.pen(who, { document }).ready();
      expect(reader.text).toBe(all.getXmlFragment(NOTE_ROOT).toString());
      await until(() => house.collab.stats().compactions > compactions, 'compacted');
      reader.cut();
    }
    const bytes = (await entries()).reduce((sum, entry) => sum + entry.bytes.length, 0);
    const last = await (await penOf()).ready();
    const doc = Y.encodeStateAsUpdate(last.doc).length;
    expect([longest < 100, bytes / edits < 5, doc / (WEEKS * DAYS) < 150]).toEqual([true, true, true]);
    expect(last.fragment.length).toBeLessThan(10);
  }, 180_000);
});

function deleteFirst({ fragment }: Quill): void {
  const line = (fragment.get(0) as Y.XmlElement | undefined)?.get(0);
  if (line instanceof Y.XmlText && line.length > 2) line.delete(0, 1);
}
