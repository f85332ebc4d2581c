import { redirect } from '@sveltejs/kit';
import { LOCALES, type Locale } from '#lib/domain/member/member.ts';
import { answerForm, safeNext, setCookies, visitorOf } from '#lib/server/forms.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, url }) => {
  if (locals.actor !== null) redirect(303, safeNext(url.searchParams.get('next')));
  const { people } = locals.runtime;
  if (!(await people.isSetUp())) redirect(303, '/set-up');
  return { demo: await people.demoPeople() };
};

export const actions: Actions = {
  password: (event) =>
    answerForm(event, 'password', async (values) => {
      const input = { email: values.text('email'), password: values.text('password') };
      const entered = await event.locals.runtime.people.signIn(input, visitorOf(event));
      setCookies(event.cookies, entered.cookies);
      redirect(303, safeNext(event.url.searchParams.get('next')));
    }),
  as: (event) =>
    answerForm(event, 'as', async (values) => {
      const entered = await event.locals.runtime.people.signInAs(values.text('memberId'), visitorOf(event));
      setCookies(event.cookies, entered.cookies);
      redirect(303, safeNext(event.url.searchParams.get('next')));
    }),
  language: async (event) => {
    const chosen = (await event.request.formData()).get('locale');
    const locale: Locale = LOCALES.find((each) => each === chosen) ?? 'fr';
    event.cookies.set('lang', locale, { path: '/', httpOnly: true, sameSite: 'lax', maxAge: 365 * 86_400 });
    redirect(303, `/sign-in${event.url.search.replace(/^\?\/language&?/, '?')}`);
  },
};
