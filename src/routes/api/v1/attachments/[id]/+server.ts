import { AppError } from '#lib/protocol/errors.ts';
import type { RequestHandler } from './$types';

/** The file, to save. */
export const GET: RequestHandler = async ({ locals, params }) => {
  const { runtime, actor, requestId } = locals;
  try {
    if (actor === null) throw new AppError('unauthenticated');
    return await runtime.sendAttachment(actor, params.id, { preview: false });
  } catch (error) {
    return runtime.problem(error, requestId);
  }
};

/** Takes it away. */
export const DELETE: RequestHandler = ({ locals, request, params }) => {
  if (locals.actor === null) return locals.runtime.problem(new AppError('unauthenticated'), locals.requestId);
  return locals.runtime.answer(locals.actor, request, `/attachments/${params.id}`, locals.requestId);
};

export const fallback: RequestHandler = ({ locals }) =>
  locals.runtime.problem(new AppError('method_not_allowed', { allow: ['GET', 'DELETE'] }), locals.requestId);
