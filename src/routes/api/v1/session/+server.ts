import { json } from '@sveltejs/kit';
import { AppError } from '#lib/protocol/errors.ts';
import type { RequestHandler } from './$types';

/** Signs in with e-mail and password; the session is a cookie. */
export const POST: RequestHandler = async ({ locals, request, cookies, getClientAddress }) => {
  try {
    const input: unknown = await request.json().catch(() => {
      throw new AppError('bad_request', { issues: [{ path: '', reason: 'json' }] });
    });
    const entered = await locals.runtime.people.signIn(input, {
      ip: getClientAddress(),
      cookie: request.headers.get('cookie'),
    });
    for (const { name, value, options } of entered.cookies) cookies.set(name, value, options);
    const { memberId, workspaceId, role, locale } = entered;
    return json({ memberId, workspaceId, role, locale }, { headers: { 'cache-control': 'no-store' } });
  } catch (error) {
    return locals.runtime.problem(error, locals.requestId);
  }
};

/** Signs out. */
export const DELETE: RequestHandler = async ({ locals, cookies }) => {
  if (locals.actor === null) return locals.runtime.problem(new AppError('unauthenticated'), locals.requestId);
  for (const { name, value, options } of await locals.runtime.people.signOut(locals.actor))
    cookies.set(name, value, options);
  return new Response(null, { status: 204, headers: { 'clear-site-data': '"cache"' } });
};

export const fallback: RequestHandler = ({ locals }) =>
  locals.runtime.problem(new AppError('method_not_allowed', { allow: ['POST', 'DELETE'] }), locals.requestId);
