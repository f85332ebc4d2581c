import { json } from '@sveltejs/kit';
import type { RequestHandler } from './$types';

/** Ready: the store answers. */
export const GET: RequestHandler = async ({ locals }) => {
  const headers = { 'cache-control': 'no-store' };
  try {
    await locals.runtime.app.store.ping();
    return json({ status: 'ready', store: locals.runtime.app.store.engine }, { headers });
  } catch {
    return json({ status: 'store_unavailable' }, { status: 503, headers });
  }
};
