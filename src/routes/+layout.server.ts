import type { Me } from '#lib/protocol/views/views.ts';
import { preferencesFrom } from '#lib/protocol/preferences.ts';
import type { LayoutServerLoad } from './$types';

/** Who is signed in, in which language, and how this browser likes its screens. */
export const load: LayoutServerLoad = async ({ locals, cookies, depends }) => {
  depends('encours:me');
  const preferences = preferencesFrom((name) => cookies.get(name));
  const me =
    locals.actor === null
      ? null
      : ((await locals.runtime.run(locals.actor, 'me', {}, { idempotencyKey: null, expectedVersion: null })) as Me);
  return { me, locale: locals.locale, preferences };
};
