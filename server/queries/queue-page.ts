import type { Actor } from '#lib/domain/member/member.ts';
import type { QueueRow } from '#lib/domain/queue/queue-row.ts';
import type { QueueFilterInput, QueuePageInput, QueueSort } from '#lib/protocol/commands/queries.ts';
import type { QueueCounts, QueuePage } from '#lib/protocol/views/views.ts';
import { storeOf, type App } from '../app.ts';
import { leases, queueRows } from '../store/kinds/workspace.ts';
import { queueFilter, SORT_FIELDS, viewFilter } from './queue-filter.ts';
import { searchByWords } from './search.ts';

const COUNT_CAP = 1_000;

const byField: Record<QueueSort, (a: QueueRow, b: QueueRow) => number> = {
  priority: (a, b) => b.priority - a.priority,
  overdue: (a, b) => b.overdueRank - a.overdueRank,
  delay: (a, b) => (a.oldestDueDay < b.oldestDueDay ? -1 : a.oldestDueDay > b.oldestDueDay ? 1 : 0),
  next_action: (a, b) => (a.nextActionOn < b.nextActionOn ? -1 : a.nextActionOn > b.nextActionOn ? 1 : 0),
};

/**
 * One page of the shared queue, filtered and sorted by the store, within the actor's rights.
 * A search answers all that it finds (at most SEARCH_LIMIT) on one page.
 */
export async function queuePage(app: App, actor: Actor, input: QueuePageInput): Promise<QueuePage> {
  const today = app.clock.today((await app.workspace(actor.workspaceId)).timeZone);
  const store = storeOf(app, actor);
  const docs = store.docs(queueRows);
  const filter = queueFilter(actor, input, today);
  if (filter === null) return { rows: [], leases: {}, next: null, today };
  const found = input.search === '' ? null : await searchByWords(docs, input.search, filter);
  const page =
    found === null
      ? await docs.find(filter, { sort: [SORT_FIELDS[input.sort]], limit: input.limit, after: input.after })
      : { docs: found.sort(byField[input.sort]), next: null };
  const claimed = page.docs.filter((row) => row.claimedBy !== 'none').map((row) => row.id);
  const held = claimed.length === 0 ? [] : await store.docs(leases).getMany(claimed);
  return {
    rows: page.docs,
    leases: Object.fromEntries(held.map((lease) => [lease.id, lease.until])),
    next: page.next,
    today,
  };
}

/** How many each view holds and how many the present filters find, each capped at 1,000. */
export async function queueCounts(app: App, actor: Actor, input: QueueFilterInput): Promise<QueueCounts> {
  const today = app.clock.today((await app.workspace(actor.workspaceId)).timeZone);
  const docs = storeOf(app, actor).docs(queueRows);
  const count = (filter: ReturnType<typeof viewFilter>) =>
    filter === null ? 0 : docs.count(filter, { upTo: COUNT_CAP });
  const filter = queueFilter(actor, input, today);
  const filtered =
    input.search === '' || filter === null
      ? count(filter)
      : searchByWords(docs, input.search, filter).then((found) => found?.length ?? 0);
  const [todays, mine, unassigned, everything, finds] = await Promise.all([
    count(viewFilter(actor, 'today')),
    count(viewFilter(actor, 'mine')),
    count(viewFilter(actor, 'unassigned')),
    count(viewFilter(actor, 'everything')),
    filtered,
  ]);
  return { views: { today: todays, mine, unassigned, everything }, filtered: finds };
}
