import type { Id, Instant } from '../values.ts';

/** An address that is told of events, as far as the API token behind it may see them. */
export interface Webhook {
  id: Id;
  version: number;
  url: string;
  /** Credential id of the token with whose rights it listens. */
  tokenId: Id;
  memberId: Id;
  /** Names of events; empty: all. */
  events: string[];
  /** Signs each delivery (HMAC-SHA256). Shown once. */
  secret: string;
  state: 'active' | 'paused' | 'failing';
  createdBy: Id;
  createdAt: Instant;
}

export interface WebhookDelivery {
  id: Id;
  version: number;
  webhookId: Id;
  eventId: Id;
  stream: string;
  eventName: string;
  state: 'waiting' | 'delivered' | 'failed' | 'dropped';
  tries: number;
  createdAt: Instant;
  nextTryAt: Instant;
  /** HTTP status of the last try; null when there was no answer. */
  status: number | null;
  /** Stable code of the last failure. */
  error: string | null;
}
