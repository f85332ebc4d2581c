import { hash, randomUUID } from 'node:crypto';
import type { Handle, HandleServerError, ServerInit } from '@sveltejs/kit';
import type { Actor } from '#lib/domain/member/member.ts';
import { MEANT_FOR_HEADER, MEMBER_HEADER } from '#lib/protocol/offline.ts';
import { AppError } from '#lib/protocol/errors.ts';
import { fillDocument, preferencesFrom } from '#lib/protocol/preferences.ts';
import { guardRequest } from '#lib/server/guard.ts';
import { localeOf } from '#lib/server/locale.ts';
import { securityHeaders } from '#lib/server/headers.ts';
import { isPublic } from '#lib/server/public-paths.ts';
import { openRuntime } from '#server/runtime.ts';

export const init: ServerInit = async () => {
  await openRuntime();
};

/** Whoever sees a page, with the rights that they see it with. */
function ownerOf({ memberId, role, departments, rights }: Actor): string {
  const seen = JSON.stringify([role, departments, rights]);
  return `${memberId}.${hash('sha256', seen, 'hex').slice(0, 16)}`;
}

export const handle: Handle = async ({ event, resolve }) => {
  const { locals, request, url } = event;
  const runtime = await openRuntime();
  const started = performance.now();
  locals.runtime = runtime;
  locals.requestId = randomUUID();
  locals.actor = null;
  locals.credential = null;
  locals.locale = localeOf(event.cookies.get('lang'), request.headers.get('accept-language'));
  const isApi = url.pathname.startsWith('/api/');

  const finish = (response: Response): Response => {
    for (const [name, value] of securityHeaders(url))
      if (!response.headers.has(name)) response.headers.set(name, value);
    response.headers.set('x-request-id', locals.requestId);
    if (locals.actor !== null && !isApi) response.headers.set(MEMBER_HEADER, ownerOf(locals.actor));
    if (locals.actor !== null && !response.headers.has('cache-control'))
      response.headers.set('cache-control', 'private, no-store');
    runtime.metrics.request(event.route.id ?? 'none', response.status, (performance.now() - started) / 1_000);
    return response;
  };

  try {
    guardRequest(runtime.app.config, request, url);
    const found = await runtime.people.authenticate({
      cookie: request.headers.get('cookie'),
      // A token opens the API and nothing else.
      authorization: isApi ? request.headers.get('authorization') : null,
    });
    const meantFor = request.headers.get(MEANT_FOR_HEADER);
    if (found !== null && meantFor !== null && meantFor !== found.actor.memberId) throw new AppError('unauthenticated');
    if (found !== null) {
      locals.actor = found.actor;
      locals.credential = found.credential;
      locals.locale = found.actor.locale;
      await runtime.people.countRequest(found.credential.id);
    }
    if (locals.actor === null && !isPublic(url.pathname)) throw new AppError('unauthenticated');
  } catch (error) {
    const refusal = runtime.refusal(error);
    if (refusal.code === 'unauthenticated' && !isApi && (request.method === 'GET' || request.method === 'HEAD')) {
      const to = (await runtime.people.isSetUp())
        ? `/sign-in?next=${encodeURIComponent(url.pathname + url.search)}`
        : '/set-up';
      // A client-side navigation asks for data: the whole page must go, so it is told in Kit's own words.
      if (event.isDataRequest) {
        return finish(
          new Response(JSON.stringify({ type: 'redirect', location: to }), {
            headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
          }),
        );
      }
      return finish(new Response(null, { status: 303, headers: { location: to } }));
    }
    return finish(runtime.problem(error, locals.requestId));
  }

  const preferences = preferencesFrom((name) => event.cookies.get(name));
  const response = await resolve(event, {
    transformPageChunk: ({ html }) => fillDocument(html, locals.locale, preferences),
  });
  return finish(response);
};

export const handleError: HandleServerError = ({ error, event, status }) => {
  const refusal = error instanceof AppError ? error : null;
  if (refusal !== null) return { message: refusal.code, code: refusal.code, requestId: event.locals.requestId };
  if (status !== 404)
    event.locals.runtime?.app.log.error(
      { err: error, requestId: event.locals.requestId, route: event.route.id },
      'request failed',
    );
  return {
    message: status === 404 ? 'not_found' : 'internal',
    code: status === 404 ? 'not_found' : 'internal',
    requestId: event.locals.requestId,
  };
};
