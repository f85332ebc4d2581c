import { json } from '@sveltejs/kit';
import { AppError } from '#lib/protocol/errors.ts';
import { chunksOf } from '#lib/server/body-chunks.ts';
import type { RequestHandler } from './$types';

const PATH = '/einvoice-statuses';

/** Received statuses. */
export const GET: RequestHandler = ({ locals, request }) => {
  if (locals.actor === null) return locals.runtime.problem(new AppError('unauthenticated'), locals.requestId);
  return locals.runtime.answer(locals.actor, request, PATH, locals.requestId);
};

/** Takes in a life-cycle message: as JSON `{ xml }`, or as the raw XML. */
export const POST: RequestHandler = async ({ locals, request, url }) => {
  const { runtime, actor, requestId } = locals;
  try {
    if (actor === null) throw new AppError('unauthenticated');
    if (/^application\/json\b/i.test(request.headers.get('content-type') ?? ''))
      return await runtime.answer(actor, request, PATH, requestId);
    if (request.body === null) throw new AppError('bad_request', { issues: [{ path: 'body', reason: 'empty' }] });
    const answer = await runtime.receiveEinvoice(actor, Object.fromEntries(url.searchParams), chunksOf(request.body), {
      idempotencyKey: request.headers.get('idempotency-key'),
      only: 'status',
    });
    return json(answer, { headers: { 'cache-control': 'no-store' } });
  } catch (error) {
    return runtime.problem(error, requestId);
  }
};

export const fallback: RequestHandler = ({ locals }) =>
  locals.runtime.problem(new AppError('method_not_allowed', { allow: ['GET', 'POST'] }), locals.requestId);
