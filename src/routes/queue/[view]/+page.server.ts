import { error } from '@sveltejs/kit';
import { AppError } from '#lib/protocol/errors.ts';
import { VIEWS, type View } from '#lib/protocol/commands/queries.ts';
import type { QueuePage } from '#lib/protocol/views/views.ts';
import { asked } from '#lib/protocol/queue-address.ts';
import { COLUMNS_COOKIE, columnsFrom } from '#lib/protocol/queue-columns.ts';
import type { PageServerLoad } from './$types';

const isView = (view: string): view is View => (VIEWS as readonly string[]).includes(view);

/** The first rows, in the HTML; an address that asks for nonsense shows the view without it. */
export const load: PageServerLoad = async ({ locals, params, url, cookies }) => {
  const { view } = params;
  if (!isView(view) || locals.actor === null) error(404);
  const actor = locals.actor;
  const read = (filters: Record<string, string>) =>
    locals.runtime.run(actor, 'queue.page', { ...filters, view, limit: 50 }) as Promise<QueuePage>;
  const first = await read(asked(url.searchParams)).catch((refusal: unknown) => {
    if (refusal instanceof AppError && refusal.code === 'validation_failed') return read({});
    throw refusal;
  });
  return { view, first, columns: columnsFrom(cookies.get(COLUMNS_COOKIE)) };
};
