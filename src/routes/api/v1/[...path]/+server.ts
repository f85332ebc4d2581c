import type { RequestHandler } from './$types';
import { AppError } from '#lib/protocol/errors.ts';

const answer: RequestHandler = ({ locals, request, params }) => {
  if (locals.actor === null) return locals.runtime.problem(new AppError('unauthenticated'), locals.requestId);
  return locals.runtime.answer(locals.actor, request, `/${params.path}`, locals.requestId);
};

export const GET = answer;
export const POST = answer;
export const PATCH = answer;
export const DELETE = answer;
export const fallback = answer;
