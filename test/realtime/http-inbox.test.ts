import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Account } from '#lib/domain/account/account.ts';
import type { Member } from '#lib/domain/member/member.ts';
import type { InboxView, NotificationPage } from '#lib/protocol/views/inbox.ts';
import { buildAccount, buildWorkspace } from '../support/factories.ts';
import { openClient, until } from '../support/realtime.ts';
import { buildPerson, START_MS, startServer, type Browser, type TestServer } from '../support/server.ts';

let server: TestServer;
let account: Account;
let seller: Member;
let ana: Browser;
let sam: Browser;
let boss: Browser;

beforeAll(async () => {
  server = await startServer({
    prepare: async (app) => {
      const workspace = await buildWorkspace(app);
      await buildPerson(app, workspace, { email: 'ana@example.com', name: 'Ana', role: 'collector' });
      await buildPerson(app, workspace, { email: 'boss@example.com', role: 'manager' });
      seller = await buildPerson(app, workspace, {
        email: 'sam@example.com',
        role: 'sales',
        departments: ['sales'],
        scope: 'portfolio',
      });
      account = await buildAccount(app, workspace, {
        salesRepId: seller.id,
        openItems: [{ cents: 120_000, dueDay: '2026-01-10', number: 'F1' }],
      });
    },
  });
  ana = await server.as('ana@example.com');
  sam = await server.as('sam@example.com');
  boss = await server.as('boss@example.com');
}, START_MS);
afterAll(() => server.close());

const told = async (who: Browser, unread = false): Promise<NotificationPage> =>
  (await who.api('GET', `/notifications?unread=${unread}`)).json<NotificationPage>();
const key = () => ({ 'idempotency-key': Math.random().toString(36).slice(2) });

let disputeId = '';

describe('what one is told', () => {
  it('[DIS-1] a question comes to the inbox at once, with its dispute and amount; the answer goes back', async () => {
    const items = (await ana.api('GET', `/accounts/${account.id}/items?state=open`)).json<{
      items: { id: string }[];
    }>();
    const opened = await ana.api(
      'POST',
      '/disputes',
      { accountId: account.id, reason: 'price', items: [{ itemId: items.items[0]?.id, cents: 40_000 }] },
      key(),
    );
    expect(opened.status).toBe(201);
    disputeId = opened.json<{ id: string }>().id;
    await ana.api('POST', `/disputes/${disputeId}/qualify`, { reason: 'price' }, key());
    const assigned = await ana.api(
      'POST',
      `/disputes/${disputeId}/assign`,
      { department: 'sales', memberId: seller.id, ask: 'Le prix était-il convenu ?' },
      key(),
    );
    expect(assigned.status).toBe(200);
    const inbox = (await sam.api('GET', '/inbox')).json<InboxView>();
    expect(inbox.tasks).toMatchObject([
      { task: { kind: 'answer_dispute', blockedCents: 40_000 }, dispute: { id: disputeId, reason: 'price' } },
    ]);
    expect((await told(sam, true)).notifications.every((one) => one.dispute?.id === disputeId)).toBe(true);
    const answered = await sam.api(
      'POST',
      `/disputes/${disputeId}/answer`,
      { decision: 'accepted', rootCause: 'price_list' },
      key(),
    );
    expect(answered.status).toBe(200);
    expect((await sam.api('GET', '/inbox')).json<InboxView>().tasks).toEqual([]);
    await until(
      async () => (await told(ana)).notifications.some((one) => one.kind === 'dispute.answered'),
      'told of the answer',
    );
  });

  it('what is read on one screen is read on all of them', async () => {
    const other = openClient(server.url, { cookie: sam.cookie(), origin: server.url });
    await other.hears('hello');
    await other.ask('follow', { topics: ['inbox'] });
    const before = await told(sam, true);
    expect(before.unread).toBeGreaterThan(0);
    await sam.api('POST', '/notifications/read', { ids: [] }, key());
    await other.hears('inbox');
    expect((await told(sam, true)).unread).toBe(0);
    expect((await sam.api('GET', '/me')).json<{ unread: number }>().unread).toBe(0);
    other.close();
  });

  it('[A6] a message of the credit team is told to nobody else, nor counted', async () => {
    const body = said('canari de crédit');
    const before = [await told(sam), (await sam.api('GET', '/inbox')).json<InboxView>()];
    const posted = await boss.api('POST', `/disputes/${disputeId}/messages`, { audience: 'credit', body }, key());
    expect(posted.status).toBe(201);
    const heard = await boss.api(
      'POST',
      `/disputes/${disputeId}/messages`,
      { audience: 'internal', body: said('bonjour') },
      key(),
    );
    expect(heard.status).toBe(201);
    const after = JSON.stringify([await told(sam), (await sam.api('GET', '/inbox')).json<InboxView>()]);
    expect(after).not.toContain('canari');
    expect(JSON.stringify(before)).not.toContain('canari');
    expect((await told(sam)).notifications.some((one) => one.audience === 'credit')).toBe(false);
  });

  it('[A2] nobody reads or marks what somebody else was told', async () => {
    const mine = (await told(sam)).notifications[0]?.id ?? '';
    expect((await ana.api('POST', '/notifications/read', { ids: [mine] }, key())).json()).toEqual({ read: 0 });
    expect(JSON.stringify(await told(ana))).not.toContain(mine);
  });
});

const said = (text: string) => ({
  type: 'doc',
  content: [{ type: 'paragraph', content: [{ type: 'text', text }] }],
});
