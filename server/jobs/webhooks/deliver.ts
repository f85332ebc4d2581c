import type { Id } from '#lib/domain/values.ts';
import type { Webhook, WebhookDelivery } from '#lib/domain/webhook/webhook.ts';
import type { App } from '../../app.ts';
import { actorFor } from '../../auth/authenticate.ts';
import { wireEvent } from '../../queries/wire-event.ts';
import { mayReadStream } from '../../services/access-stream.ts';
import { webhookDeliveries, webhooks } from '../../store/kinds/disputes.ts';
import { VersionConflict, type WorkspaceStore } from '../../store/port.ts';
import { accessReader } from './enqueue.ts';
import { sendDelivery } from './send-delivery.ts';

const FIRST_PAUSE_MS = 10_000;
const LONGEST_PAUSE_MS = 3_600_000;
/** With pauses of 10 s, 20 s, 40 s… up to an hour: a day after the first. */
const MAX_TRIES = 32;
const AT_ONCE = 50;
const WEBHOOKS = 100;
/** How long one webhook may go on before the others have their turn: its receiver may take seconds for each answer (ms). */
const TURN_MS = 3_000;

/**
 * Sends what is due to each webhook of a workspace, webhooks side by side. A webhook that fails, or whose receiver is slow, is
 * left alone until its next turn, so that it does not hold up the rest.
 *
 * @returns whether a turn ended with more that was due
 */
export async function deliverDue(app: App, workspaceId: Id, stop: AbortSignal): Promise<boolean> {
  const store = app.store.workspace(workspaceId);
  const found = (await store.docs(webhooks).find({}, { limit: WEBHOOKS })).docs;
  const more = await Promise.all(found.map((webhook) => deliverTo(app, store, webhook, stop)));
  return more.includes(true);
}

async function deliverTo(app: App, store: WorkspaceStore, webhook: Webhook, stop: AbortSignal): Promise<boolean> {
  const due = { webhookId: webhook.id, state: 'waiting', nextTryAt: { $lte: app.clock.now() } };
  const end = performance.now() + TURN_MS;
  for (;;) {
    const page = await store.docs(webhookDeliveries).find(due, { sort: ['nextTryAt'], limit: AT_ONCE });
    for (const delivery of page.docs) {
      if (stop.aborted) return false;
      if (performance.now() > end) return true;
      const tried = await tryOnce(app, store, webhook, delivery, stop);
      if (tried === null) return false;
      await put(store, tried);
      if (tried.state === 'delivered' || tried.state === 'failed') await mark(store, webhook.id, tried.state);
      if (tried.state === 'waiting' || tried.state === 'failed') return false;
    }
    if (page.docs.length < AT_ONCE) return false;
  }
}

/** One try; null when the process stops meanwhile. */
async function tryOnce(
  app: App,
  store: WorkspaceStore,
  webhook: Webhook,
  delivery: WebhookDelivery,
  stop: AbortSignal,
): Promise<WebhookDelivery | null> {
  const dropped = (error: string): WebhookDelivery => ({ ...delivery, state: 'dropped', error });
  if (webhook.state === 'paused') return dropped('paused');
  const actor = await actorFor(app, webhook.memberId, webhook.tokenId);
  if (actor === null) return dropped('token_ended');
  const event = await store.journal.get(delivery.eventId);
  if (event === null) return dropped('gone');
  // Rights may have changed since it was written down.
  if (!(await mayReadStream(actor, event.stream, accessReader(store)))) return dropped('rights');
  const { status, error } = await sendDelivery(
    webhook,
    { id: delivery.id, eventName: event.name, body: JSON.stringify(wireEvent(event)) },
    { anywhere: app.config.webhookPrivate, seconds: Math.floor(app.clock.ms() / 1_000), stop },
  );
  if (error === 'stopped') return null;
  const tries = delivery.tries + 1;
  if (error === null) return { ...delivery, state: 'delivered', tries, status, error };
  const pause = Math.min(FIRST_PAUSE_MS * 2 ** delivery.tries, LONGEST_PAUSE_MS);
  const nextTryAt = new Date(app.clock.ms() + pause).toISOString();
  return { ...delivery, state: tries >= MAX_TRIES ? 'failed' : 'waiting', tries, nextTryAt, status, error };
}

async function put(store: WorkspaceStore, tried: WebhookDelivery): Promise<void> {
  try {
    await store.transaction((tx) => tx.docs(webhookDeliveries).replace(tried));
  } catch (error) {
    // Sent again by hand meanwhile, or removed with its webhook.
    if (!(error instanceof VersionConflict)) throw error;
  }
}

/** A webhook that gave up on something is shown as failing until it takes something again. */
async function mark(store: WorkspaceStore, webhookId: Id, outcome: 'delivered' | 'failed'): Promise<void> {
  const [from, to] = outcome === 'failed' ? (['active', 'failing'] as const) : (['failing', 'active'] as const);
  const seen = await store.docs(webhooks).get(webhookId);
  if (seen?.state !== from) return;
  await store
    .transaction(async (tx) => {
      const webhook = await tx.docs(webhooks).get(webhookId);
      if (webhook?.state === from) await tx.docs(webhooks).replace({ ...webhook, state: to });
    })
    .catch((error: unknown) => {
      if (!(error instanceof VersionConflict)) throw error;
    });
}
