import * as input from '#lib/protocol/commands/webhook.ts';
import { deliveryList, webhookList } from '../queries/webhooks.ts';
import { changeWebhook, createWebhook, redeliver, removeWebhook } from '../services/webhooks/manage-webhooks.ts';
import { command, query, type Operation } from './operation.ts';

/** Addresses that are told of events. */
export const WEBHOOK_OPERATIONS: Operation[] = [
  query(
    {
      id: 'webhook.list',
      path: '/webhooks',
      summary: 'The webhooks of the workspace.',
      action: 'webhook.manage',
      input: input.webhookListInput,
    },
    (app, actor) => webhookList(app, actor),
  ),
  command(
    {
      id: 'webhook.create',
      method: 'POST',
      path: '/webhooks',
      summary: 'Have an address told of the events that one of my API tokens may see; the secret is shown once.',
      action: 'webhook.manage',
      status: 201,
      input: input.createWebhookInput,
    },
    createWebhook,
  ),
  command(
    {
      id: 'webhook.redeliver',
      method: 'POST',
      path: '/webhooks/deliveries/{id}/redeliver',
      summary: 'Send a delivery of one of my webhooks again.',
      action: 'webhook.manage',
      status: 202,
      input: input.redeliverInput,
    },
    redeliver,
  ),
  command(
    {
      id: 'webhook.change',
      method: 'PATCH',
      path: '/webhooks/{id}',
      summary: 'Change address or events of my webhook; pause or resume any.',
      action: 'webhook.manage',
      versioned: true,
      input: input.changeWebhookInput,
    },
    changeWebhook,
  ),
  command(
    {
      id: 'webhook.remove',
      method: 'DELETE',
      path: '/webhooks/{id}',
      summary: 'End a webhook.',
      action: 'webhook.manage',
      input: input.removeWebhookInput,
    },
    removeWebhook,
  ),
  query(
    {
      id: 'webhook.deliveries',
      path: '/webhooks/{id}/deliveries',
      summary: 'What was sent to my webhook, and what became of it.',
      action: 'webhook.manage',
      input: input.deliveryListInput,
    },
    deliveryList,
  ),
];
