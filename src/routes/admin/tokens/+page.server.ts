import type { Actor } from '#lib/domain/member/member.ts';
import { AppError } from '#lib/protocol/errors.ts';
import { answerForm } from '#lib/server/forms.ts';
import { ask } from '#lib/server/page.ts';
import type { Actions, PageServerLoad, RequestEvent } from './$types';

export interface TokenLine {
  id: string;
  name: string;
  hint: string;
  actions: string[] | null;
  createdAt: string;
  expiresOn: string | null;
  revokedAt: string | null;
  lastUsedOn: string | null;
}

function actorIn(event: Pick<RequestEvent, 'locals'>): Actor {
  if (event.locals.actor === null) throw new AppError('unauthenticated');
  return event.locals.actor;
}

export const load: PageServerLoad = async (event) => {
  const { tokens } = await ask<{ tokens: TokenLine[] }>(event.locals, 'token.list');
  return {
    tokens: tokens.toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1)),
    key: crypto.randomUUID(),
    day: new Date().toISOString().slice(0, 10),
  };
};

export const actions: Actions = {
  create: (event) =>
    answerForm(event, 'create', async (values) => {
      const name = values.text('name');
      const input = {
        name,
        actions: values.text('which') === 'some' ? values.list('actions') : null,
        expiresOn: values.given('expiresOn'),
      };
      const answer = await event.locals.runtime.run(actorIn(event), 'token.create', input, values.meta());
      return { done: 'create', name, secret: (answer as { secret: string | null }).secret };
    }),
  revoke: (event) =>
    answerForm(event, 'revoke', async (values) => {
      await event.locals.runtime.run(actorIn(event), 'token.revoke', { id: values.text('id') }, values.meta());
      return { done: 'revoke' };
    }),
};
