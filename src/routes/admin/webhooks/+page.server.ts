import type { Actor } from '#lib/domain/member/member.ts';
import { AppError } from '#lib/protocol/errors.ts';
import type { DeliveryPage, WebhookList } from '#lib/protocol/views/inbox.ts';
import { answerForm } from '#lib/server/forms.ts';
import { ask } from '#lib/server/page.ts';
import type { Actions, PageServerLoad, RequestEvent } from './$types';

function actorIn(event: Pick<RequestEvent, 'locals'>): Actor {
  if (event.locals.actor === null) throw new AppError('unauthenticated');
  return event.locals.actor;
}

interface Token {
  id: string;
  name: string;
  revokedAt: string | null;
}

/** The webhooks, and the deliveries of the one that the address names. */
export const load: PageServerLoad = async ({ locals, url }) => {
  const id = url.searchParams.get('log');
  const [{ webhooks }, { tokens }] = await Promise.all([
    ask<WebhookList>(locals, 'webhook.list'),
    ask<{ tokens: Token[] }>(locals, 'token.list'),
  ]);
  const own = webhooks.find((one) => one.id === id && one.own) ?? null;
  const asked = { id: own?.id, limit: 50, after: url.searchParams.get('after') };
  return {
    webhooks,
    tokens: tokens.filter((token) => token.revokedAt === null).map(({ id, name }) => ({ id, name })),
    log: own === null ? null : { webhook: own, ...(await ask<DeliveryPage>(locals, 'webhook.deliveries', asked)) },
    key: crypto.randomUUID(),
  };
};

export const actions: Actions = {
  create: (event) =>
    answerForm(event, 'create', async (values) => {
      const events = values
        .text('events')
        .split(/[\s,]+/)
        .filter((name) => name !== '');
      const input = { url: values.text('url'), tokenId: values.text('tokenId'), events };
      const answer = await event.locals.runtime.run(actorIn(event), 'webhook.create', input, values.meta());
      return { done: 'create', url: input.url, secret: (answer as { secret: string | null }).secret };
    }),
  state: (event) =>
    answerForm(event, 'state', async (values) => {
      const input = { id: values.text('id'), state: values.text('state') };
      await event.locals.runtime.run(actorIn(event), 'webhook.change', input, values.meta());
      return { done: 'state' };
    }),
  remove: (event) =>
    answerForm(event, 'remove', async (values) => {
      await event.locals.runtime.run(actorIn(event), 'webhook.remove', { id: values.text('id') }, values.meta());
      return { done: 'remove' };
    }),
  again: (event) =>
    answerForm(event, 'again', async (values) => {
      await event.locals.runtime.run(actorIn(event), 'webhook.redeliver', { id: values.text('id') }, values.meta());
      return { done: 'again' };
    }),
};
