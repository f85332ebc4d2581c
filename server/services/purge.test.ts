import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Mail, Notification } from '#lib/domain/notification/notification.ts';
import type { Id } from '#lib/domain/values.ts';
import type { Webhook, WebhookDelivery } from '#lib/domain/webhook/webhook.ts';
import type { Workspace } from '#lib/domain/workspace/workspace.ts';
import { newId } from '#server/store/id.ts';
import { mails, notifications, webhookDeliveries, webhooks } from '#server/store/kinds/disputes.ts';
import type { Docs, Kind, Versioned } from '#server/store/port.ts';
import { buildApp, type TestApp } from '../../test/support/app.ts';
import { actorFor, buildMember, buildWorkspace } from '../../test/support/factories.ts';
import { stopBackground } from './background.ts';
import { NO_META } from './command.ts';
import { KEPT_DAYS, purge, purgeDaily } from './purge.ts';
import { removeWebhook } from './webhooks/manage-webhooks.ts';

let app: TestApp;
let workspace: Workspace;
let max: Actor;

beforeEach(async () => {
  app = await buildApp();
  workspace = await buildWorkspace(app);
  max = actorFor(await buildMember(app, workspace, { role: 'admin' }));
});
afterEach(async () => {
  await stopBackground(app);
  await app.close();
});

const store = () => app.store.workspace(workspace.id);
const insert = <T extends Versioned>(kind: Kind<T>, docs: readonly T[]): Promise<void> =>
  store().transaction((tx) => tx.docs(kind).insertMany(docs));
async function ids<T extends Versioned>(kind: Kind<T>): Promise<Id[]> {
  const found: Id[] = [];
  for await (const { id } of (store().docs(kind) as Docs<T>).each({})) found.push(id);
  return found.sort();
}
const daysAgo = (days: number): string => new Date(app.clock.ms() - days * 86_400_000).toISOString();

const notification = (id: Id, days: number, more: Partial<Notification> = {}): Notification => ({
  id,
  version: 1,
  memberId: max.memberId,
  kind: 'task.created',
  at: daysAgo(days),
  by: 'system',
  accountId: null,
  disputeId: null,
  taskId: null,
  messageId: null,
  audience: null,
  data: {},
  read: true,
  readAt: daysAgo(days),
  mailed: true,
  ...more,
});
const UNREAD = { read: false, readAt: null };
const mail = (id: Id, days: number, state: Mail['state']): Mail => ({
  id,
  version: 1,
  memberId: max.memberId,
  notificationIds: [],
  audiences: [],
  to: 'max@example.com',
  subject: 'Encours',
  text: '',
  daily: false,
  state,
  createdAt: daysAgo(days),
  sentAt: null,
  tries: 0,
  nextTryAt: daysAgo(days),
  error: null,
});
const delivery = (id: Id, days: number, state: WebhookDelivery['state'], webhookId = 'w1'): WebhookDelivery => ({
  id,
  version: 1,
  webhookId,
  eventId: `event of ${id}`,
  stream: `workspace:${workspace.id}`,
  eventName: 'member.invited',
  state,
  tries: 1,
  createdAt: daysAgo(days),
  nextTryAt: daysAgo(days),
  status: null,
  error: null,
});
const webhook = (id: Id): Webhook => ({
  id,
  version: 1,
  url: 'https://example.com/hook',
  tokenId: newId(),
  memberId: max.memberId,
  events: [],
  secret: 'whsec_x',
  state: 'active',
  createdBy: max.memberId,
  createdAt: daysAgo(900),
});

describe('what is kept for a time', () => {
  it('a notification that was read goes after its days; one that waits for somebody only after far more', async () => {
    const { notificationRead: read, notificationUnread: unread } = KEPT_DAYS;
    await insert(notifications, [
      notification('read, old', read + 1),
      notification('read, old, not mailed', read + 1, { mailed: false }),
      notification('read, young', read - 1),
      notification('unread, old', read + 1, UNREAD),
      notification('unread, old, not mailed', unread - 1, { ...UNREAD, mailed: false }),
      notification('unread, ancient', unread + 1, UNREAD),
    ]);
    expect(unread).toBeGreaterThanOrEqual(4 * read);
    expect(await purge(app, workspace.id)).toMatchObject({ notifications: 3 });
    expect(await ids(notifications)).toEqual(['read, young', 'unread, old', 'unread, old, not mailed']);
    expect(await purge(app, workspace.id)).toEqual({ idempotency: 0, notifications: 0, mails: 0, deliveries: 0 });
  });

  it('mails and deliveries go once they are over; what is still to leave stays', async () => {
    const states = ['waiting', 'sent', 'failed', 'kept'] as const;
    await insert(
      mails,
      states.flatMap((state) => [
        mail(`${state}, old`, KEPT_DAYS.mail + 1, state),
        mail(`${state}, young`, KEPT_DAYS.mail - 1, state),
      ]),
    );
    await insert(webhooks, [webhook('w1')]);
    await insert(
      webhookDeliveries,
      (['waiting', 'delivered', 'failed', 'dropped'] as const).flatMap((state) => [
        delivery(`${state}, old`, KEPT_DAYS.delivery + 1, state),
        delivery(`${state}, young`, KEPT_DAYS.delivery - 1, state),
      ]),
    );
    expect(await purge(app, workspace.id)).toMatchObject({ mails: 3, deliveries: 3 });
    expect(await ids(mails)).toEqual(['failed, young', 'kept, young', 'sent, young', 'waiting, old', 'waiting, young']);
    expect(await ids(webhookDeliveries)).toEqual([
      'delivered, young',
      'dropped, young',
      'failed, young',
      'waiting, old',
      'waiting, young',
    ]);
  });

  it('many go in several transactions, past those that stay; asked to stop, it stops between two', async () => {
    const many = Array.from({ length: 1_050 }, (_, at) =>
      notification(`n${String(at).padStart(4, '0')}`, KEPT_DAYS.notificationRead + 2, at % 3 === 0 ? UNREAD : {}),
    );
    await insert(notifications, many);
    let asked = 0;
    const stopped = await purge(app, workspace.id, () => ++asked > 3);
    expect(stopped.notifications).toBeGreaterThan(0);
    expect(stopped.notifications).toBeLessThan(400);
    const rest = await purge(app, workspace.id);
    expect(stopped.notifications + rest.notifications).toBe(700);
    expect(await ids(notifications)).toEqual(many.filter(({ read }) => !read).map(({ id }) => id));
  });

  it('is looked at once a day', async () => {
    const old = KEPT_DAYS.notificationRead + 1;
    await insert(notifications, [notification('first', old)]);
    await purgeDaily(app, workspace.id, () => false);
    expect(await ids(notifications)).toEqual([]);
    await insert(notifications, [notification('second', old)]);
    await purgeDaily(app, workspace.id, () => false);
    expect(await ids(notifications)).toEqual(['second']);
    app.clock.advance(86_400_000);
    await purgeDaily(app, workspace.id, () => false);
    expect(await ids(notifications)).toEqual([]);
  });
});

describe('a webhook that is removed', () => {
  const deliveries = (webhookId: Id, count: number): WebhookDelivery[] =>
    Array.from({ length: count }, (_, at) =>
      delivery(`${webhookId} ${at}`, 1, at % 2 ? 'waiting' : 'failed', webhookId),
    );

  it('takes all of its deliveries along, however many, and no other’s', async () => {
    await insert(webhooks, [webhook('w1'), webhook('w2')]);
    await insert(webhookDeliveries, [...deliveries('w1', 1_203), ...deliveries('w2', 3)]);
    await removeWebhook(app, max, { id: 'w1' }, NO_META);
    await expect.poll(() => store().docs(webhookDeliveries).count({ webhookId: 'w1' }), { timeout: 20_000 }).toBe(0);
    expect(await ids(webhookDeliveries)).toEqual(['w2 0', 'w2 1', 'w2 2']);
  });

  it('leaves nothing for good, though the process ended in between', async () => {
    await insert(webhooks, [webhook('w2')]);
    await insert(webhookDeliveries, [...deliveries('w1', 5), ...deliveries('w2', 3), ...deliveries('w3', 401)]);
    expect(await purge(app, workspace.id)).toMatchObject({ deliveries: 406 });
    expect(await ids(webhookDeliveries)).toEqual(['w2 0', 'w2 1', 'w2 2']);
  });
});
