import * as v from 'valibot';
import type { Actor } from '#lib/domain/member/member.ts';
import { TEAM, type SavedView, type ViewScreen } from '#lib/domain/view/saved-view.ts';
import { may } from '#lib/policies/may.ts';
import { disputeFilterInput } from '#lib/protocol/commands/dispute.ts';
import { queueFilterInput } from '#lib/protocol/commands/queries.ts';
import type { SavedViewList } from '#lib/protocol/views/inbox.ts';
import { storeOf, type App } from '../app.ts';
import { disputes, savedViews } from '../store/kinds/disputes.ts';
import { queueRows } from '../store/kinds/workspace.ts';
import { disputeFilter } from './dispute-filter.ts';
import { queueFilter } from './queue-filter.ts';

const COUNT_CAP = 1_000;
const MOST = 50;

/** The actor's own views of a screen, then the team's, each by name, with how many it finds for them now. */
export async function viewList(app: App, actor: Actor, input: { screen: ViewScreen }): Promise<SavedViewList> {
  const docs = storeOf(app, actor).docs(savedViews);
  const today = app.clock.today((await app.workspace(actor.workspaceId)).timeZone);
  const found: SavedView[] = [];
  for (const ownerId of [actor.memberId, TEAM])
    found.push(...(await docs.find({ screen: input.screen, ownerId }, { sort: ['name'], limit: MOST })).docs);
  const rows = found.map(async (view) => ({
    ...view,
    mine: view.ownerId === actor.memberId || may(actor, 'view.share'),
    count: await countOf(app, actor, view, today),
  }));
  return { views: await Promise.all(rows) };
}

/** Capped at 1,000; null for a search, and for an address that means nothing any more. */
async function countOf(app: App, actor: Actor, { screen, query }: SavedView, today: string): Promise<number | null> {
  const given = Object.fromEntries(new URLSearchParams(query));
  const store = storeOf(app, actor);
  if (screen === 'queue') {
    const parsed = v.safeParse(queueFilterInput, given);
    if (!parsed.success || parsed.output.search !== '' || !may(actor, 'queue.read')) return null;
    const filter = queueFilter(actor, parsed.output, today);
    return filter === null ? 0 : store.docs(queueRows).count(filter, { upTo: COUNT_CAP });
  }
  const parsed = v.safeParse(disputeFilterInput, given);
  if (!parsed.success || parsed.output.search !== '' || !may(actor, 'dispute.read')) return null;
  const filter = disputeFilter(actor, parsed.output, today);
  return filter === null ? 0 : store.docs(disputes).count(filter, { upTo: COUNT_CAP });
}
