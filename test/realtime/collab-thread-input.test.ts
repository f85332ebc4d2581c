import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import type { Dispute } from '#lib/domain/dispute/dispute.ts';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import { COLLAB_LIMITS, DRAFTS_ROOT, MODE, NOTE_ROOT, SYNC_STEP } from '#lib/protocol/collab.ts';
import { noteText } from '#lib/protocol/editor-schema.ts';
import { threadDocument } from '#lib/protocol/streams.ts';
import { Drafts } from '#server/collab/drafts.ts';
import { syncMessage } from '#server/collab/frame.ts';
import { judge } from '#server/collab/known.ts';
import { BadUpdate, readUpdate } from '#server/collab/read-update.ts';
import { openCollab, Quill, toHtml, type CollabHouse, type Pen } from '../support/collab.ts';
import { until } from '../support/realtime.ts';
import { openedDispute } from '../support/thread-world.ts';

let house: CollabHouse;
let dispute: Dispute;
let document: string;
let witness: Pen;
beforeEach(async () => {
  house = await openCollab();
  dispute = await openedDispute(house.app, house.workspace, house.account);
  document = threadDocument(dispute.id, 'internal');
  witness = await house.pen(await house.person(), { document }).ready();
});
afterEach(async () => {
  await house.close();
});

const updateOf = (make: (doc: Y.Doc) => void): Uint8Array => {
  const doc = new Y.Doc();
  make(doc);
  return Y.encodeStateAsUpdate(doc);
};
const inMap = (id: string, value: () => unknown): Uint8Array =>
  updateOf((doc) => doc.getMap(DRAFTS_ROOT).set(id, value()));
const fragment = (): Y.XmlFragment => new Y.XmlFragment();

/** The update that a client of its own makes on top of what the witness has. */
const onTop = (change: (doc: Y.Doc) => void): Uint8Array => {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(witness.doc));
  const vector = Y.encodeStateVector(doc);
  change(doc);
  return Y.encodeStateAsUpdate(doc, vector);
};

const refused = async (update: Uint8Array, code: number = CLOSE.BAD_PROTOCOL): Promise<void> => {
  const before = Y.encodeStateAsUpdate(witness.doc);
  const pen = await house.pen(await house.person(), { document }).ready();
  pen.raw(syncMessage(SYNC_STEP.UPDATE, update));
  expect(await pen.closedWith()).toBe(code);
  const other = await house.pen(await house.person(), { document }).ready();
  other.write('Encore');
  await until(() => witness.text.includes('Encore') && other.saved, 'the others go on');
  other.fragment.delete(other.fragment.length - 1, 1);
  await until(() => other.saved && witness.text === other.text, 'as before');
  const now = new Y.Doc();
  Y.applyUpdate(now, before);
  expect([...witness.drafts.keys()].sort()).toEqual([...now.getMap(DRAFTS_ROOT).keys()].sort());
};

describe('[B2] what a thread’s document may hold', () => {
  test.each([
    ['another root', updateOf((doc) => doc.getMap('facts').set('amount', 1))],
    ['an amount among the drafts', inMap('d1', () => 123)],
    ['a map among the drafts', inMap('d1', () => new Y.Map())],
    ['a text among the drafts', inMap('d1', () => new Y.XmlText('x'))],
    ['an element among the drafts', inMap('d1', () => new Y.XmlElement('paragraph'))],
    ['a subdocument among the drafts', inMap('d1', () => new Y.Doc())],
    ['a draft without a usable id', inMap('../d1', fragment)],
    ['a draft with a long id', inMap('d'.repeat(65), fragment)],
    [
      'a draft in a list',
      updateOf((doc) => doc.getXmlFragment(DRAFTS_ROOT).insert(0, [new Y.XmlElement('paragraph')])),
    ],
    ['a draft within the note', updateOf((doc) => doc.getMap(NOTE_ROOT).set('d1', fragment()))],
    [
      'an iframe in a draft',
      inMap('d1', () => {
        const draft = fragment();
        draft.insert(0, [new Y.XmlElement('iframe')]);
        return draft;
      }),
    ],
  ])('%s: refused, nothing relayed', async (_, update) => {
    expect(() => readUpdate(update, { drafts: true })).toThrow(BadUpdate);
    await refused(update);
  });

  test('a note has no drafts', () => {
    expect(readUpdate(inMap('d1', fragment), { drafts: true }).drafts).toHaveLength(1);
    expect(() => readUpdate(inMap('d1', fragment))).toThrow(BadUpdate);
  });

  test('nothing may take a draft’s place: not a number, not a text, not another fragment', async () => {
    witness.begin('d1').write('Bonjour');
    await until(() => witness.saved, 'saved');
    // Yjs names the map only where a key is first set: these say no more than which struct they stand beside
    for (const value of [7, new Y.XmlText('x'), fragment()])
      await refused(onTop((doc) => doc.getMap(DRAFTS_ROOT).set('d1', value)));
    expect(witness.draftText('d1')).toBe(toHtml('Bonjour'));
    witness.drafts.delete('d1');
    await until(() => witness.saved, 'thrown away');
    await refused(onTop((doc) => doc.getMap(DRAFTS_ROOT).set('d1', 7)));
  });

  test('nor in one and the same update', async () => {
    await refused(
      updateOf((doc) => {
        doc.getMap(DRAFTS_ROOT).set('d1', fragment());
        doc.getMap(DRAFTS_ROOT).set('d1', 'text');
      }),
    );
  });

  test('10,000 seeded mutations: whatever is taken leaves drafts to be drafts', () => {
    const doc = new Y.Doc();
    const updates: Uint8Array[] = [];
    doc.on('update', (update: Uint8Array) => updates.push(update));
    const drafts = doc.getMap<Y.XmlFragment>(DRAFTS_ROOT);
    for (let i = 0; i < 12; i++) {
      drafts.set(`d${i}`, fragment());
      new Quill(doc, drafts.get(`d${i}`) as Y.XmlFragment).write(`ligne ${i}`);
      new Quill(doc, doc.getXmlFragment(NOTE_ROOT)).write('note');
      if (i % 4 === 3) drafts.delete(`d${i - 2}`);
    }
    const whole = Y.encodeStateAsUpdate(doc);
    const known = readUpdate(whole, { drafts: true });
    const index = new Drafts();
    index.take(known, new Map());
    const vector = Y.decodeStateVector(Y.encodeStateVector(doc));
    let seed = 41_122_026;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return seed % below;
    };
    // what somebody sends on top of it, broken in every way
    const on = (change: (drafts: Y.Map<unknown>, other: Y.Doc) => void): Uint8Array => {
      const other = new Y.Doc();
      Y.applyUpdate(other, whole);
      other.transact(() => change(other.getMap(DRAFTS_ROOT), other));
      return Y.encodeStateAsUpdate(other, Y.encodeStateVector(doc));
    };
    const more = Array.from({ length: 20 }, (_, i) => [
      on((map) => map.set(`e${i}`, fragment())),
      on((map, other) => new Quill(other, map.get('d0') as Y.XmlFragment).write(`x${i}`)),
      on((map) => map.set('d0', i % 2 === 0 ? 'text' : fragment())),
      on((map) => map.delete(`d${i % 12}`)),
    ]).flat();
    let taken = 0;
    for (let i = 0; i < 10_000; i++) {
      const mutated = (more[random(more.length)] ?? new Uint8Array()).slice();
      for (let n = random(4); n > 0; n--) mutated[random(mutated.length)] = random(256);
      let parts;
      try {
        parts = readUpdate(mutated, { drafts: true });
      } catch (error) {
        expect(error).toBeInstanceOf(BadUpdate);
        continue;
      }
      if (judge(vector, parts) === 'missing' || index.refusal(parts, vector) !== null) continue;
      taken += 1;
      const copy = new Y.Doc();
      Y.applyUpdate(copy, whole);
      Y.applyUpdate(copy, mutated);
      for (const [id, draft] of copy.getMap(DRAFTS_ROOT).entries())
        expect([i, id, draft instanceof Y.XmlFragment && !(draft instanceof Y.XmlElement)]).toEqual([i, id, true]);
    }
    expect(taken).toBeGreaterThan(100);
  });

  test('nor after compaction, a restart, and a reload from the store', async () => {
    witness.begin('d1').write('Bonjour');
    witness.begin('gone').write('x');
    witness.drafts.delete('gone');
    await until(() => witness.saved, 'saved');
    const bad = [
      onTop((doc) => doc.getMap(DRAFTS_ROOT).set('d1', 7)),
      onTop((doc) => doc.getMap(DRAFTS_ROOT).set('gone', 7)),
    ];
    witness.cut();
    await house.stop();
    const { app, workspace, account } = house;
    for (const compactFrom of [2, 1_000]) {
      house = await openCollab({ app, workspace, account, deps: { compactFrom } });
      witness = await house.pen(await house.person(), { document }).ready();
      if (compactFrom === 2) await until(() => house.collab.stats().compactions > 0, 'compacted');
      for (const update of bad) await refused(update);
      expect(witness.draftText('d1')).toBe(toHtml('Bonjour'));
      if (compactFrom === 2) await house.stop();
    }
    await house.stop();
    house = await openCollab({ app, workspace, account });
    await house.stop();
    await app.close();
    house = await openCollab();
  });

  test('there are not more drafts at once than an editor shows, and room again when some are gone', async () => {
    for (let i = 0; i < COLLAB_LIMITS.drafts; i++) witness.begin(`d${i}`).write('x');
    await until(() => witness.saved, 'fifty');
    const many = await house.pen(await house.person(), { document }).ready();
    for (let i = 0; i < 30; i++) many.begin(`more${i}`);
    expect(await many.closedWith()).toBe(CLOSE.TOO_LARGE);
    expect(many.closed?.reason).toBe('too many drafts');
    for (const id of [...witness.drafts.keys()].slice(0, 30)) witness.drafts.delete(id);
    await until(() => witness.saved, 'thirty gone');
    witness.begin('again').write('x');
    await until(() => witness.saved, 'room again');
    expect(witness.closed).toBeNull();
  });

  test('[U4] a client of the first schema reads a thread and changes nothing', async () => {
    const old = await house.pen(await house.person(), { document, schema: 1 }).ready();
    await until(() => old.mode === MODE.READ_ONLY, 'read-only');
    witness.begin('d1').write('Avec une mention');
    await until(() => old.draftText('d1') !== '' && witness.saved, 'read');
    old.drafts.delete('d1');
    old.write('Non');
    witness.write('Oui');
    await until(() => old.text.includes('Oui') && witness.saved, 'goes on');
    expect(witness.draftText('d1')).toBe(toHtml('Avec une mention'));
    expect(witness.text).toBe(toHtml('Oui'));
  });

  test('[U4] mentions written before they had kinds are people', async () => {
    const mention = (attributes: Record<string, string>): Y.XmlElement => {
      const element = new Y.XmlElement('mention');
      for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
      return element;
    };
    witness.doc.transact(() => {
      const paragraph = new Y.XmlElement('paragraph');
      witness.fragment.insert(0, [paragraph]);
      paragraph.insert(0, [
        mention({ id: 'm1', label: 'Awa' }),
        mention({ id: 'i1', label: 'FA-1', kind: 'item' }),
        mention({ id: 'x1', label: 'X', kind: 'somebody' }),
      ]);
    });
    await until(() => witness.saved, 'saved');
    const { note } = await house.collab.live.read(house.workspace.id, document);
    expect(note.content?.[0]?.content?.map(({ attrs }) => attrs)).toEqual([
      { kind: 'member', id: 'm1', label: 'Awa' },
      { kind: 'item', id: 'i1', label: 'FA-1' },
    ]);
  });

  test('blank drafts are empty, and words stay whatever they were put in', async () => {
    const element = (name: string, ...content: (Y.XmlElement | Y.XmlText)[]): Y.XmlElement => {
      const made = new Y.XmlElement(name);
      made.insert(0, content);
      return made;
    };
    const text = (words: string): Y.XmlText => new Y.XmlText(words);
    witness.begin('d1');
    witness.draft('d1')?.insert(0, [element('paragraph'), element('bulletList'), element('listItem')]);
    witness.begin('d2').write('  ');
    const live = house.collab.live;
    const { workspace } = house;
    expect(await live.takeDraft(workspace.id, document, 'd1', witness.vector, 2_000)).toBe('empty');
    expect(await live.takeDraft(workspace.id, document, 'd2', witness.vector, 2_000)).toBe('empty');
    witness
      .draft('d1')
      ?.insert(3, [
        element('listItem', text('sans liste')),
        element('bulletList', element('paragraph', text('sans puce')), element('bulletList')),
        element('paragraph', text('un'), element('paragraph', text('deux'))),
        text('sans ligne'),
      ]);
    const taken = await live.takeDraft(workspace.id, document, 'd1', witness.vector, 2_000);
    if (typeof taken === 'string') throw new Error(taken);
    expect(noteText(taken.body).split('\n')).toEqual(['sans liste', 'sans puce', 'un', 'deux', 'sans ligne']);
    await live.removeDraft(workspace.id, document, 'd1', taken.taken);
    expect(await live.takeDraft(workspace.id, document, 'd1', witness.vector, 2_000)).toBe('empty');
  });

  test('[O3] one who begins drafts and throws them away without end takes none from the others', async () => {
    const rude = await house.pen(await house.person(), { document }).ready();
    const ROUND = 50;
    for (let n = 0; n < 20_200 && rude.closed === null; n += ROUND) {
      const ids = Array.from({ length: ROUND }, (_, at) => `r${n + at}`);
      rude.doc.transact(() => ids.forEach((id) => rude.drafts.set(id, fragment())));
      rude.doc.transact(() => ids.forEach((id) => rude.drafts.delete(id)));
      await until(() => rude.saved || rude.closed !== null, 'answered');
    }
    expect(rude.closed?.reason).toBe('too many drafts');
    const other = await house.pen(await house.person(), { document }).ready();
    other.begin('d1').write('Bonjour');
    await until(() => other.saved || other.closed !== null, 'the others go on');
    expect(other.closed).toBeNull();
    await until(() => witness.draftText('d1') === toHtml('Bonjour'), 'seen');
  }, 60_000);
});
