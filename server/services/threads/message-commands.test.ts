import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AUDIENCES, type Audience } from '#lib/domain/thread/audience.ts';
import { ROLES } from '#lib/domain/member/member.ts';
import { mayReadAudience, mayWriteAudience } from '#lib/policies/audience.ts';
import type { Attachment } from '#lib/domain/attachment/attachment.ts';
import type { Message } from '#lib/domain/thread/thread.ts';
import { AppError } from '#lib/protocol/errors.ts';
import type { ChangedRecords } from '#lib/protocol/events.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import { bodyOf, buildThreadWorld, openedDispute, type ThreadWorld } from '../../../test/support/thread-world.ts';
import { attachmentList } from '../../queries/attachments.ts';
import { messageList } from '../../queries/message-list.ts';
import { threadViews } from '../../queries/thread-view.ts';
import { accountTimeline } from '../../queries/timeline.ts';
import { attachments, messages, notifications } from '../../store/kinds/disputes.ts';
import { addAttachment } from '../attachments/add-attachment.ts';
import { sweepAttachments } from '../attachments/sweep-attachments.ts';
import { removeAttachment } from '../attachments/remove-attachment.ts';
import { eraseMessage } from '../erasure/erase-message.ts';
import { NO_META } from '../command.ts';
import { copyMessage } from './copy-message.ts';
import { deleteMessage } from './delete-message.ts';
import { editMessage } from './edit-message.ts';
import { followThread, readThread } from './follow-thread.ts';
import { postMessage } from './post-message.ts';
import { react } from './react.ts';

let world: ThreadWorld;
beforeAll(async () => {
  world = await buildThreadWorld();
});
afterAll(() => world.app.close());
beforeEach(async () => {
  world.dispute = await openedDispute(world.app, world.workspace, world.account);
});

type Who = keyof ThreadWorld['actor'];
const given = (body: unknown): Record<string, unknown> => body as Record<string, unknown>;
const post = (who: Who, body: unknown, audience: Audience = 'internal', extra: object = {}) =>
  postMessage(
    world.app,
    world.actor[who],
    {
      id: world.dispute.id,
      audience,
      stateVector: null,
      draftId: null,
      replyTo: null,
      attachmentIds: [],
      body: given(body),
      ...extra,
    },
    NO_META,
  );
const codeOf = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'ok',
    (error: unknown) => (error instanceof AppError ? error.code : error),
  );
const stored = async (id: string) => (await world.store.docs(messages).get(id)) ?? expect.unreachable('no message');
const edit = (who: Who, id: string, body: unknown) => editMessage(world.app, world.actor[who], { id, body }, NO_META);
const one = async function* (bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
};
const PNG = Buffer.from('89504e470d0a1a0a', 'hex');
const upload = (who: Who, audience: Audience, name = 'palette.png') =>
  addAttachment(
    world.app,
    world.actor[who],
    { id: world.dispute.id, audience, name },
    one(Buffer.concat([PNG, randomBytes(50)])),
    NO_META,
  );
const lastEvent = async (audience: Audience) => {
  const stream = accountStream(world.account.id, audience);
  const { seq } = await world.store.journal.head(stream);
  return (await world.store.journal.read(stream, seq - 1, 1))[0];
};

describe('[A1] what is done with a message', () => {
  it.each(AUDIENCES)('%s: every role, every command', async (audience) => {
    const { id } = await post('manager', bodyOf('un mot'), audience);
    for (const role of ROLES) {
      const actor = world.actor[role];
      const reads = mayReadAudience(actor, audience);
      const writes = mayWriteAudience(actor, audience);
      const write = (allowed: string): string => (writes ? allowed : reads ? 'forbidden' : 'not_found');
      const own = role === 'manager';
      const thread = { id: world.dispute.id, audience };
      expect([role, await codeOf(react(world.app, actor, { id, reaction: '👍', on: true }, NO_META))]).toEqual([
        role,
        write('ok'),
      ]);
      expect([role, await codeOf(edit(role, id, bodyOf('autre')))]).toEqual([role, write(own ? 'ok' : 'forbidden')]);
      if (!own)
        expect([role, await codeOf(deleteMessage(world.app, actor, { id }, NO_META))]).toEqual([
          role,
          write('forbidden'),
        ]);
      const marks = followThread(world.app, actor, { ...thread, following: true }, NO_META);
      expect([role, await codeOf(marks)]).toEqual([role, reads ? 'ok' : 'not_found']);
      expect([role, await codeOf(readThread(world.app, actor, { ...thread, seq: 1 }, NO_META))]).toEqual([
        role,
        reads ? 'ok' : 'not_found',
      ]);
      const copied = copyMessage(
        world.app,
        actor,
        { id, audience: 'partner', body: given(bodyOf('copie')), attachmentIds: [] },
        NO_META,
      );
      const outward = mayWriteAudience(actor, 'partner');
      const expected = !reads
        ? 'not_found'
        : !outward
          ? 'forbidden'
          : audience === 'partner'
            ? 'validation_failed'
            : 'ok';
      expect([role, await codeOf(copied)]).toEqual([role, expected]);
      const uploaded = await upload(role, audience).catch((error: unknown) => error as AppError);
      expect([role, uploaded instanceof AppError ? uploaded.code : 'ok']).toEqual([role, write('ok')]);
    }
  });

  it('[A6] nothing of a credit thread reaches another role, by any query', async () => {
    await post('manager', bodyOf('canari-4711'), 'credit');
    await upload('collector', 'credit', 'canari-4711.png');
    for (const role of ROLES) {
      const actor = world.actor[role];
      const seen = JSON.stringify([
        await threadViews(world.app, actor, world.dispute, world.account),
        await attachmentList(world.app, actor, { id: world.dispute.id }),
        await accountTimeline(world.app, actor, { id: world.account.id, before: null, limit: 200 }),
      ]);
      expect([role, seen.includes('canari-4711')]).toEqual([role, mayReadAudience(actor, 'credit')]);
      expect([role, seen.includes('"credit"')]).toEqual([role, mayReadAudience(actor, 'credit')]);
    }
  });
});

describe('editing and deleting', () => {
  it('changes the words of one’s own, leaves a trace, and keeps the words before in the timeline', async () => {
    const { id } = await post('sales', bodyOf('prix de janvier'));
    world.app.clock.advance(1_000);
    await edit('sales', id, bodyOf('prix de février ', { kind: 'member', id: world.member.adv.id }));
    const message = await stored(id);
    expect(message).toMatchObject({ editedBy: world.member.sales.id, editedAt: world.app.clock.now(), version: 2 });
    expect(message.text).toContain('février');
    const told = await world.store.docs(notifications).find({ memberId: world.member.adv.id }, { sort: ['-at'] });
    expect(told.docs.filter(({ messageId }) => messageId === id)).toMatchObject([{ kind: 'message.mentioned' }]);
    const { events } = await accountTimeline(world.app, world.actor.quality, {
      id: world.account.id,
      before: null,
      names: 'message.posted,message.edited',
      disputeId: world.dispute.id,
      limit: 10,
    });
    expect(events.map(({ name }) => name)).toEqual(['message.edited', 'message.posted']);
    expect(JSON.stringify(events[1]?.personal)).toContain('janvier');
  });

  it('keeps a mention that was allowed once, and refuses a new one that is not', async () => {
    const { id } = await post('collector', bodyOf('x'), 'credit');
    const body = bodyOf({ kind: 'member', id: world.member.sales.id });
    expect(await codeOf(edit('collector', id, body))).toBe('validation_failed');
  });

  it('deletes to a marker: no words, no files, the place kept; the second time it is gone', async () => {
    const file = await upload('sales', 'internal');
    const { id } = await post('sales', bodyOf('à retirer'), 'internal', { attachmentIds: [file.id] });
    await post('quality', bodyOf('après'));
    await deleteMessage(world.app, world.actor.sales, { id }, NO_META);
    const page = await messageList(world.app, world.actor.quality, {
      id: world.dispute.id,
      audience: 'internal',
      limit: 50,
    });
    expect(page.messages.map(({ seq, state, text, body }) => [seq, state, text, body === null])).toEqual([
      [1, 'deleted', '', true],
      [2, 'posted', 'après', false],
    ]);
    expect(await world.store.files.open(file.fileId)).toBeNull();
    expect((await lastEvent('internal'))?.name).toBe('message.deleted');
    expect(await codeOf(deleteMessage(world.app, world.actor.sales, { id }, NO_META))).toBe('message_gone');
    expect(await codeOf(edit('sales', id, bodyOf('non')))).toBe('message_gone');
    expect(await codeOf(react(world.app, world.actor.sales, { id, reaction: '👍', on: true }, NO_META))).toBe(
      'message_gone',
    );
  });

  it('lets a manager delete another’s message', async () => {
    const { id } = await post('sales', bodyOf('injure'));
    expect(await codeOf(deleteMessage(world.app, world.actor.manager, { id }, NO_META))).toBe('ok');
  });
});

describe('reactions', () => {
  it('holds who reacted, once each, and forgets who takes it back', async () => {
    const { id } = await post('sales', bodyOf('livré'));
    const by = (who: Who, on: boolean) => react(world.app, world.actor[who], { id, reaction: '✅', on }, NO_META);
    await Promise.all([by('quality', true), by('adv', true), by('quality', true)]);
    expect((await stored(id)).reactions['✅']?.toSorted()).toEqual(
      [world.member.quality.id, world.member.adv.id].toSorted(),
    );
    await by('quality', false);
    await by('adv', false);
    expect((await stored(id)).reactions).toEqual({});
  });
});

describe('copying outward', () => {
  it('sends exactly what is given, members by name, and says it in the team’s stream alone', async () => {
    const file = await upload('collector', 'credit', 'preuve.png');
    const kept = await upload('collector', 'credit', 'interne.png');
    const { id } = await post('collector', bodyOf('secret et palette'), 'credit', {
      attachmentIds: [file.id, kept.id],
    });
    const internal = await world.store.journal.head(accountStream(world.account.id, 'internal'));
    const body = bodyOf('La palette : ', { kind: 'member', id: world.member.sales.id, label: 'notre commercial' });
    const copy = await copyMessage(
      world.app,
      world.actor.collector,
      { id, audience: 'customer', body: given(body), attachmentIds: [file.id] },
      NO_META,
    );
    const message = await stored(copy.id);
    expect(message).toMatchObject({
      audience: 'customer',
      text: 'La palette : @notre commercial',
      mentions: [],
      seq: 1,
    });
    const [carried] = await world.store.docs(attachments).getMany(message.attachmentIds);
    expect(carried).toMatchObject({ name: 'preuve.png', audience: 'customer', state: 'posted', messageId: copy.id });
    expect(carried?.id).not.toBe(file.id);
    const outside = JSON.stringify([message, carried, await lastEvent('customer')]);
    for (const secret of [id, file.id, 'secret', 'interne.png', 'credit']) expect(outside).not.toContain(secret);
    expect(await lastEvent('credit')).toMatchObject({
      name: 'message.copied',
      data: { messageId: id, copyId: copy.id, from: 'credit', audience: 'customer' },
    });
    expect((await world.store.journal.head(accountStream(world.account.id, 'internal'))).seq).toBe(internal.seq);
    const told = await world.store.docs(notifications).find({ memberId: world.member.sales.id }, { sort: ['-at'] });
    expect(told.docs.filter(({ messageId }) => messageId === copy.id)).toEqual([]);
  });

  it('keeps the bytes as long as one of the two needs them', async () => {
    const file = await upload('collector', 'internal');
    const { id } = await post('collector', bodyOf('photo'), 'internal', { attachmentIds: [file.id] });
    const copy = await copyMessage(
      world.app,
      world.actor.collector,
      { id, audience: 'customer', body: given(bodyOf('photo')), attachmentIds: [file.id] },
      NO_META,
    );
    await deleteMessage(world.app, world.actor.collector, { id }, NO_META);
    expect(await world.store.files.open(file.fileId)).not.toBeNull();
    await deleteMessage(world.app, world.actor.collector, { id: copy.id }, NO_META);
    expect(await world.store.files.open(file.fileId)).toBeNull();
  });

  it.each([
    ['customer', 'internal', 'not_wider'],
    ['internal', 'credit', 'not_wider'],
    ['internal', 'internal', 'not_wider'],
    ['customer', 'partner', null],
    ['credit', 'internal', null],
  ] as const)('%s to %s: %s', async (from, to, reason) => {
    const { id } = await post('manager', bodyOf('x'), from);
    const copied = copyMessage(
      world.app,
      world.actor.manager,
      { id, audience: to, body: given(bodyOf('x')), attachmentIds: [] },
      NO_META,
    );
    expect(await codeOf(copied)).toBe(reason === null ? 'ok' : 'validation_failed');
  });
});

describe('files of a thread', () => {
  it('are taken along by the message of who uploaded them, in that thread only', async () => {
    const [mine, hers, elsewhere] = [
      await upload('sales', 'internal'),
      await upload('quality', 'internal'),
      await upload('sales', 'customer'),
    ];
    for (const wrong of [hers, elsewhere])
      expect(await codeOf(post('sales', bodyOf('x'), 'internal', { attachmentIds: [wrong.id] }))).toBe(
        'validation_failed',
      );
    expect(await codeOf(post('sales', bodyOf(' '), 'internal', { attachmentIds: [mine.id] }))).toBe('ok');
    expect(await codeOf(post('sales', bodyOf('x'), 'internal', { attachmentIds: [mine.id] }))).toBe(
      'validation_failed',
    );
  });

  it('that nobody posted go after a day, and bytes without a record too; posted ones stay', async () => {
    const draft = await upload('sales', 'internal');
    const file = await upload('sales', 'internal');
    await post('sales', bodyOf('x'), 'internal', { attachmentIds: [file.id] });
    expect((await sweepAttachments(world.app, world.workspace.id)).drafts).toBe(0);
    world.app.clock.advance(25 * 3_600_000);
    expect((await sweepAttachments(world.app, world.workspace.id)).drafts).toBeGreaterThan(0);
    expect(await world.store.docs(attachments).get(draft.id)).toBeNull();
    expect(await world.store.files.open(draft.fileId)).toBeNull();
    expect(await world.store.files.open(file.fileId)).not.toBeNull();
  });

  it('are removed by who uploaded them or a manager', async () => {
    const file = await upload('sales', 'internal');
    await post('sales', bodyOf('x'), 'internal', { attachmentIds: [file.id] });
    const remove = (who: Who) => removeAttachment(world.app, world.actor[who], { id: file.id }, NO_META);
    expect(await codeOf(remove('quality'))).toBe('forbidden');
    expect(await codeOf(remove('sales'))).toBe('ok');
    expect(await codeOf(remove('sales'))).toBe('not_found');
    expect((await lastEvent('internal'))?.name).toBe('attachment.removed');
  });

  it('refuses what is no file of a known type, and keeps nothing of it', async () => {
    const before = await filesOf();
    const page = Buffer.from('<!doctype html><script>alert(1)</script>');
    const add = addAttachment(
      world.app,
      world.actor.sales,
      { id: world.dispute.id, audience: 'internal', name: 'photo.png' },
      one(page),
      NO_META,
    );
    expect(await codeOf(add)).toBe('unsupported_media');
    expect(await filesOf()).toEqual(before);
  });
});

async function filesOf(): Promise<string[]> {
  const found: string[] = [];
  for await (const { fileId } of world.store.files.list()) found.push(fileId);
  return found.sort();
}

describe('following and reading', () => {
  it('marks move on only, never beyond what is there, and clear what one was told', async () => {
    await followThread(
      world.app,
      world.actor.quality,
      { id: world.dispute.id, audience: 'internal', following: true },
      NO_META,
    );
    for (const text of ['un', 'deux', 'trois']) await post('sales', bodyOf(text));
    const read = (seq: number) =>
      readThread(world.app, world.actor.quality, { id: world.dispute.id, audience: 'internal', seq }, NO_META);
    const unread = async () => {
      const page = await world.store
        .docs(notifications)
        .find({ memberId: world.member.quality.id, disputeId: world.dispute.id, read: false });
      return page.docs.length;
    };
    expect(await unread()).toBe(3);
    expect(await read(2)).toMatchObject({ readSeq: 2, following: true });
    expect(await read(1)).toMatchObject({ readSeq: 2 });
    expect(await unread()).toBe(3);
    expect(await read(99)).toMatchObject({ readSeq: 3 });
    expect(await unread()).toBe(0);
  });
});

describe('[C2] what the streams say is what is stored', () => {
  it('after any program of posts, edits, reactions, removals, copies and erasures', async () => {
    const roles: Who[] = ['collector', 'manager', 'sales'];
    const step = fc.record({
      act: fc.constantFrom('post', 'file', 'edit', 'react', 'delete', 'copy', 'drop', 'erase'),
      who: fc.constantFrom(...roles),
      audience: fc.constantFrom(...AUDIENCES),
      pick: fc.nat(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 30 }), async (program) => {
        world.dispute = await openedDispute(world.app, world.workspace, world.account);
        const ids: string[] = [];
        const files: string[] = [];
        for (const { act, who, audience, pick } of program) {
          const actor = world.actor[who];
          const id = ids[pick % Math.max(1, ids.length)] ?? 'none';
          const work = async (): Promise<unknown> => {
            if (act === 'post') return ids.push((await post(who, bodyOf(`mot ${pick}`), audience)).id);
            if (act === 'file') {
              const file = await upload(who, audience);
              files.push(file.id);
              return ids.push((await post(who, bodyOf('photo'), audience, { attachmentIds: [file.id] })).id);
            }
            if (act === 'edit') return edit(who, id, bodyOf(`corrigé ${pick}`));
            if (act === 'react') return react(world.app, actor, { id, reaction: '👀', on: pick % 3 > 0 }, NO_META);
            if (act === 'delete') return deleteMessage(world.app, actor, { id }, NO_META);
            if (act === 'drop')
              return removeAttachment(
                world.app,
                actor,
                { id: files[pick % Math.max(1, files.length)] ?? 'none' },
                NO_META,
              );
            if (act === 'erase') return eraseMessage(world.app, world.actor.manager, { id }, NO_META);
            const { attachmentIds } = (await world.store.docs(messages).get(id)) ?? { attachmentIds: [] };
            const copied = { id, audience, body: given(bodyOf('copie')), attachmentIds };
            return ids.push((await copyMessage(world.app, actor, copied, NO_META)).id);
          };
          await work().catch((error: unknown) => {
            if (!(error instanceof AppError)) throw error;
          });
        }
        await expectSaid();
      }),
      { numRuns: 15 },
    );
  }, 60_000);
});

async function expectSaid(): Promise<void> {
  const told = { messages: new Map<string, Message>(), attachments: new Map<string, Attachment>() };
  for (const audience of AUDIENCES) {
    const stream = accountStream(world.account.id, audience);
    for (let after = 0; ;) {
      const events = await world.store.journal.read(stream, after, 500);
      for (const { data, personal, seq } of events) {
        after = seq;
        for (const part of [data, personal ?? {}]) {
          const records = (part.records ?? {}) as ChangedRecords;
          for (const one of records.messages ?? []) {
            expect(one.audience).toBe(audience);
            told.messages.set(one.id, one);
          }
          for (const one of records.attachments ?? []) told.attachments.set(one.id, one);
        }
      }
      if (events.length < 500) break;
    }
    expect(await world.store.journal.verify(stream)).toBeNull();
  }
  const of = <T extends { disputeId: string | null }>(all: Iterable<T>): T[] =>
    [...all].filter(({ disputeId }) => disputeId === world.dispute.id);
  const stored = { messages: [] as Message[], attachments: [] as Attachment[] };
  for await (const one of world.store.docs(messages).each({ accountId: world.account.id })) stored.messages.push(one);
  for await (const one of world.store.docs(attachments).each({ accountId: world.account.id }))
    if (one.state !== 'draft') stored.attachments.push(one);
  const byId = <T extends { id: string }>(all: T[]): T[] => all.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  expect(byId(of(told.messages.values()))).toEqual(byId(of(stored.messages)));
  expect(byId(of(told.attachments.values()))).toEqual(byId(of(stored.attachments)));
}
