import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import type { Webhook } from '#lib/domain/webhook/webhook.ts';
import { mayUseToken } from '#lib/policies/may-use-token.ts';
import type { ChangeWebhookInput, CreateWebhookInput } from '#lib/protocol/commands/webhook.ts';
import { AppError } from '#lib/protocol/errors.ts';
import { workspaceStream } from '#lib/protocol/streams.ts';
import { storeOf, type App } from '../../app.ts';
import { newSecret } from '../../auth/secrets.ts';
import { newId } from '../../store/id.ts';
import { webhookDeliveries, webhooks } from '../../store/kinds/disputes.ts';
import { apiTokens } from '../../store/kinds/installation.ts';
import type { Tx } from '../../store/port.ts';
import { eventOf } from '../account-event.ts';
import { inBackground } from '../background.ts';
import { refuseField } from '../colleagues.ts';
import { command, expectVersion, type CommandMeta, type Now } from '../command.ts';
import { removeDeliveries } from '../purge.ts';
import { webhookAddressRefusal } from './public-address.ts';

const MOST = 50;

export interface WebhookAnswer {
  id: Id;
  version: number;
  state: Webhook['state'];
}

/**
 * Has an address told of events, as far as one of the actor's own API tokens may see them. An actor who speaks through a
 * token of fewer actions cannot name it.
 *
 * @returns `secret` signs each delivery; told once, null when an idempotency key is used again
 * @throws AppError validation_failed at url (`https_only`, `private_address`…), tokenId (`unknown`), `too_many`
 */
export async function createWebhook(
  app: App,
  actor: Actor,
  input: CreateWebhookInput,
  meta: CommandMeta,
): Promise<WebhookAnswer & { secret: string | null }> {
  refuseAddress(app, input.url);
  const token = await app.store.installation.docs(apiTokens).get(input.tokenId);
  // Only one's own: with somebody else's token one would hear what one may not read.
  if (token?.memberId !== actor.memberId || token.revokedAt !== null) refuseField('tokenId', 'unknown');
  if (!mayUseToken(actor, token)) refuseField('tokenId', 'unknown');
  let secret: string | null = null;
  const answer = await command(app, actor, meta, { name: 'webhook.create', input }, async (tx, now) => {
    const docs = tx.docs(webhooks);
    if ((await docs.count({}, { upTo: MOST })) >= MOST) refuseField('url', 'too_many');
    secret = newSecret('whsec_');
    const webhook: Webhook = {
      id: newId(now.ms),
      version: 1,
      url: input.url,
      tokenId: input.tokenId,
      memberId: actor.memberId,
      events: input.events,
      secret,
      state: 'active',
      createdBy: actor.memberId,
      createdAt: now.at,
    };
    await docs.insert(webhook);
    await say(tx, now, actor, 'webhook.created', webhook);
    return answerOf(webhook);
  });
  return { ...answer, secret };
}

/**
 * Changes where a webhook leads and what it hears, for the member whose token it has; pauses or resumes it, for everybody
 * who manages webhooks. While it is paused nothing is kept for it.
 *
 * @throws AppError not_found; forbidden; version_conflict; validation_failed at url
 */
export async function changeWebhook(
  app: App,
  actor: Actor,
  input: ChangeWebhookInput,
  meta: CommandMeta,
): Promise<WebhookAnswer> {
  if (input.url !== undefined) refuseAddress(app, input.url);
  // A webhook keeps the token that it was made with.
  const known = await storeOf(app, actor).docs(webhooks).get(input.id);
  const token = known === null ? null : await app.store.installation.docs(apiTokens).get(known.tokenId);
  const usable = token !== null && mayUseToken(actor, token);
  return command(app, actor, meta, { name: 'webhook.change', input }, async (tx, now) => {
    const docs = tx.docs(webhooks);
    const webhook = await docs.get(input.id);
    if (webhook === null) throw new AppError('not_found');
    const own = webhook.memberId === actor.memberId && usable;
    if (!own && (input.url !== undefined || input.events !== undefined))
      throw new AppError('forbidden', { action: 'webhook.manage' });
    expectVersion(meta, webhook);
    const changed = await docs.replace({
      ...webhook,
      url: input.url ?? webhook.url,
      events: input.events ?? webhook.events,
      state: input.state ?? webhook.state,
    });
    await say(tx, now, actor, 'webhook.changed', changed);
    return answerOf(changed);
  });
}

/**
 * Ends a webhook; what still waited for it is forgotten with its log.
 *
 * @throws AppError not_found; version_conflict
 */
export async function removeWebhook(
  app: App,
  actor: Actor,
  input: { id: Id },
  meta: CommandMeta,
): Promise<WebhookAnswer> {
  const answer = await command(app, actor, meta, { name: 'webhook.remove', input }, async (tx, now) => {
    const webhook = await tx.docs(webhooks).get(input.id);
    if (webhook === null) throw new AppError('not_found');
    expectVersion(meta, webhook);
    await tx.docs(webhooks).remove(webhook.id, webhook.version);
    await say(tx, now, actor, 'webhook.removed', webhook);
    return answerOf(webhook);
  });
  // However many there are: nobody reads them any more, and what is interrupted here the daily purge takes up.
  void inBackground(app, 'webhook deliveries', async (stopping) => {
    await removeDeliveries(app, actor.workspaceId, input.id, stopping);
  });
  return answer;
}

/**
 * Sends one delivery again, whatever became of it, with the rights of the moment of sending.
 *
 * @throws AppError not_found, also for a webhook that is not the actor's
 */
export function redeliver(
  app: App,
  actor: Actor,
  input: { id: Id },
  meta: CommandMeta,
): Promise<{ id: Id; version: number; state: 'waiting' }> {
  return command(app, actor, meta, { name: 'webhook.redeliver', input }, async (tx, now) => {
    const delivery = await tx.docs(webhookDeliveries).get(input.id);
    const webhook = delivery === null ? null : await tx.docs(webhooks).get(delivery.webhookId);
    if (delivery === null || webhook?.memberId !== actor.memberId) throw new AppError('not_found');
    const again = await tx
      .docs(webhookDeliveries)
      .replace({ ...delivery, state: 'waiting', tries: 0, nextTryAt: now.at, status: null, error: null });
    return { id: again.id, version: again.version, state: 'waiting' as const };
  });
}

function refuseAddress(app: App, url: string): void {
  const refusal = webhookAddressRefusal(url, app.config.webhookPrivate);
  if (refusal !== null) refuseField('url', refusal);
}

const answerOf = ({ id, version, state }: Webhook): WebhookAnswer => ({ id, version, state });

async function say(
  tx: Tx,
  now: Now,
  actor: Actor,
  name: 'webhook.created' | 'webhook.changed' | 'webhook.removed',
  { id, memberId, state, events }: Webhook,
): Promise<void> {
  await tx.append(workspaceStream(actor.workspaceId), [
    eventOf(now, actor, name, { webhookId: id, memberId, state, events }),
  ]);
}
