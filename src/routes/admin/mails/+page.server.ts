import type { MailPage } from '#lib/protocol/views/inbox.ts';
import { ask } from '#lib/server/page.ts';
import type { PageServerLoad } from './$types';

/** What was written to members, the newest first. */
export const load: PageServerLoad = async ({ locals, url }) => ({
  page: await ask<MailPage>(locals, 'mail.list', { limit: 50, after: url.searchParams.get('after') }),
});
