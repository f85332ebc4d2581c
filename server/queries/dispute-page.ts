import type { Dispute } from '#lib/domain/dispute/dispute.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { DisputePageInput, DisputeSort } from '#lib/protocol/commands/dispute.ts';
import type { DisputePage } from '#lib/protocol/views/dispute.ts';
import { storeOf, type App } from '../app.ts';
import { disputes } from '../store/kinds/disputes.ts';
import { DISPUTE_SORT_FIELDS, disputeFilter } from './dispute-filter.ts';
import { searchByWords } from './search.ts';

const COUNT_CAP = 1_000;

const byDay = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const COMPARE: Record<DisputeSort, (a: Dispute, b: Dispute) => number> = {
  deadline: (a, b) => byDay(a.dueDay, b.dueDay),
  amount: (a, b) => b.disputedCents - a.disputedCents,
  oldest: (a, b) => byDay(a.openedOn, b.openedOn),
  newest: (a, b) => b.number - a.number,
};

/**
 * One page of the disputes, filtered and sorted by the store, within the actor's rights. A search answers all that it
 * finds (at most SEARCH_LIMIT) on one page.
 */
export async function disputePage(app: App, actor: Actor, input: DisputePageInput): Promise<DisputePage> {
  const today = app.clock.today((await app.workspace(actor.workspaceId)).timeZone);
  const docs = storeOf(app, actor).docs(disputes);
  const filter = disputeFilter(actor, input, today);
  if (filter === null) return { disputes: [], next: null, count: 0, today };
  const found = input.search === '' ? null : await searchByWords(docs, input.search, filter, ['-number']);
  if (found !== null) return { disputes: found.sort(COMPARE[input.sort]), next: null, count: found.length, today };
  const [page, count] = await Promise.all([
    docs.find(filter, { sort: [DISPUTE_SORT_FIELDS[input.sort]], limit: input.limit, after: input.after }),
    docs.count(filter, { upTo: COUNT_CAP }),
  ]);
  return { disputes: page.docs, next: page.next, count, today };
}
