import type { BulkJobView } from '#lib/protocol/views/views.ts';
import { ask } from '#lib/server/page.ts';
import type { PageServerLoad } from './$types';

/** The preview of giving everything to oneself tells how many there are. */
export const load: PageServerLoad = async ({ locals }) => {
  const rule = { by: 'evenly', memberIds: [locals.actor?.memberId] };
  const job = await ask<BulkJobView>(locals, 'owners.distribute', { rule, preview: true });
  return { count: job.total };
};
