import { error } from '@sveltejs/kit';
import { dev } from '$app/environment';
import type { PageServerLoad } from './$types';

/** Every component in every state, for those who build it; not there in production. */
export const load: PageServerLoad = () => {
  if (!dev) error(404);
};
