import { redirect } from '@sveltejs/kit';
import type { Role } from '#lib/domain/member/member.ts';
import type { PageServerLoad } from './$types';

/** The first screen of each role (the one where its day begins). */
const FIRST: Record<Role, string> = {
  collector: '/queue/today',
  sales: '/inbox',
  quality: '/inbox',
  adv: '/inbox',
  logistics: '/inbox',
  accounting: '/inbox',
  manager: '/insights',
  finance: '/insights',
  admin: '/insights',
};

export const load: PageServerLoad = ({ locals }) => {
  redirect(303, locals.actor === null ? '/sign-in' : FIRST[locals.actor.role]);
};
