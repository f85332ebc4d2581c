import type { Actor, Department, Member } from '#lib/domain/member/member.ts';
import { AppError } from '#lib/protocol/errors.ts';
import { answerForm, type FormValues } from '#lib/server/forms.ts';
import { ask } from '#lib/server/page.ts';
import type { Actions, PageServerLoad, RequestEvent } from './$types';

/** A member as those who manage members see it. */
export type MemberLine = Omit<Member, 'passwordHash'>;

function actorIn(event: Pick<RequestEvent, 'locals'>): Actor {
  if (event.locals.actor === null) throw new AppError('unauthenticated');
  return event.locals.actor;
}

export const load: PageServerLoad = async (event) => {
  event.depends('encours:members');
  const { members } = await ask<{ members: MemberLine[] }>(event.locals, 'member.list');
  return { members, key: crypto.randomUUID() };
};

async function inviteBy(event: RequestEvent, values: FormValues) {
  const name = values.text('name');
  const input = {
    name,
    email: values.text('email'),
    role: values.text('role'),
    departments: values.list('departments'),
    scope: values.text('scope'),
    ledgerCode: values.text('ledgerCode'),
    locale: values.text('locale'),
    again: values.text('again') !== '',
  };
  const answer = await event.locals.runtime.run(actorIn(event), 'member.invite', input, values.meta());
  const { link } = answer as { link: string | null };
  return { done: 'invite', name, link: link === null ? null : new URL(link, event.url.origin).href };
}

export const actions: Actions = {
  invite: (event) => answerForm(event, 'invite', (values) => inviteBy(event, values)),
  change: (event) =>
    answerForm(event, 'change', async (values) => {
      const input = {
        id: values.text('id'),
        name: values.text('name'),
        role: values.text('role'),
        departments: values.list('departments') as Department[],
        scope: values.text('scope'),
        ledgerCode: values.text('ledgerCode'),
      };
      await event.locals.runtime.run(actorIn(event), 'member.change', input, values.meta());
      return { done: 'change' };
    }),
  state: (event) =>
    answerForm(event, 'state', async (values) => {
      const input = { id: values.text('id'), state: values.text('state') };
      await event.locals.runtime.run(actorIn(event), 'member.change', input, values.meta());
      return { done: 'change' };
    }),
  absence: (event) =>
    answerForm(event, 'absence', async (values) => {
      const back = values.text('end') !== '';
      const until = back ? null : values.given('until');
      if (!back && until === null)
        throw new AppError('validation_failed', { issues: [{ path: 'until', reason: 'required' }] });
      const input = {
        id: values.text('id'),
        from: back ? null : values.given('from'),
        until,
        substituteId: back ? null : values.given('substituteId'),
      };
      await event.locals.runtime.run(actorIn(event), 'member.absence', input, values.meta());
      return { done: 'absence' };
    }),
};
