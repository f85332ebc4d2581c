import { json } from '@sveltejs/kit';
import { AppError } from '#lib/protocol/errors.ts';
import type { RequestHandler } from './$types';

export const GET: RequestHandler = ({ locals }) =>
  json(locals.runtime.openApi(), { headers: { 'cache-control': 'public, max-age=300' } });

export const fallback: RequestHandler = ({ locals }) =>
  locals.runtime.problem(new AppError('method_not_allowed', { allow: ['GET'] }), locals.requestId);
