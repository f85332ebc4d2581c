import { redirect } from '@sveltejs/kit';
import { answerForm, setCookies, visitorOf } from '#lib/server/forms.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals }) => {
  if (await locals.runtime.people.isSetUp()) redirect(303, '/sign-in');
};

export const actions: Actions = {
  default: (event) =>
    answerForm(event, 'set-up', async (values) => {
      const input = {
        code: values.text('code'),
        workspaceName: values.text('workspaceName'),
        name: values.text('name'),
        email: values.text('email'),
        password: values.text('password'),
        locale: event.locals.locale,
      };
      const entered = await event.locals.runtime.people.setUp(input, visitorOf(event));
      setCookies(event.cookies, entered.cookies);
      redirect(303, '/admin/imports');
    }),
};
