import type { Item } from '#lib/domain/item/item.ts';
import { LOCALES } from '#lib/domain/member/member.ts';
import type { AccountSheet, ItemPage } from '#lib/protocol/views/views.ts';
import { ask } from '#lib/server/page.ts';
import type { PageServerLoad } from './$types';

const PAGE = 500;
const PAGES = 40;

/** Every open item of the account, and the language that the customer reads. */
export const load: PageServerLoad = async ({ locals, params, url }) => {
  const { id } = params;
  const sheet = await ask<AccountSheet>(locals, 'account.sheet', { id });
  const items: Item[] = [];
  let after: string | null = null;
  for (let page = 0; page < PAGES; page += 1) {
    const found: ItemPage = await ask<ItemPage>(locals, 'account.items', { id, state: 'open', limit: PAGE, after });
    items.push(...found.items);
    after = found.next;
    if (after === null) break;
  }
  const asked = url.searchParams.get('lang');
  const { account, entities, today } = sheet;
  return { account, entities, today, items, language: LOCALES.find((one) => one === asked) ?? locals.locale };
};
