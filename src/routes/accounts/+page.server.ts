import type { AccountEntry } from '#server/queries/account-list.ts';
import { ask } from '#lib/server/page.ts';
import type { PageServerLoad } from './$types';

const PAGE = 50;
const LONGEST = 100;

/** Accounts by name, or those that the search of the address finds. */
export const load: PageServerLoad = async ({ locals, url }) => {
  const search = (url.searchParams.get('search') ?? '').slice(0, LONGEST);
  const after = url.searchParams.get('after');
  const page = await ask<{ accounts: AccountEntry[]; next: string | null }>(locals, 'account.list', {
    search: search.isWellFormed() ? search : '',
    limit: PAGE,
    after,
  });
  return { search, ...page };
};
