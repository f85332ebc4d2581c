import { redirect } from '@sveltejs/kit';
import { answerForm, setCookies, visitorOf } from '#lib/server/forms.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, params, setHeaders }) => {
  setHeaders({ 'cache-control': 'private, no-store' });
  return { invitation: await locals.runtime.people.readInvitation(params.token) };
};

export const actions: Actions = {
  default: (event) =>
    answerForm(event, 'join', async (values) => {
      const input = { token: event.params.token, password: values.text('password') };
      const entered = await event.locals.runtime.people.acceptInvitation(input, visitorOf(event));
      setCookies(event.cookies, entered.cookies);
      redirect(303, '/');
    }),
};
