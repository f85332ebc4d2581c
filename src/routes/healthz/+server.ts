import { json } from '@sveltejs/kit';
import type { RequestHandler } from './$types';

/** Alive: the process answers. */
export const GET: RequestHandler = ({ locals }) =>
  json(
    { status: 'ok', version: locals.runtime.version, instance: locals.runtime.instance },
    { headers: { 'cache-control': 'no-store' } },
  );
