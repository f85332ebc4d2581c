import type { Account } from '#lib/domain/account/account.ts';
import { daysBetween } from '#lib/domain/calendar/calendar.ts';
import { candidateOf, type EinvoiceCandidate } from '#lib/domain/einvoice/candidate.ts';
import { canBeTold, instalmentsOf } from '#lib/domain/einvoice/match-by-hand.ts';
import { firmName } from '#lib/domain/einvoice/match-invoice.ts';
import type { EinvoiceStatus } from '#lib/domain/einvoice/status.ts';
import type { Item } from '#lib/domain/item/item.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import { inScope } from '#lib/policies/in-scope.ts';
import type { EinvoiceCandidatesInput } from '#lib/protocol/commands/einvoice.ts';
import type { EinvoiceCandidates } from '#lib/protocol/views/einvoice.ts';
import { storeOf, type App } from '../app.ts';
import { accessStatus } from '../services/einvoices/access-status.ts';
import { einvoiceStatuses } from '../store/kinds/disputes.ts';
import { accounts, items } from '../store/kinds/workspace.ts';
import type { Filter, WorkspaceStore } from '../store/port.ts';
import { scopeOf } from './scope.ts';
import { searchByWords } from './search.ts';

const SHOWN = 20;
/** Accounts whose invoices are looked at, and how many of each. */
const ACCOUNTS = 8;
const EACH = 100;
const BY_NUMBER = 100;

/**
 * Invoices within the actor's reach that a waiting status may speak of, the likeliest first: by words those of this number or
 * account; without words those of the number told, of the buyer, and those to which a person joined this number before.
 *
 * @throws AppError forbidden; not_found
 */
export async function einvoiceCandidates(
  app: App,
  actor: Actor,
  { id, search }: EinvoiceCandidatesInput,
): Promise<EinvoiceCandidates> {
  const store = storeOf(app, actor);
  const status = await accessStatus(store, actor, id, 'einvoice.match');
  const typed = search.trim();
  const found = typed === '' ? await nearby(store, actor, status) : await searched(store, actor, typed);
  const all = await offered(store, actor, status, found);
  return { candidates: all.slice(0, SHOWN), more: all.length > SHOWN };
}

async function ofNumber(store: WorkspaceStore, number: Filter): Promise<Item[]> {
  return (await store.docs(items).find(number, { sort: ['number'], limit: BY_NUMBER })).docs;
}

async function ofAccounts(store: WorkspaceStore, holders: readonly Account[]): Promise<Item[]> {
  const found: Item[] = [];
  for (const { id } of holders.slice(0, ACCOUNTS))
    found.push(...(await store.docs(items).find({ accountId: id }, { sort: ['-issueDay'], limit: EACH })).docs);
  return found;
}

async function searched(store: WorkspaceStore, actor: Actor, typed: string): Promise<Item[]> {
  const spelled = [...new Set([typed, typed.toUpperCase()])];
  const byNumber: Item[] = [];
  for (const one of spelled) byNumber.push(...(await ofNumber(store, { number: { $gte: one, $lt: `${one}\uffff` } })));
  const holders = await searchByWords(store.docs(accounts), typed, scopeOf(actor));
  return [...byNumber, ...(await ofAccounts(store, holders ?? []))];
}

async function nearby(store: WorkspaceStore, actor: Actor, status: EinvoiceStatus): Promise<Item[]> {
  const { invoiceNumber, buyerId, buyerName } = status;
  const before = (await store.docs(einvoiceStatuses).find({ invoiceNumber }, { limit: BY_NUMBER })).docs;
  const joined = before.map(({ itemId }) => itemId).filter((one): one is Id => one !== null);
  const siren = /^\d{9}(?:\d{5})?$/.test(buyerId ?? '') ? (buyerId ?? '').slice(0, 9) : null;
  const byId = siren === null ? [] : (await store.docs(accounts).find({ siren }, { limit: ACCOUNTS })).docs;
  const name = firmName(buyerName ?? '');
  const byName = name === '' ? null : await searchByWords(store.docs(accounts), name, scopeOf(actor));
  return [
    ...(await store.docs(items).getMany([...new Set(joined)])),
    ...(await ofNumber(store, { number: invoiceNumber })),
    ...(await ofAccounts(store, byId)),
    ...(await ofAccounts(store, (byName ?? []).slice(0, ACCOUNTS))),
  ];
}

/** As invoices, without doubles, those with the fewest doubts first, then open ones, then by how near their day is. */
async function offered(
  store: WorkspaceStore,
  actor: Actor,
  status: EinvoiceStatus,
  found: readonly Item[],
): Promise<EinvoiceCandidate[]> {
  const all = [...new Map(found.filter(canBeTold).map((item) => [item.id, item])).values()];
  const ids = [...new Set(all.map(({ accountId }) => accountId))];
  const holders = (await store.docs(accounts).getMany(ids)).filter(({ access }) => inScope(actor.rights, access));
  const seen = new Map<string, EinvoiceCandidate>();
  for (const item of all) {
    const account = holders.find(({ id }) => id === item.accountId);
    if (account === undefined) continue;
    const candidate = candidateOf(status, account, instalmentsOf(item, all));
    seen.set(candidate.itemId, candidate);
  }
  const apart = (one: EinvoiceCandidate): number =>
    status.invoiceDay === null ? 0 : Math.abs(daysBetween(status.invoiceDay, one.issueDay));
  const rank = (one: EinvoiceCandidate): number =>
    one.doubts.length * 2 + (one.doubts.includes('buyer') ? 3 : 0) + (one.state === 'open' ? 0 : 1);
  return [...seen.values()].sort((a, b) => rank(a) - rank(b) || apart(a) - apart(b));
}
