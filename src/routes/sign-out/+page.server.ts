import { redirect } from '@sveltejs/kit';
import { setCookies } from '#lib/server/forms.ts';
import type { Actions } from './$types';

export const actions: Actions = {
  default: async ({ locals, cookies }) => {
    if (locals.actor !== null) setCookies(cookies, await locals.runtime.people.signOut(locals.actor));
    redirect(303, '/sign-in');
  },
};
