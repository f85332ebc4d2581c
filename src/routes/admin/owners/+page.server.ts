import { AppError } from '#lib/protocol/errors.ts';
import type { BulkJobView } from '#lib/protocol/views/views.ts';
import type { PageServerLoad } from './$types';

/** The preview of giving everything to oneself tells how many there are. */
export const load: PageServerLoad = async ({ locals }) => {
  if (locals.actor === null) throw new AppError('unauthenticated');
  const rule = { by: 'evenly', memberIds: [locals.actor.memberId] };
  const job = (await locals.runtime.run(locals.actor, 'owners.distribute', { rule, preview: true })) as BulkJobView;
  return { count: job.total };
};
