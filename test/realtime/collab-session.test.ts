import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket as Wire } from 'ws';
import * as Y from 'yjs';
import { NoteSession } from '#lib/client/collab.ts';
import type { Dispute } from '#lib/domain/dispute/dispute.ts';
import { DRAFTS_ROOT } from '#lib/protocol/collab.ts';
import { threadDocument } from '#lib/protocol/streams.ts';
import { openCollab, Quill, toHtml, type CollabHouse } from '../support/collab.ts';
import { until } from '../support/realtime.ts';
import { openedDispute } from '../support/thread-world.ts';

let house: CollabHouse;
let dispute: Dispute;
const sessions: NoteSession[] = [];
beforeEach(async () => {
  house = await openCollab();
  dispute = await openedDispute(house.app, house.workspace, house.account);
});
afterEach(async () => {
  for (const session of sessions.splice(0)) session.destroy();
  await house.close();
});

/** The browser's own runtime, on a real wire. */
async function session(onUnsent?: (text: string) => void): Promise<NoteSession> {
  const who = await house.person();
  const signedIn = class extends Wire {
    constructor(url: string) {
      super(url, { headers: { cookie: who.cookie } });
    }
  };
  const opened = new NoteSession({
    url: `ws://127.0.0.1:${house.port}`,
    document: threadDocument(dispute.id, 'internal'),
    epoch: 1,
    memberId: who.member.id,
    persist: false,
    onState: () => undefined,
    ...(onUnsent === undefined ? {} : { onUnsent }),
    socket: signedIn as unknown as typeof WebSocket,
  });
  sessions.push(opened);
  await until(() => opened.state.save === 'saved', 'open');
  return opened;
}
const drafts = (of: NoteSession): Y.Map<Y.XmlFragment> => of.doc.getMap(DRAFTS_ROOT);
const write = (of: NoteSession, draftId: string, text: string): void => {
  if (!drafts(of).has(draftId)) drafts(of).set(draftId, new Y.XmlFragment());
  const draft = drafts(of).get(draftId);
  if (draft !== undefined) new Quill(of.doc, draft).write(text);
};

describe('a thread in the browser', () => {
  test('[C3] what is written without a network is counted, and merges on return', async () => {
    const [a, b] = [await session(), await session()];
    write(a, 'd1', 'Avant');
    await until(() => drafts(b).get('d1')?.toString() === toHtml('Avant'), 'read');
    await until(() => a.state.waiting === 0 && a.state.save === 'saved', 'saved');
    a.provider.disconnect();
    await until(() => a.state.save === 'offline', 'offline');
    write(a, 'd1', 'Dans le tunnel');
    new Quill(a.doc, a.fragment).write('La note aussi');
    expect(a.state.waiting).toBeGreaterThan(0);
    expect(a.state.writable).toBe(true);
    write(b, 'd1', 'Au bureau');
    a.provider.connect();
    await until(() => a.state.save === 'saved' && a.state.waiting === 0, 'saved again');
    await until(() => drafts(a).get('d1')?.toString() === drafts(b).get('d1')?.toString(), 'level');
    for (const text of ['Avant', 'Dans le tunnel', 'Au bureau'])
      expect(drafts(b).get('d1')?.toString()).toContain(text);
    expect(b.fragment.toString()).toBe(toHtml('La note aussi'));
  });

  test('words for a draft that was thrown away meanwhile are handed out, and only they', async () => {
    const unsent: string[] = [];
    const [a, b] = [await session((text) => unsent.push(text)), await session((text) => unsent.push(`b: ${text}`))];
    write(a, 'd1', 'Déjà dit');
    await until(() => drafts(b).has('d1') && a.state.waiting === 0, 'read');
    a.provider.disconnect();
    await until(() => a.state.save === 'offline', 'offline');
    write(a, 'd1', 'Jamais envoyé');
    drafts(b).delete('d1');
    await until(() => b.state.waiting === 0, 'thrown away');
    a.provider.connect();
    await until(() => !drafts(a).has('d1'), 'gone here too');
    expect(unsent).toEqual(['Jamais envoyé']);
  });

  test('words for a draft that was posted meanwhile stay in it', async () => {
    const unsent: string[] = [];
    const [a, b] = [await session((text) => unsent.push(text)), await session()];
    write(a, 'd1', 'Posté');
    await until(() => drafts(b).has('d1') && a.state.waiting === 0, 'read');
    a.provider.disconnect();
    await until(() => a.state.save === 'offline', 'offline');
    const line = (drafts(a).get('d1')?.get(0) as Y.XmlElement).get(0) as Y.XmlText;
    line.insert(line.length, ', et la suite');
    const vector = Buffer.from(Y.encodeStateVector(b.doc)).toString('base64');
    const document = threadDocument(dispute.id, 'internal');
    await house.collab.live.removeDraft(house.workspace.id, document, 'd1', vector);
    a.provider.connect();
    await until(() => drafts(b).get('d1')?.toString() === toHtml(', et la suite'), 'the rest is there');
    await until(() => drafts(a).get('d1')?.toString() === toHtml(', et la suite'), 'the posted part is gone');
    expect(unsent).toEqual([]);
  });
});
