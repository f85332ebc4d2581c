import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Account } from '#lib/domain/account/account.ts';
import type { Audience } from '#lib/domain/thread/audience.ts';
import type { Dispute } from '#lib/domain/dispute/dispute.ts';
import type { Actor, Member } from '#lib/domain/member/member.ts';
import { type AppError } from '#lib/protocol/errors.ts';
import { threadDocument } from '#lib/protocol/streams.ts';
import { messageList } from '#server/queries/message-list.ts';
import { threadViews } from '#server/queries/thread-view.ts';
import { newId } from '#server/store/id.ts';
import { messages } from '#server/store/kinds/disputes.ts';
import { StoreUnavailable } from '#server/store/port.ts';
import { postMessage } from '#server/services/threads/post-message.ts';
import { openCollab, type CollabHouse, type Pen } from '../support/collab.ts';
import { actorFor } from '../support/factories.ts';
import { until } from '../support/realtime.ts';
import { openedDispute } from '../support/thread-world.ts';

let house: CollabHouse;
let dispute: Dispute;
let account: Account;
type Person = { member: Member; cookie: string; actor: Actor };
let awa: Person;
let bruno: Person;

const person = async (name: string): Promise<Person> => {
  const found = await house.person({ name, role: 'collector' });
  return { ...found, actor: actorFor(found.member) };
};
beforeAll(async () => {
  house = await openCollab();
  account = house.account;
  awa = await person('Awa');
  bruno = await person('Bruno');
});
afterAll(() => house.close());
beforeEach(async () => {
  dispute = await openedDispute(house.app, house.workspace, account);
});

const penOf = (who: Person, audience: Audience = 'internal'): Promise<Pen> =>
  house.pen(who, { document: threadDocument(dispute.id, audience) }).ready();
const post = (who: Person, draftId: string, stateVector: string | null, key: string | null = newId(), extra = {}) =>
  postMessage(
    house.app,
    who.actor,
    {
      id: dispute.id,
      audience: 'internal',
      draftId,
      stateVector,
      body: null,
      replyTo: null,
      attachmentIds: [],
      ...extra,
    },
    { idempotencyKey: key, expectedVersion: null },
  );
const texts = async (audience: Audience = 'internal'): Promise<string[]> =>
  (await messageList(house.app, awa.actor, { id: dispute.id, audience, limit: 50 })).messages.map(({ text }) => text);
const refused = async (work: Promise<unknown>): Promise<AppError> =>
  work.then(
    () => expect.unreachable('it was posted'),
    (error: unknown) => error as AppError,
  );

describe('posting a shared draft', () => {
  it('posts what both have written, names both, and takes it out of the document', async () => {
    const [one, two] = [await penOf(awa), await penOf(bruno)];
    const draftId = newId();
    one.begin(draftId).write('La palette est arrivée cassée.');
    await until(() => two.draft(draftId) !== null && two.draftText(draftId).includes('cassée'), 'the draft is shared');
    two.in(draftId).write('Photo à suivre.');
    const { id } = await post(bruno, draftId, two.vector);
    const message = await house.app.store.workspace(house.workspace.id).docs(messages).get(id);
    expect(message?.text).toBe('La palette est arrivée cassée.\nPhoto à suivre.');
    expect(message).toMatchObject({ authorId: bruno.member.id, coAuthorIds: [awa.member.id] });
    await until(() => ![one, two].some((pen) => pen.draftText(draftId).includes('palette')), 'it is gone everywhere');
    const [view] = await threadViews(house.app, awa.actor, dispute, account);
    expect(view).toMatchObject({ document: threadDocument(dispute.id, 'internal'), epoch: 1, lastSeq: 1 });
  });

  it('waits for the author’s last words when the command overtakes them', async () => {
    const pen = await penOf(awa);
    const draftId = newId();
    pen.begin(draftId).write('Début');
    await until(() => pen.saved, 'saved');
    pen.holding = true;
    pen.in(draftId).write('et fin');
    const posting = post(awa, draftId, pen.vector);
    setTimeout(() => pen.release(), 300);
    await posting;
    expect(await texts()).toEqual(['Début\net fin']);
  });

  it('refuses when they do not come within two seconds, and keeps the draft', async () => {
    const pen = await penOf(awa);
    const draftId = newId();
    pen.begin(draftId).write('Début');
    await until(() => pen.saved, 'saved');
    pen.holding = true;
    pen.in(draftId).write('perdu en route');
    expect((await refused(post(awa, draftId, pen.vector))).code).toBe('draft_behind');
    expect(await texts()).toEqual([]);
    pen.release();
    await post(awa, draftId, pen.vector);
    expect(await texts()).toEqual(['Début\nperdu en route']);
  });

  it('two who post the same draft at once post it once', async () => {
    const [one, two] = [await penOf(awa), await penOf(bruno)];
    const draftId = newId();
    one.begin(draftId).write('Réponse commune');
    await until(() => two.draftText(draftId).includes('commune'), 'shared');
    const [a, b] = await Promise.allSettled([post(awa, draftId, one.vector), post(bruno, draftId, two.vector)]);
    expect([a.status, b.status].sort()).toEqual(['fulfilled', 'rejected']);
    const lost = a.status === 'rejected' ? a : b;
    expect((lost as PromiseRejectedResult).reason).toMatchObject({
      code: 'conflict',
      details: { rule: 'draft_posted' },
    });
    expect(await texts()).toEqual(['Réponse commune']);
  });

  it('[K3] the same key answers the same, and takes a draft out that a crash left there', async () => {
    const pen = await penOf(awa);
    const draftId = newId();
    pen.begin(draftId).write('Une seule fois');
    const key = newId();
    const { live } = house.app;
    const vector = pen.vector;
    house.app.live = {
      read: (...given) => live.read(...given),
      takeDraft: (...given) => live.takeDraft(...given),
      restart: (...given) => live.restart(...given),
      forget: (...given) => live.forget(...given),
      removeDraft: () => Promise.reject(new Error('stopped between the two')),
    };
    const first = await post(awa, draftId, vector, key);
    expect(pen.draftText(draftId)).toContain('Une seule fois');
    house.app.live = live;
    expect(await post(awa, draftId, vector, key)).toEqual(first);
    await until(() => !pen.draftText(draftId).includes('fois'), 'the draft is gone');
    expect(await texts()).toEqual(['Une seule fois']);
  });

  it('[D4] a store that fails loses nothing: the draft stays, and is posted once it answers', async () => {
    const pen = await penOf(awa);
    const draftId = newId();
    pen.begin(draftId).write('Rien de perdu');
    await until(() => pen.saved, 'saved');
    const { store } = house.app;
    house.app.store = Object.create(store, {
      workspace: {
        value: (id: string) => ({
          ...store.workspace(id),
          transaction: () => Promise.reject(new StoreUnavailable('down')),
        }),
      },
    }) as typeof store;
    await expect(post(awa, draftId, pen.vector, 'key-of-the-fault')).rejects.toBeInstanceOf(StoreUnavailable);
    house.app.store = store;
    expect(pen.draftText(draftId)).toContain('Rien de perdu');
    await post(awa, draftId, pen.vector, 'key-of-the-fault');
    expect(await texts()).toEqual(['Rien de perdu']);
  });

  it('a draft of one audience cannot be posted for another', async () => {
    const pen = await penOf(awa, 'credit');
    const draftId = newId();
    pen.begin(draftId).write('confidentiel');
    await until(() => pen.saved, 'saved');
    for (const audience of ['internal', 'customer'] as const)
      expect((await refused(post(awa, draftId, null, newId(), { audience }))).code).toBe('draft_empty');
    expect((await refused(post(awa, draftId, 'BQ==', newId(), { audience: 'credit' }))).code).toBe('validation_failed');
    await post(awa, draftId, pen.vector, newId(), { audience: 'credit' });
    expect(await texts('credit')).toEqual(['confidentiel']);
  });
});
