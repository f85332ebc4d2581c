import { json } from '@sveltejs/kit';
import { AppError } from '#lib/protocol/errors.ts';
import { chunksOf } from '#lib/server/body-chunks.ts';
import type { RequestHandler } from './$types';

/** The files of the dispute's threads. */
export const GET: RequestHandler = ({ locals, request, params }) => {
  if (locals.actor === null) return locals.runtime.problem(new AppError('unauthenticated'), locals.requestId);
  return locals.runtime.answer(locals.actor, request, `/disputes/${params.id}/attachments`, locals.requestId);
};

/** Takes in a file for a message to come: the raw body is the file, `audience` and `name` stand in the query. */
export const POST: RequestHandler = async ({ locals, request, url, params }) => {
  const { runtime, actor, requestId } = locals;
  try {
    if (actor === null) throw new AppError('unauthenticated');
    if (request.body === null) throw new AppError('bad_request', { issues: [{ path: 'body', reason: 'empty' }] });
    const attachment = await runtime.receiveAttachment(
      actor,
      { ...Object.fromEntries(url.searchParams), id: params.id },
      chunksOf(request.body),
      request.headers.get('idempotency-key'),
    );
    return json(attachment, { status: 201, headers: { 'cache-control': 'no-store' } });
  } catch (error) {
    return runtime.problem(error, requestId);
  }
};

export const fallback: RequestHandler = ({ locals }) =>
  locals.runtime.problem(new AppError('method_not_allowed', { allow: ['GET', 'POST'] }), locals.requestId);
