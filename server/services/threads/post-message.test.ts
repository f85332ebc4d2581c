import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AUDIENCES, type Audience } from '#lib/domain/thread/audience.ts';
import { ROLES } from '#lib/domain/member/member.ts';
import { mayReadAudience, mayWriteAudience } from '#lib/policies/audience.ts';
import { AppError } from '#lib/protocol/errors.ts';
import { accountStream, memberStream } from '#lib/protocol/streams.ts';
import { bodyOf, buildThreadWorld, openedDispute, type ThreadWorld } from '../../../test/support/thread-world.ts';
import { buildAccount } from '../../../test/support/factories.ts';
import { messageList } from '../../queries/message-list.ts';
import { items } from '../../store/kinds/workspace.ts';
import { messages, notifications } from '../../store/kinds/disputes.ts';
import { postMessage } from './post-message.ts';
import { hasAnswered } from './post-in.ts';

let world: ThreadWorld;
beforeAll(async () => {
  world = await buildThreadWorld();
});
afterAll(() => world.app.close());

const FRESH = { stateVector: null, draftId: null, replyTo: null, attachmentIds: [] };
type Who = keyof ThreadWorld['actor'];

const post = (
  who: Who,
  body: unknown,
  audience: Audience = 'internal',
  extra: object = {},
  key: string | null = null,
) =>
  postMessage(
    world.app,
    world.actor[who],
    { id: world.dispute.id, audience, ...FRESH, body: body as Record<string, unknown>, ...extra },
    { idempotencyKey: key, expectedVersion: null },
  );
const list = (who: Who, audience: Audience = 'internal', page: object = {}) =>
  messageList(world.app, world.actor[who], { id: world.dispute.id, audience, limit: 50, ...page });
const toldOf = async (who: Who, messageId: string) =>
  (
    await world.store.docs(notifications).find({ memberId: world.member[who].id }, { sort: ['-at'], limit: 200 })
  ).docs.filter((one) => one.messageId === messageId);
const codeOf = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'ok',
    (error: unknown) => (error instanceof AppError ? error.code : error),
  );
const reasonsOf = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'ok',
    (error: unknown) => (error instanceof AppError ? error.details.issues : error),
  );

describe('posting', () => {
  beforeEach(async () => {
    world.dispute = await openedDispute(world.app, world.workspace, world.account);
  });

  it.each(AUDIENCES)('[A1] %s: who may write writes, who may read reads, the others find nothing', async (audience) => {
    const said = await post('manager', bodyOf('un mot'), audience);
    for (const role of ROLES) {
      const actor = world.actor[role];
      const [reads, writes] = [mayReadAudience(actor, audience), mayWriteAudience(actor, audience)];
      expect([role, await codeOf(list(role, audience))]).toEqual([role, reads ? 'ok' : 'not_found']);
      const expected = writes ? 'ok' : reads ? 'forbidden' : 'not_found';
      expect([role, await codeOf(post(role, bodyOf('un autre'), audience))]).toEqual([role, expected]);
    }
    expect(said).toMatchObject({ seq: 1, audience, state: 'posted', version: 1 });
  });

  it('numbers the messages of each thread from 1 without gap, whoever writes at once', async () => {
    const writers: Who[] = ['collector', 'sales', 'quality', 'manager', 'adv'];
    await Promise.all(
      Array.from({ length: 25 }, (_, at) => post(writers[at % 5] ?? 'manager', bodyOf(`message ${at}`))),
    );
    await post('manager', bodyOf('ailleurs'), 'credit');
    const page = await list('quality', 'internal', { limit: 200 });
    expect(page.messages.map(({ seq }) => seq)).toEqual(Array.from({ length: 25 }, (_, at) => at + 1));
    expect(page.lastSeq).toBe(25);
    expect((await list('manager', 'credit')).messages.map(({ seq }) => seq)).toEqual([1]);
    expect((await list('quality', 'internal', { after: 20 })).messages.map(({ seq }) => seq)).toEqual([
      21, 22, 23, 24, 25,
    ]);
    expect((await list('quality', 'internal', { before: 4, limit: 2 })).messages.map(({ seq }) => seq)).toEqual([2, 3]);
  });

  it('[K3] answers the same under the same key, and stores one', async () => {
    const body = bodyOf('une fois');
    const first = await post('sales', body, 'internal', {}, 'key-1');
    expect(await post('sales', body, 'internal', {}, 'key-1')).toEqual(first);
    expect(await codeOf(post('sales', bodyOf('autre'), 'internal', {}, 'key-1'))).toBe('idempotency_mismatch');
    expect((await list('sales')).lastSeq).toBe(1);
  });

  it('says it in the account’s stream of that audience only, with the words in the part that can be erased', async () => {
    const heads = new Map<Audience, number>();
    for (const audience of AUDIENCES)
      heads.set(audience, (await world.store.journal.head(accountStream(world.account.id, audience))).seq);
    await post('manager', bodyOf('secret de canari'), 'credit');
    for (const audience of AUDIENCES) {
      const { seq } = await world.store.journal.head(accountStream(world.account.id, audience));
      expect(seq - (heads.get(audience) ?? 0)).toBe(audience === 'credit' ? 1 : 0);
    }
    const [event] = await world.store.journal.read(
      accountStream(world.account.id, 'credit'),
      heads.get('credit') ?? 0,
      10,
    );
    expect(JSON.stringify(event?.data)).not.toContain('canari');
    expect(JSON.stringify(event?.personal)).toContain('canari');
    expect(event?.data).toMatchObject({ disputeId: world.dispute.id, audience: 'credit' });
  });

  it('takes mentions from the body alone, names them by the records, and tells members', async () => {
    const { docs } = await world.store
      .docs(items)
      .find({ accountId: world.account.id, state: 'open' }, { sort: ['dueDay'] });
    const body = bodyOf('Voir ', { kind: 'member', id: world.member.quality.id, label: 'Le directeur' }, ' et ', {
      kind: 'item',
      id: docs[0]?.id ?? '',
    });
    const { id } = await post('collector', body);
    const stored = await world.store.docs(messages).get(id);
    expect(stored?.text).toBe(`Voir @${world.member.quality.name} et #FA-1203`);
    expect(stored?.mentions.map(({ kind }) => kind)).toEqual(['member', 'item']);
    expect(await toldOf('quality', id)).toMatchObject([{ kind: 'message.mentioned', audience: 'internal' }]);
    const { seq } = await world.store.journal.head(memberStream(world.member.quality.id));
    const [notice] = await world.store.journal.read(memberStream(world.member.quality.id), seq - 1, 1);
    expect(notice?.data).toMatchObject({ kind: 'message.mentioned', messageId: id });
    expect(JSON.stringify(notice)).not.toContain('Voir');
  });

  it('refuses a mention of somebody who may not read it, and names it', async () => {
    const body = bodyOf('vu avec ', { kind: 'member', id: world.member.sales.id });
    expect(await reasonsOf(post('collector', body, 'credit'))).toEqual([
      { path: `body.mentions.${world.member.sales.id}`, reason: 'may_not_read' },
    ]);
    expect(await reasonsOf(post('collector', bodyOf({ kind: 'member', id: 'nobody' })))).toEqual([
      { path: 'body.mentions.nobody', reason: 'unknown' },
    ]);
    const other = await buildAccount(world.app, world.workspace, { openItems: [{ cents: 100, dueDay: '2026-02-01' }] });
    const { docs } = await world.store.docs(items).find({ accountId: other.id, state: 'open' }, { sort: ['dueDay'] });
    expect(await codeOf(post('collector', bodyOf({ kind: 'item', id: docs[0]?.id ?? '' })))).toBe('validation_failed');
    expect(await codeOf(post('collector', bodyOf({ kind: 'account', id: other.id })))).toBe('ok');
    expect(await codeOf(post('collector', bodyOf({ kind: 'account', id: other.id }), 'customer'))).toBe(
      'validation_failed',
    );
    expect((await list('collector', 'credit')).lastSeq).toBe(0);
  });

  it('tells followers, of those who may read it now, and makes whoever posts one', async () => {
    await post('quality', bodyOf('je regarde'));
    const { id } = await post('sales', bodyOf('merci'));
    expect(await toldOf('quality', id)).toMatchObject([{ kind: 'message.posted' }]);
    expect(await toldOf('sales', id)).toEqual([]);
  });

  it.each([
    ['an iframe', { type: 'doc', content: [{ type: 'iframe', attrs: { src: 'https://example.com' } }] }],
    ['no document', { type: 'paragraph' }],
    ['an empty document', { type: 'doc', content: [] }],
    ['text in the document', { type: 'doc', content: [{ type: 'text', text: 'x' }] }],
    ['nothing to read', { type: 'doc', content: [{ type: 'paragraph', content: [{ type: 'text', text: '  ' }] }] }],
    ['half a pair', { type: 'doc', content: [{ type: 'paragraph', content: [{ type: 'text', text: 'a\ud800b' }] }] }],
    ...['javascript:alert(1)', 'data:text/html,x', 'java\nscript:x', '//example.com', 'vbscript:x'].map(
      (href): [string, unknown] => [
        `a link to ${JSON.stringify(href)}`,
        {
          type: 'doc',
          content: [
            { type: 'paragraph', content: [{ type: 'text', text: 'x', marks: [{ type: 'link', attrs: { href } }] }] },
          ],
        },
      ],
    ),
  ])('[B7] refuses %s', async (_, body) => {
    expect(await codeOf(post('collector', body))).toBe('validation_failed');
    expect((await list('collector')).lastSeq).toBe(0);
  });

  it('knows since when the customer was answered', async () => {
    expect(await hasAnswered(world.store, world.dispute.id, '2026-03-16T00:00:00.000Z')).toBe(false);
    await post('collector', bodyOf('à l’interne'));
    expect(await hasAnswered(world.store, world.dispute.id, '2026-03-16T00:00:00.000Z')).toBe(false);
    await post('collector', bodyOf('Votre demande est refusée.'), 'customer');
    expect(await hasAnswered(world.store, world.dispute.id, '2026-03-16T00:00:00.000Z')).toBe(true);
    expect(await hasAnswered(world.store, world.dispute.id, '2026-03-17T00:00:00.000Z')).toBe(false);
  });

  it('refuses an answer to a message of another thread', async () => {
    const { id } = await post('manager', bodyOf('confidentiel'), 'credit');
    expect(await codeOf(post('sales', bodyOf('réponse'), 'internal', { replyTo: id }))).toBe('validation_failed');
    expect(await codeOf(post('manager', bodyOf('réponse'), 'credit', { replyTo: id }))).toBe('ok');
  });
});
