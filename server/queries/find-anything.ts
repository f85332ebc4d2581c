import type { Dispute } from '#lib/domain/dispute/dispute.ts';
import type { Item } from '#lib/domain/item/item.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import { searchWords } from '#lib/domain/text/fold.ts';
import { disputeNumberOf, referenceIn } from '#lib/domain/text/reference.ts';
import type { Id } from '#lib/domain/values.ts';
import { inScope } from '#lib/policies/in-scope.ts';
import { may } from '#lib/policies/may.ts';
import type { FindInput } from '#lib/protocol/commands/queries.ts';
import type { Found, FoundItem } from '#lib/protocol/views/search.ts';
import { storeOf, type App } from '../app.ts';
import { disputes } from '../store/kinds/disputes.ts';
import { accounts, items } from '../store/kinds/workspace.ts';
import type { WorkspaceStore } from '../store/port.ts';
import { accountList } from './account-list.ts';
import { scopeOf } from './scope.ts';
import { searchByWords } from './search.ts';

/** Shorter, a number begins too many others. */
const ITEM_MIN = 3;
const ITEM_PAGE = 100;
/** Pages looked through for somebody whose rights leave most items out. */
const ITEM_PAGES = 10;

/**
 * Accounts by name or number, disputes by their number, account or items, items by how their number begins: what the
 * palette offers. Each kind at most `limit`, within the actor's rights; an item is reached through its account.
 */
export async function findAnything(app: App, actor: Actor, { search, limit }: FindInput): Promise<Found> {
  if (searchWords(search).length === 0) return { accounts: [], disputes: [], items: [] };
  const store = storeOf(app, actor);
  const reference = referenceIn(search);
  const [named, contested, numbered] = await Promise.all([
    accountList(app, actor, { search, limit, after: null }),
    may(actor, 'dispute.read') ? findDisputes(store, actor, reference, limit) : [],
    findItems(store, actor, reference, limit),
  ]);
  return {
    accounts: named.accounts.map(({ id, number, name }) => ({ id, number, name })),
    disputes: contested.map(({ id, number, accountName, reason, state }) => ({
      id,
      number,
      accountName,
      reason,
      state,
    })),
    items: numbered,
  };
}

/** The one of this number first, then the newest that the words find. */
async function findDisputes(store: WorkspaceStore, actor: Actor, reference: string, limit: number): Promise<Dispute[]> {
  const docs = store.docs(disputes);
  const number = disputeNumberOf(reference);
  const [exact, found] = await Promise.all([
    number === null ? null : docs.find({ ...scopeOf(actor), number }, { limit: 1 }),
    searchByWords(docs, reference, scopeOf(actor), ['-number'], limit),
  ]);
  const all = new Map([...(exact?.docs ?? []), ...(found ?? [])].map((one) => [one.id, one]));
  return [...all.values()].slice(0, limit);
}

async function findItems(store: WorkspaceStore, actor: Actor, reference: string, limit: number): Promise<FoundItem[]> {
  if (reference.length < ITEM_MIN) return [];
  const spellings = new Set([reference, reference.toUpperCase(), reference.toLowerCase()]);
  const found = new Map<Id, FoundItem>();
  for (const spelling of spellings)
    for (const one of await beginningWith(store, actor, spelling, limit - found.size)) found.set(one.id, one);
  return [...found.values()];
}

async function beginningWith(store: WorkspaceStore, actor: Actor, start: string, limit: number): Promise<FoundItem[]> {
  const found: FoundItem[] = [];
  let after: string | null = null;
  for (let pages = 0; pages < ITEM_PAGES && found.length < limit; pages += 1) {
    const page: { docs: Item[]; next: string | null } = await store
      .docs(items)
      .find({ number: { $gte: start, $lt: `${start}\uffff` } }, { sort: ['number'], limit: ITEM_PAGE, after });
    const owners = await store.docs(accounts).getMany([...new Set(page.docs.map(({ accountId }) => accountId))]);
    const reached = new Map(owners.filter(({ access }) => inScope(actor.rights, access)).map((one) => [one.id, one]));
    for (const { id, number, kind, state, accountId, openCents, currency } of page.docs) {
      const account = reached.get(accountId);
      if (account === undefined) continue;
      found.push({ id, number, kind, state, accountId, accountName: account.name, openCents, currency });
    }
    after = page.next;
    if (after === null) break;
  }
  return found.slice(0, limit);
}
