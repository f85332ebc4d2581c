import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Account } from '#lib/domain/account/account.ts';
import type { Actor, Member, Role } from '#lib/domain/member/member.ts';
import type { Audience } from '#lib/domain/thread/audience.ts';
import type { WebhookDelivery } from '#lib/domain/webhook/webhook.ts';
import type { Workspace } from '#lib/domain/workspace/workspace.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import { deliveryList, webhookList } from '#server/queries/webhooks.ts';
import { wireEvent } from '#server/queries/wire-event.ts';
import { accountEvent } from '#server/services/account-event.ts';
import { stopBackground } from '#server/services/background.ts';
import { NO_META, nowIn } from '#server/services/command.ts';
import { createToken } from '#server/services/tokens/create-token.ts';
import { revokeToken } from '#server/services/tokens/revoke-token.ts';
import { changeWebhook, createWebhook, redeliver } from '#server/services/webhooks/manage-webhooks.ts';
import { newId } from '#server/store/id.ts';
import { webhookDeliveries, webhooks } from '#server/store/kinds/disputes.ts';
import { jobLeases } from '#server/store/kinds/workspace.ts';
import type { StoredEvent } from '#server/store/port.ts';
import { buildApp, type TestApp } from '../../../test/support/app.ts';
import { actorFor, buildAccount, buildMember, buildWorkspace } from '../../../test/support/factories.ts';
import { until } from '../../../test/support/realtime.ts';
import { startReceiver, type Receiver } from '../../../test/support/receiver.ts';
import { publicLookup } from './send-delivery.ts';
import { startWebhooks, type WebhookJob } from './webhooks.ts';

let app: TestApp;
let workspace: Workspace;
let receiver: Receiver;
let job: WebhookJob | null = null;
let boss: Actor;
let account: Account;

beforeEach(async () => {
  app = await buildApp();
  app.config.webhookPrivate = true;
  workspace = await buildWorkspace(app);
  receiver = await startReceiver();
  boss = actorFor(await buildMember(app, workspace, { role: 'manager' }));
  account = await buildAccount(app, workspace);
});
afterEach(async () => {
  job?.stop();
  job = null;
  await stopBackground(app);
  await receiver.close();
  await app.close();
});

const store = () => app.store.workspace(workspace.id);
const start = async (): Promise<void> => {
  job = startWebhooks(app);
  await until(async () => (await app.store.workspace('installation').docs(jobLeases).get('webhooks')) !== null, 'held');
};
const say = async (to: Account = account, audience: Audience = 'internal', text = 'des mots'): Promise<StoredEvent> => {
  const now = await nowIn(app, workspace.id);
  const event = accountEvent(now, boss, 'message.posted', {}, { personal: { text } });
  const [stored] = await store().transaction((tx) => tx.append(accountStream(to.id, audience), [event]));
  if (stored === undefined) throw new Error('nothing said');
  return stored;
};
const tokenOf = async (actor: Actor): Promise<string> => {
  const input = { name: 'Essai', actions: null, expiresOn: null };
  return (await createToken(app, { ...actor, role: 'manager' }, input, NO_META)).id;
};
const hook = async (actor: Actor = boss, events: string[] = []): Promise<{ id: string; secret: string }> => {
  const tokenId = await tokenOf(actor);
  const input = { url: receiver.url, tokenId, events: events as never[] };
  const made = await createWebhook(app, actor, input, NO_META);
  return { id: made.id, secret: made.secret ?? '' };
};
const somebody = async (role: Role, given: Partial<Member> = {}): Promise<Actor> =>
  actorFor(await buildMember(app, workspace, { role, ...given }));
const log = async (webhookId: string): Promise<WebhookDelivery[]> =>
  (
    await store()
      .docs(webhookDeliveries)
      .find({ webhookId }, { sort: ['-createdAt'] })
  ).docs;
const got = (count: number): Promise<void> => until(() => receiver.received.length >= count, `${count} deliveries`);
const settled = (webhookId: string, state: WebhookDelivery['state']): Promise<void> =>
  until(async () => (await log(webhookId)).some((one) => one.state === state), state);
/** Time goes by, and something makes the job look again. */
const later = async (ms: number): Promise<void> => {
  app.clock.advance(ms);
  await say(account, 'internal');
};

describe('deliveries', () => {
  it('bring the event as sockets would, signed with the secret', async () => {
    const { id, secret } = await hook(boss, ['message.posted']);
    await start();
    const event = await say();
    await got(1);
    const [first] = receiver.received;
    expect(JSON.parse(first?.body ?? '')).toEqual(JSON.parse(JSON.stringify(wireEvent(event))));
    const [, t, v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(first?.headers['encours-signature'])) ?? [];
    expect(v1).toBe(createHmac('sha256', secret).update(`${t}.${first?.body}`).digest('hex'));
    expect(Number(t)).toBe(Math.floor(app.clock.ms() / 1_000));
    expect(first?.headers['encours-event']).toBe('message.posted');
    await settled(id, 'delivered');
    expect(await log(id)).toMatchObject([{ eventId: event.id, state: 'delivered', status: 204, tries: 1 }]);
  });

  it('are of the events that were asked for, from the webhook’s making on, each once', async () => {
    await say();
    app.clock.advance(1_000);
    const { id } = await hook(boss, ['message.posted']);
    await start();
    await buildAccount(app, workspace);
    const event = await say();
    await got(1);
    await settled(id, 'delivered');
    expect(receiver.received.map((one) => (JSON.parse(one.body) as { id: string }).id)).toEqual([event.id]);
  });

  it('wait ten seconds after a failure; a redirect is one, and is not followed', async () => {
    const { id } = await hook(boss, ['message.posted']);
    receiver.answer = { status: 302, headers: { location: `${receiver.url}/elsewhere` } };
    await start();
    const event = await say();
    await until(async () => (await log(id))[0]?.tries === 1, 'tried');
    expect((await log(id))[0]).toMatchObject({ state: 'waiting', status: 302, error: 'redirect' });
    expect(receiver.received.map((one) => one.path)).toEqual(['/hook']);
    const [delivery] = await log(id);
    expect(delivery?.eventId).toBe(event.id);
    expect(Date.parse(delivery?.nextTryAt ?? '') - Date.parse(delivery?.createdAt ?? '')).toBe(10_000);
  });

  it('goes on after the receiver came back', async () => {
    const { id } = await hook(boss, ['message.posted']);
    receiver.answer = { status: 503 };
    await start();
    await say();
    await until(async () => (await log(id)).some((one) => one.tries === 1), 'tried');
    receiver.answer = { status: 200 };
    await later(10_000);
    await until(async () => (await log(id)).filter((one) => one.state === 'delivered').length === 2, 'both');
    expect((await log(id)).map((one) => one.tries).sort()).toEqual([1, 2]);
  });

  it('can be sent again by hand by the one whose webhook it is', async () => {
    const { id } = await hook(boss, ['message.posted']);
    await start();
    await say();
    await settled(id, 'delivered');
    const [delivery] = await log(id);
    const admin = await somebody('admin');
    const input = { id: delivery?.id ?? '' };
    await expect(redeliver(app, admin, input, NO_META)).rejects.toMatchObject({ code: 'not_found' });
    await redeliver(app, boss, input, NO_META);
    await later(1_000);
    await got(3);
  });

  it('keeps nothing for a webhook that is paused', async () => {
    const { id } = await hook(boss, ['message.posted']);
    await changeWebhook(app, boss, { id, state: 'paused' }, NO_META);
    await start();
    await say();
    await changeWebhook(app, boss, { id, state: 'active' }, NO_META);
    app.clock.advance(1_000);
    const event = await say();
    await settled(id, 'delivered');
    expect((await log(id)).map((one) => one.eventId)).toContain(event.id);
  });

  it('[O3] of one workspace do not wait for the slow receivers of another', async () => {
    const { id: slow } = await hook(boss, ['message.posted']);
    receiver.answer = { status: 204, afterMs: 700 };
    await start();
    for (let count = 0; count < 12; count += 1) await say();
    await got(1);
    const [mine, whose, quick] = [workspace, account, await startReceiver()];
    try {
      workspace = await buildWorkspace(app);
      account = await buildAccount(app, workspace);
      const other = actorFor(await buildMember(app, workspace, { role: 'manager' }));
      const input = { url: quick.url, tokenId: await tokenOf(other), events: ['message.posted' as const] };
      await createWebhook(app, other, input, NO_META);
      app.clock.advance(1_000);
      await say();
      await until(() => quick.received.length === 1, 'the other’s', 20_000);
      expect(receiver.received.length).toBeLessThan(12);
    } finally {
      [workspace, account] = [mine, whose];
      await quick.close();
    }
    await until(async () => (await log(slow)).every((one) => one.state === 'delivered'), 'all in the end', 20_000);
    expect(await log(slow)).toHaveLength(12);
  }, 40_000);

  it('catches up by streams when the place in the journal is lost', async () => {
    const { id } = await hook(boss, ['message.posted']);
    const event = await say();
    await app.store.workspace('installation').transaction((tx) =>
      tx.docs(jobLeases).insert({
        id: 'webhooks',
        version: 1,
        holder: 'somebody',
        until: '2000-01-01T00:00:00.000Z',
        last: JSON.stringify({ position: 'another-file:99', at: app.clock.now() }),
      }),
    );
    job = startWebhooks(app);
    await got(1);
    expect((JSON.parse(receiver.received[0]?.body ?? '') as { id: string }).id).toBe(event.id);
    await settled(id, 'delivered');
    expect(await log(id)).toHaveLength(1);
  });
});

describe('[A6] rights', () => {
  it('[A6] a token hears what its member may read, and nothing of the credit team’s threads or of other accounts', async () => {
    const member = await buildMember(app, workspace, { role: 'sales', departments: ['sales'], scope: 'portfolio' });
    const seller = actorFor(member);
    const theirs = await buildAccount(app, workspace, { salesRepId: member.id });
    const tokenId = await tokenOf(seller);
    const secret = 'whsec_essai';
    const common = { id: newId(), version: 1, url: receiver.url, tokenId, memberId: member.id, events: [], secret };
    await store().transaction((tx) =>
      tx.docs(webhooks).insert({ ...common, state: 'active', createdBy: member.id, createdAt: app.clock.now() }),
    );
    await start();
    await say(theirs, 'credit', 'canari');
    await say(account, 'internal', 'canari');
    const seen = await say(theirs, 'internal', 'pour tous');
    await got(1);
    await settled(common.id, 'delivered');
    const told = await log(common.id);
    expect(told.map((one) => one.eventId)).toEqual([seen.id]);
    expect(JSON.stringify([receiver.received, told])).not.toContain('canari');
  });

  it('[A3] judges again when it sends: a revoked token hears nothing more', async () => {
    const { id } = await hook(boss, ['message.posted']);
    receiver.answer = { status: 503 };
    await start();
    await say();
    await until(async () => (await log(id))[0]?.tries === 1, 'tried');
    const [found] = (await webhookList(app, boss)).webhooks;
    await revokeToken(app, boss, { id: found?.tokenId ?? '' }, NO_META);
    receiver.answer = { status: 200 };
    await later(10_000);
    await settled(id, 'dropped');
    expect(await log(id)).toMatchObject([{ state: 'dropped', error: 'token_ended' }]);
    expect(receiver.received).toHaveLength(1);
  });
});

describe('making one', () => {
  const refused = (path: string, reason: string) => ({ details: { issues: [{ path, reason }] } });

  it('is for an https address of the public internet and a token of one’s own; the secret is told once', async () => {
    app.config.webhookPrivate = false;
    const tokenId = await tokenOf(boss);
    const other = await somebody('admin');
    const ask = (actor: Actor, url: string) => createWebhook(app, actor, { url, tokenId, events: [] }, NO_META);
    await expect(ask(boss, 'http://hooks.example.com/')).rejects.toMatchObject(refused('url', 'https_only'));
    await expect(ask(boss, 'https://127.0.0.1/')).rejects.toMatchObject(refused('url', 'private_address'));
    await expect(ask(other, 'https://hooks.example.com/')).rejects.toMatchObject(refused('tokenId', 'unknown'));
    const made = await ask(boss, 'https://hooks.example.com/');
    expect(made.secret).toMatch(/^whsec_/);
    expect(JSON.stringify(await webhookList(app, boss))).not.toContain(made.secret);
    await expect(
      changeWebhook(app, other, { id: made.id, url: 'https://elsewhere.example.com/' }, NO_META),
    ).rejects.toMatchObject({ code: 'forbidden' });
    expect(await changeWebhook(app, other, { id: made.id, state: 'paused' }, NO_META)).toMatchObject({
      state: 'paused',
    });
    const asked = { id: made.id, limit: 50, after: null };
    await expect(deliveryList(app, other, asked)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('does not reach a private address through a name', async () => {
    const found = await new Promise((answer) => publicLookup('localhost', {}, (error) => answer(error)));
    expect(found).toMatchObject({ message: 'private_address' });
  });
});
