import type { Actor } from '#lib/domain/member/member.ts';
import type { Webhook, WebhookDelivery } from '#lib/domain/webhook/webhook.ts';
import type { Id } from '#lib/domain/values.ts';
import { mayUseToken } from '#lib/policies/may-use-token.ts';
import type { DeliveryListInput } from '#lib/protocol/commands/webhook.ts';
import { AppError } from '#lib/protocol/errors.ts';
import type { DeliveryPage, WebhookList, WebhookRow } from '#lib/protocol/views/inbox.ts';
import { storeOf, type App } from '../app.ts';
import { apiTokens } from '../store/kinds/installation.ts';
import { webhookDeliveries, webhooks } from '../store/kinds/disputes.ts';

const COUNTED = 1_000;

/** The webhooks of the workspace, without their secrets; what waits for one is told to the member whose it is. */
export async function webhookList(app: App, actor: Actor): Promise<WebhookList> {
  const found = (await storeOf(app, actor).docs(webhooks).find({}, { limit: 100 })).docs;
  const tokens = await app.store.installation.docs(apiTokens).getMany([...new Set(found.map((one) => one.tokenId))]);
  const tokenOf = new Map(tokens.map((one) => [one.id, one]));
  const rows: WebhookRow[] = [];
  for (const { secret: _secret, ...webhook } of found) {
    const token = tokenOf.get(webhook.tokenId);
    const own = webhook.memberId === actor.memberId && (token === undefined || mayUseToken(actor, token));
    const usable = token !== undefined && token.revokedAt === null;
    const counts = own ? await countsOf(app, actor, webhook) : { waiting: null, failed: null, lastAt: null };
    rows.push({ ...webhook, own, tokenName: own ? (token?.name ?? '') : '', usable, ...counts });
  }
  return { webhooks: rows };
}

async function countsOf(app: App, actor: Actor, { id }: Pick<Webhook, 'id'>) {
  const docs = storeOf(app, actor).docs(webhookDeliveries);
  const count = (state: WebhookDelivery['state']) => docs.count({ webhookId: id, state }, { upTo: COUNTED });
  const last = await docs.find({ webhookId: id, state: 'delivered' }, { sort: ['-createdAt'], limit: 1 });
  return { waiting: await count('waiting'), failed: await count('failed'), lastAt: last.docs[0]?.createdAt ?? null };
}

/**
 * What was sent to one of one's own webhooks, the newest first: only the member whose token it has may know which events
 * there were.
 *
 * @throws AppError not_found
 */
export async function deliveryList(app: App, actor: Actor, input: DeliveryListInput): Promise<DeliveryPage> {
  const store = storeOf(app, actor);
  await ownWebhook(app, actor, input.id);
  const filter = { webhookId: input.id, ...(input.state === undefined ? {} : { state: input.state }) };
  const page = await store
    .docs(webhookDeliveries)
    .find(filter, { sort: ['-createdAt'], limit: input.limit, after: input.after });
  return { deliveries: page.docs, next: page.next };
}

async function ownWebhook(app: App, actor: Actor, id: Id): Promise<void> {
  const webhook = await storeOf(app, actor).docs(webhooks).get(id);
  if (webhook?.memberId !== actor.memberId) throw new AppError('not_found');
  const token = await app.store.installation.docs(apiTokens).get(webhook.tokenId);
  if (token !== null && !mayUseToken(actor, token)) throw new AppError('not_found');
}
