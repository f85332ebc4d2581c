import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import { AppError } from '#lib/protocol/errors.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import type { AccountSheet } from '#lib/protocol/views/views.ts';
import { storeOf, type App } from '../app.ts';
import { accessAccount } from '../services/access-account.ts';
import { disputeProposals, disputes } from '../store/kinds/disputes.ts';
import { balances, cases, contacts, leases, promises, tasks } from '../store/kinds/workspace.ts';
import { readTimeline } from './timeline.ts';

const TIMELINE_FIRST = 50;

/**
 * The account's screen but for its items. The sequence is read first: an event that lands while the rest is read comes
 * again through `watch` and changes nothing.
 *
 * @throws AppError not_found for an account that is unknown or out of the actor's scope
 */
export async function accountSheet(app: App, actor: Actor, input: { id: Id }): Promise<AccountSheet> {
  const store = storeOf(app, actor);
  const head = await store.journal.head(accountStream(input.id));
  const account = await accessAccount(store, actor, input.id, 'account.read');
  const ofAccount = { accountId: account.id };
  const [
    workspace,
    work,
    lease,
    amounts,
    people,
    openTasks,
    doneTasks,
    declinedTasks,
    returnedTasks,
    made,
    contested,
    supposed,
    timeline,
  ] = await Promise.all([
    app.workspace(actor.workspaceId),
    store.docs(cases).get(account.id),
    store.docs(leases).get(account.id),
    store.docs(balances).find(ofAccount, { limit: 50 }),
    store.docs(contacts).find({ ...ofAccount }, { limit: 200 }),
    store.docs(tasks).find({ ...ofAccount, state: 'open' }, { sort: ['dueDay'], limit: 50 }),
    store.docs(tasks).find({ ...ofAccount, state: 'done' }, { sort: ['-dueDay'], limit: 25 }),
    store.docs(tasks).find({ ...ofAccount, state: 'declined' }, { sort: ['-dueDay'], limit: 25 }),
    store.docs(tasks).find({ ...ofAccount, state: 'returned' }, { sort: ['-dueDay'], limit: 25 }),
    store.docs(promises).find(ofAccount, { limit: 200 }),
    store.docs(disputes).find(ofAccount, { sort: ['state'], limit: 200 }),
    store.docs(disputeProposals).find({ ...ofAccount, state: 'waiting' }, { limit: 100 }),
    readTimeline(app, actor, { id: account.id, before: null, limit: TIMELINE_FIRST }),
  ]);
  if (work === null) throw new AppError('not_found');
  return {
    account,
    case: work,
    leaseUntil: work.claimedBy === null ? null : (lease?.until ?? null),
    balances: amounts.docs,
    contacts: people.docs.filter((contact) => contact.state !== 'removed'),
    tasks: [...openTasks.docs, ...doneTasks.docs, ...declinedTasks.docs, ...returnedTasks.docs],
    promises: made.docs,
    disputes: contested.docs.sort((a, b) => (a.id < b.id ? -1 : 1)),
    proposals: supposed.docs,
    entities: workspace.entities.filter((entity) => account.entityIds.includes(entity.id)),
    seq: head.seq,
    today: app.clock.today(workspace.timeZone),
    timeline,
    ledgerAsOf: workspace.ledgerAsOf,
  };
}
