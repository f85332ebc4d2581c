import { json } from '@sveltejs/kit';
import { AppError } from '#lib/protocol/errors.ts';
import { chunksOf } from '#lib/server/body-chunks.ts';
import type { RequestHandler } from './$types';

/** Takes in a file: an invoice (XML, Factur-X PDF) or a life-cycle message. The raw body is the file, `name` stands in the query. */
export const POST: RequestHandler = async ({ locals, request, url }) => {
  const { runtime, actor, requestId } = locals;
  try {
    if (actor === null) throw new AppError('unauthenticated');
    if (request.body === null) throw new AppError('bad_request', { issues: [{ path: 'body', reason: 'empty' }] });
    const answer = await runtime.receiveEinvoice(actor, Object.fromEntries(url.searchParams), chunksOf(request.body), {
      idempotencyKey: request.headers.get('idempotency-key'),
      only: null,
    });
    return json(answer, { headers: { 'cache-control': 'no-store' } });
  } catch (error) {
    return runtime.problem(error, requestId);
  }
};

export const fallback: RequestHandler = ({ locals }) =>
  locals.runtime.problem(new AppError('method_not_allowed', { allow: ['POST'] }), locals.requestId);
