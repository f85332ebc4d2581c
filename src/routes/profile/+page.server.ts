import { redirect } from '@sveltejs/kit';
import { LOCALES, type Actor } from '#lib/domain/member/member.ts';
import { MAIL_PACES, type MailPace } from '#lib/domain/notification/notification.ts';
import { AppError } from '#lib/protocol/errors.ts';
import { answerForm, setCookies } from '#lib/server/forms.ts';
import { ask } from '#lib/server/page.ts';
import type { Actions, PageServerLoad, RequestEvent } from './$types';

export const load: PageServerLoad = async ({ locals }) => ({
  key: crypto.randomUUID(),
  mails: (await ask<{ mails: MailPace }>(locals, 'notification.settings')).mails,
});

function actorIn(event: RequestEvent): Actor {
  if (event.locals.actor === null) throw new AppError('unauthenticated');
  return event.locals.actor;
}

export const actions: Actions = {
  language: (event) =>
    answerForm(event, 'language', async (values) => {
      const { runtime } = event.locals;
      const locale = LOCALES.find((each) => each === values.text('locale'));
      await runtime.run(actorIn(event), 'profile.change', { locale }, values.meta());
      // The answer's page is drawn in this same request: already in the new language.
      if (locale !== undefined) event.locals.locale = locale;
      return { done: 'language' };
    }),
  mails: (event) =>
    answerForm(event, 'mails', async (values) => {
      const mails = MAIL_PACES.find((each) => each === values.text('mails'));
      await event.locals.runtime.run(actorIn(event), 'notification.change', { mails }, values.meta());
      return { done: 'mails' };
    }),
  password: (event) =>
    answerForm(event, 'password', async (values) => {
      const input = { current: values.text('current'), next: values.text('next') };
      const answer = await event.locals.runtime.run(actorIn(event), 'password.change', input, values.meta());
      return { done: 'password', closedSessions: (answer as { closedSessions: number }).closedSessions };
    }),
  absence: (event) =>
    answerForm(event, 'absence', async (values) => {
      const actor = actorIn(event);
      const input = {
        id: actor.memberId,
        from: values.given('from'),
        until: values.given('until'),
        substituteId: values.given('substituteId'),
      };
      if (values.text('end') === '') {
        if (input.until === null)
          throw new AppError('validation_failed', { issues: [{ path: 'until', reason: 'required' }] });
        await event.locals.runtime.run(actor, 'member.absence', input, values.meta());
      } else {
        const back = { id: actor.memberId, from: null, until: null, substituteId: null };
        await event.locals.runtime.run(actor, 'member.absence', back, values.meta());
      }
      return { done: 'absence' };
    }),
  everywhere: async (event) => {
    setCookies(event.cookies, await event.locals.runtime.people.signOutEverywhere(actorIn(event)));
    redirect(303, '/sign-in');
  },
};
