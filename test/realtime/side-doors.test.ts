import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Account } from '#lib/domain/account/account.ts';
import type { Attachment } from '#lib/domain/attachment/attachment.ts';
import type { Dispute } from '#lib/domain/dispute/dispute.ts';
import type { Mail } from '#lib/domain/notification/notification.ts';
import type { Audience } from '#lib/domain/thread/audience.ts';
import type { Message } from '#lib/domain/thread/thread.ts';
import type { Action } from '#lib/policies/actions.ts';
import type { DeliveryPage, WebhookList } from '#lib/protocol/views/inbox.ts';
import { attachments, mails } from '#server/store/kinds/disputes.ts';
import { newId } from '#server/store/id.ts';
import { buildAccount, buildWorkspace } from '../support/factories.ts';
import { startReceiver, type Receiver } from '../support/receiver.ts';
import { buildPerson, START_MS, startServer, type Browser, type TestServer } from '../support/server.ts';
import { bodyOf, openedDispute } from '../support/thread-world.ts';

let server: TestServer;
let receiver: Receiver;
let account: Account;
let dispute: Dispute;
let boss: Browser;
let crowded: Dispute;
let clerk: Browser;
let admin: Browser;
const idOf = async (by: Browser): Promise<string> =>
  (await by.api('GET', '/me')).json<{ member: { id: string } }>().member.id;

beforeAll(async () => {
  receiver = await startReceiver();
  server = await startServer({
    env: { ENCOURS_WEBHOOK_PRIVATE: 'on' },
    prepare: async (app) => {
      const workspace = await buildWorkspace(app);
      await buildPerson(app, workspace, { email: 'boss@example.com', role: 'manager', name: 'Alix Chef' });
      await buildPerson(app, workspace, { email: 'clerk@example.com', role: 'adv', name: 'Bo Commis' });
      await buildPerson(app, workspace, { email: 'admin@example.com', role: 'admin', name: 'Cé Admin' });
      account = await buildAccount(app, workspace, { openItems: [{ cents: 120_000, dueDay: '2026-01-10' }] });
      dispute = await openedDispute(app, workspace, account, { department: 'adv' });
      crowded = await openedDispute(app, workspace, account, { department: 'adv' });
      await app.store.workspace(workspace.id).transaction(async (tx) => {
        await tx.docs(attachments).insertMany(Array.from({ length: 600 }, () => fileOf(crowded, 'credit', 'posted')));
        await tx.docs(attachments).insertMany(Array.from({ length: 100 }, () => fileOf(crowded, 'credit', 'draft')));
        await tx.docs(attachments).insert(fileOf(crowded, 'internal', 'posted'));
        for (const [hour, audiences] of [
          ['08', ['internal']],
          ['09', ['credit']],
          ['10', ['internal']],
          ['11', ['credit']],
          ['12', ['credit']],
          ['13', []],
          ['14', ['credit']],
        ] as const)
          await tx.docs(mails).insert(mailAt(`2026-01-05T${hour}:00:00.000Z`, [...audiences]));
      });
    },
  });
  boss = await server.as('boss@example.com');
  clerk = await server.as('clerk@example.com');
  admin = await server.as('admin@example.com');
}, START_MS);
afterAll(async () => {
  await server.close();
  await receiver.close();
});

const fileOf = (of: Dispute, audience: Audience, state: Attachment['state']): Attachment => ({
  id: newId(),
  version: 1,
  accountId: of.accountId,
  audience,
  disputeId: of.id,
  itemId: null,
  messageId: null,
  name: 'photo.png',
  type: 'image/png',
  bytes: 1,
  sha256: '',
  fileId: newId(),
  uploadedBy: 'm',
  uploadedAt: new Date().toISOString(),
  day: '2026-01-05',
  state,
});
const mailAt = (at: string, audiences: Mail['audiences']): Mail => ({
  id: newId(),
  version: 1,
  memberId: 'm',
  notificationIds: [],
  audiences,
  to: 'x@example.com',
  subject: at,
  text: '',
  daily: false,
  state: 'kept',
  createdAt: at,
  sentAt: null,
  tries: 0,
  nextTryAt: at,
  error: null,
});
const key = () => ({ 'idempotency-key': randomBytes(8).toString('hex') });
const tokenFor = async (by: Browser, actions: Action[] | null) => {
  const made = await by.api('POST', '/me/tokens', { name: 'Essai', actions, expiresOn: null }, key());
  expect(made.status, made.text).toBe(201);
  return made.json<{ id: string; secret: string }>();
};
const speaking = (secret: string) => (method: string, path: string, body?: unknown) =>
  fetch(`${server.url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

describe('[A1] a narrow token hears no more than it may read', () => {
  it('[A1] neither makes, nor turns, nor reads the log of a webhook that speaks with a wider token', async () => {
    const wide = await tokenFor(boss, null);
    const asked = { url: receiver.url, tokenId: wide.id, events: [] };
    const mine = (await boss.api('POST', '/webhooks', asked, key())).json<{ id: string }>();
    const posted = await boss.api('POST', `/disputes/${dispute.id}/messages`, {
      audience: 'credit',
      body: bodyOf('x'),
    });
    expect(posted.status).toBe(201);
    const narrow = await tokenFor(boss, ['webhook.manage', 'account.read', 'thread.read']);
    const by = speaking(narrow.secret);
    expect((await by('POST', '/webhooks', asked)).status).toBe(400);
    expect((await by('PATCH', `/webhooks/${mine.id}`, { url: `${receiver.url}/elsewhere` })).status).toBe(403);
    expect((await by('GET', `/webhooks/${mine.id}/deliveries`)).status).toBe(404);
    const list = (await (await by('GET', '/webhooks')).json()) as WebhookList;
    expect(list.webhooks).toMatchObject([{ id: mine.id, waiting: null, lastAt: null }]);
    // With itself, and with one that may do less, it does.
    expect((await by('POST', '/webhooks', { ...asked, tokenId: narrow.id })).status).toBe(201);
    const own = (await boss.api('GET', `/webhooks/${mine.id}/deliveries`)).json<DeliveryPage>();
    expect(own.deliveries.length).toBeGreaterThan(0);
  });
});

describe('[A6] what one may not read leaves no gap', () => {
  it('[A6] mails of the credit team: pages are full, and the last one says that it is the last', async () => {
    const pages: string[][] = [];
    for (let after: string | null = ''; after !== null && pages.length < 20;) {
      const answer = await admin.api(
        'GET',
        `/mails?limit=1${after === '' ? '' : `&after=${encodeURIComponent(after)}`}`,
      );
      const page = answer.json<{ mails: Mail[]; next: string | null }>();
      pages.push(page.mails.map((one) => one.subject.slice(11, 13)));
      after = page.next;
    }
    expect(pages).toEqual([['13'], ['10'], ['08']]);
    const all = (await admin.api('GET', '/mails?limit=3')).json<{ mails: Mail[]; next: string | null }>();
    expect([all.mails.length, all.next]).toEqual([3, null]);
  });

  it('[A6] files of the credit team neither push others’ out of the list nor count against them', async () => {
    const list = await clerk.api('GET', `/disputes/${crowded.id}/attachments`);
    expect(list.json<{ attachments: Attachment[] }>().attachments.map((one) => one.audience)).toEqual(['internal']);
    const bytes = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), randomBytes(100)]);
    const headers = { 'content-type': 'application/octet-stream' };
    const path = `/api/v1/disputes/${crowded.id}/attachments?audience=internal&name=a.png`;
    const added = await clerk.request('POST', path, { body: bytes, headers });
    expect(added.status, added.text).toBe(201);
  });
});

describe('[A7] nobody writes as another', () => {
  it('[A7] a mention says the name of whom it points at, after an edit too', async () => {
    const mention = (label: string) => bodyOf('Vu avec ', { kind: 'member', id: member, label }, ' ce matin');
    const member = await idOf(boss);
    const posted = await clerk.api('POST', `/disputes/${dispute.id}/messages`, { body: mention('qui on veut') });
    const { id } = posted.json<{ id: string }>();
    const edited = await clerk.api('PATCH', `/messages/${id}`, { body: mention('Le Président') });
    expect(edited.status).toBe(200);
    const { messages } = (await clerk.api('GET', `/disputes/${dispute.id}/messages`)).json<{ messages: Message[] }>();
    const now = messages.find((one) => one.id === id);
    expect(now?.text).toBe('Vu avec @Alix Chef ce matin');
    expect(JSON.stringify(now?.body)).not.toContain('Président');
  });

  it('[A7] a tab of one member does nothing with the session of another', async () => {
    const [mine, theirs] = [await idOf(clerk), await idOf(boss)];
    const path = `/disputes/${dispute.id}/messages`;
    const count = async () => (await clerk.api('GET', path)).json<{ lastSeq: number }>().lastSeq;
    const before = await count();
    const sent = await clerk.api('POST', path, { body: bodyOf('x') }, { 'encours-member': theirs });
    expect([sent.status, sent.json<{ code: string }>().code]).toEqual([401, 'unauthenticated']);
    expect(await count()).toBe(before);
    const own = await clerk.api('POST', path, { body: bodyOf('x') }, { 'encours-member': mine });
    expect(own.status).toBe(201);
  });

  it('[A3] pages kept by a browser are told apart by whose they are and by what that person might see', async () => {
    const ownerOf = async () => (await clerk.request('GET', '/inbox')).headers.get('x-encours-member') ?? '';
    const before = await ownerOf();
    expect(before).not.toBe('');
    expect(await ownerOf()).toBe(before);
    const changed = await boss.api('PATCH', `/members/${await idOf(clerk)}`, { role: 'quality' });
    expect(changed.status, changed.text).toBe(200);
    const after = await ownerOf();
    expect(after).not.toBe('');
    expect(after).not.toBe(before);
  });
});
