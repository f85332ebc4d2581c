import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Account } from '#lib/domain/account/account.ts';
import type { WireEvent } from '#lib/protocol/events.ts';
import type { DeliveryPage, WebhookList } from '#lib/protocol/views/inbox.ts';
import { buildAccount, buildWorkspace } from '../support/factories.ts';
import { until } from '../support/realtime.ts';
import { startReceiver, type Receiver } from '../support/receiver.ts';
import { buildPerson, START_MS, startServer, type Browser, type TestServer } from '../support/server.ts';

let server: TestServer;
let receiver: Receiver;
let account: Account;
let boss: Browser;
let admin: Browser;

beforeAll(async () => {
  receiver = await startReceiver();
  server = await startServer({
    env: { ENCOURS_WEBHOOK_PRIVATE: 'on' },
    prepare: async (app) => {
      const workspace = await buildWorkspace(app);
      await buildPerson(app, workspace, { email: 'boss@example.com', role: 'manager' });
      await buildPerson(app, workspace, { email: 'admin@example.com', role: 'admin' });
      account = await buildAccount(app, workspace, { openItems: [{ cents: 120_000, dueDay: '2026-01-10' }] });
    },
  });
  boss = await server.as('boss@example.com');
  admin = await server.as('admin@example.com');
}, START_MS);
afterAll(async () => {
  await server.close();
  await receiver.close();
});

const key = () => ({ 'idempotency-key': Math.random().toString(36).slice(2) });
const make = async (who: Browser, events: string[]) => {
  const token = await who.api('POST', '/me/tokens', { name: 'Essai', actions: null, expiresOn: null }, key());
  const tokenId = token.json<{ id: string }>().id;
  return who.api('POST', '/webhooks', { url: receiver.url, tokenId, events }, key());
};
const events = (): WireEvent[] => receiver.received.map((one) => JSON.parse(one.body) as WireEvent);

describe('webhooks over HTTP', () => {
  it('[A6] bring signed events within the rights of their token, and are logged for its member alone', async () => {
    const made = (await make(boss, [])).json<{ id: string; secret: string }>();
    const other = await make(admin, []);
    expect(other.status).toBe(201);
    const items = (await boss.api('GET', `/accounts/${account.id}/items`)).json<{ items: { id: string }[] }>();
    const asked = { accountId: account.id, reason: 'price', items: [{ itemId: items.items[0]?.id }] };
    const { id } = (await boss.api('POST', '/disputes', asked, key())).json<{ id: string }>();
    const body = { type: 'doc', content: [{ type: 'paragraph', content: [{ type: 'text', text: 'canari' }] }] };
    const posted = await boss.api('POST', `/disputes/${id}/messages`, { audience: 'credit', body }, key());
    expect(posted.status).toBe(201);
    const last = await boss.api(
      'POST',
      '/tasks',
      {
        accountId: account.id,
        kind: 'question',
        text: 'fin',
        dueDay: '2099-01-05',
        department: 'sales',
      },
      key(),
    );
    expect(last.status).toBe(201);
    await until(() => events().filter((one) => one.name === 'task.created').length === 2, 'both were told', 20_000);
    await until(() => events().some((one) => one.stream.endsWith(':credit')), 'the manager was told');
    const canaries = receiver.received.filter((one) => one.body.includes('canari'));
    expect(canaries).toHaveLength(1);
    const [secretOne] = canaries;
    const [, t, v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(secretOne?.headers['encours-signature'])) ?? [];
    expect(v1).toBe(createHmac('sha256', made.secret).update(`${t}.${secretOne?.body}`).digest('hex'));
    const log = (await boss.api('GET', `/webhooks/${made.id}/deliveries`)).json<DeliveryPage>();
    expect(log.deliveries.some((one) => one.stream.endsWith(':credit'))).toBe(true);
    expect((await admin.api('GET', `/webhooks/${made.id}/deliveries`)).status).toBe(404);
    const listed = await admin.api('GET', '/webhooks');
    expect(listed.text).not.toContain(made.secret);
    expect(listed.json<WebhookList>().webhooks.find((one) => one.id === made.id)).toMatchObject({ waiting: null });
  });
});
