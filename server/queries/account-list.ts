import type { Actor } from '#lib/domain/member/member.ts';
import type { Account } from '#lib/domain/account/account.ts';
import { storeOf, type App } from '../app.ts';
import { accounts } from '../store/kinds/workspace.ts';
import { scopeOf } from './scope.ts';
import { searchByWords } from './search.ts';

/** What a list of accounts shows of each. */
export interface AccountEntry {
  id: string;
  number: string;
  name: string;
  ownerId: string | null;
  salesRepId: string | null;
}

const entryOf = (account: Account): AccountEntry => ({
  id: account.id,
  number: account.number,
  name: account.name,
  ownerId: account.ownerId,
  salesRepId: account.salesRepId,
});

/** Accounts by name, or those that a search by name or number finds, within the actor's rights. */
export async function accountList(
  app: App,
  actor: Actor,
  input: { search: string; limit: number; after: string | null },
): Promise<{ accounts: AccountEntry[]; next: string | null }> {
  const docs = storeOf(app, actor).docs(accounts);
  const found = input.search === '' ? null : await searchByWords(docs, input.search, scopeOf(actor));
  if (found !== null) return { accounts: found.slice(0, input.limit).map(entryOf), next: null };
  const page = await docs.find(scopeOf(actor), { sort: ['name'], limit: input.limit, after: input.after });
  return { accounts: page.docs.map(entryOf), next: page.next };
}
