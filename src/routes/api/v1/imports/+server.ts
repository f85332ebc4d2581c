import { json } from '@sveltejs/kit';
import { AppError } from '#lib/protocol/errors.ts';
import { chunksOf } from '#lib/server/body-chunks.ts';
import type { RequestHandler } from './$types';

/** The last imports. */
export const GET: RequestHandler = ({ locals, request }) => {
  if (locals.actor === null) return locals.runtime.problem(new AppError('unauthenticated'), locals.requestId);
  return locals.runtime.answer(locals.actor, request, '/imports', locals.requestId);
};

/** Stages a file: the raw body is the file, all else stands in the query. Nothing is applied. */
export const POST: RequestHandler = async ({ locals, request, url }) => {
  const { runtime, actor, requestId } = locals;
  try {
    if (actor === null) throw new AppError('unauthenticated');
    if (request.body === null) throw new AppError('bad_request', { issues: [{ path: 'body', reason: 'empty' }] });
    const run = await runtime.stageImport(
      actor,
      Object.fromEntries(url.searchParams),
      chunksOf(request.body),
      request.headers.get('idempotency-key'),
    );
    return json(run, { status: 201, headers: { 'cache-control': 'no-store' } });
  } catch (error) {
    return runtime.problem(error, requestId);
  }
};

export const fallback: RequestHandler = ({ locals }) =>
  locals.runtime.problem(new AppError('method_not_allowed', { allow: ['GET', 'POST'] }), locals.requestId);
