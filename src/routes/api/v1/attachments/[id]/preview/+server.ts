import { AppError } from '#lib/protocol/errors.ts';
import type { RequestHandler } from './$types';

/** The bytes of a picture, or of a PDF for the page that draws it. */
export const GET: RequestHandler = async ({ locals, params }) => {
  const { runtime, actor, requestId } = locals;
  try {
    if (actor === null) throw new AppError('unauthenticated');
    return await runtime.sendAttachment(actor, params.id, { preview: true });
  } catch (error) {
    return runtime.problem(error, requestId);
  }
};

export const fallback: RequestHandler = ({ locals }) =>
  locals.runtime.problem(new AppError('method_not_allowed', { allow: ['GET'] }), locals.requestId);
