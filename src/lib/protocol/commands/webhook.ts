import * as v from 'valibot';
import { ACCOUNT_EVENTS, MEMBER_EVENTS, MESSAGE_EVENTS, WORKSPACE_EVENTS } from '../events.ts';
import { id } from './common.ts';
import { after, limit } from './pages.ts';

/** Events that a webhook may ask for. */
export const WEBHOOK_EVENTS = [...ACCOUNT_EVENTS, ...MESSAGE_EVENTS, ...WORKSPACE_EVENTS, ...MEMBER_EVENTS] as const;

const address = v.pipe(v.string(), v.trim(), v.maxLength(1_000, 'too_long'), v.url('url'));
/** Empty: all that the token may see. */
const events = v.pipe(v.array(v.picklist(WEBHOOK_EVENTS)), v.maxLength(100, 'too_long'));
/** Digest that names a token (`token.list`). */
const tokenId = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'id'));

export const webhookListInput = v.object({});
export const createWebhookInput = v.object({ url: address, tokenId, events: v.optional(events, []) });
export const changeWebhookInput = v.object({
  id,
  url: v.optional(address),
  events: v.optional(events),
  state: v.optional(v.picklist(['active', 'paused'])),
});
export const removeWebhookInput = v.object({ id });
/** `id` is the webhook's. */
export const deliveryListInput = v.object({
  id,
  state: v.optional(v.picklist(['waiting', 'delivered', 'failed', 'dropped'])),
  limit: limit(200, 50),
  after,
});
/** `id` is the delivery's. */
export const redeliverInput = v.object({ id });

export type CreateWebhookInput = v.InferOutput<typeof createWebhookInput>;
export type ChangeWebhookInput = v.InferOutput<typeof changeWebhookInput>;
export type DeliveryListInput = v.InferOutput<typeof deliveryListInput>;
