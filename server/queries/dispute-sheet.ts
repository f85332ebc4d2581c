import * as v from 'valibot';
import type { Account } from '#lib/domain/account/account.ts';
import type { Dispute } from '#lib/domain/dispute/dispute.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import { inScope } from '#lib/policies/in-scope.ts';
import { disputePageInput, type ReadDisputeInput } from '#lib/protocol/commands/dispute.ts';
import { disputeFilters } from '#lib/protocol/dispute-address.ts';
import { AppError } from '#lib/protocol/errors.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import type { DisputeSheet } from '#lib/protocol/views/dispute.ts';
import type { TaskRow } from '#lib/protocol/views/views.ts';
import { storeOf, type App } from '../app.ts';
import { accessDispute } from '../services/disputes/access-dispute.ts';
import type { WorkspaceStore } from '../store/port.ts';
import { balances, cases, contacts, items, leases, tasks } from '../store/kinds/workspace.ts';
import { attachmentsOf } from './attachments.ts';
import { disputePage } from './dispute-page.ts';
import { threadViews } from './thread-view.ts';
import { readTimeline } from './timeline.ts';

const TIMELINE_FIRST = 50;
const STRIP_LIST = 200;
const STRIP_AROUND = 10;
const TASK_STATES = ['open', 'done', 'declined', 'returned'];

/**
 * The dispute's screen. The sequence is read first: an event that lands while the rest is read comes again through
 * `watch` and changes nothing. Whoever reaches the dispute but not its account any more gets the dispute alone, with
 * the account's number and name.
 *
 * @throws AppError not_found for a dispute that is unknown or out of the actor's scope
 */
export async function disputeSheet(app: App, actor: Actor, input: ReadDisputeInput): Promise<DisputeSheet> {
  const store = storeOf(app, actor);
  const first = await accessDispute(store, actor, input.id, 'dispute.read');
  const head = await store.journal.head(accountStream(first.account.id));
  const { dispute, account } = await accessDispute(store, actor, input.id, 'dispute.read');
  const [workspace, contested, asked, timeline, of, strip, threads, attachments] = await Promise.all([
    app.workspace(actor.workspaceId),
    store.docs(items).getMany(dispute.items.map((one) => one.itemId)),
    store.docs(tasks).find({ disputeId: dispute.id, state: { $in: TASK_STATES } }, { sort: ['dueDay'], limit: 100 }),
    readTimeline(app, actor, { id: account.id, before: null, disputeId: dispute.id, limit: TIMELINE_FIRST }),
    accountPart(store, actor, account),
    stripOf(app, actor, dispute, input.from),
    threadViews(app, actor, dispute, account),
    attachmentsOf(store, actor, dispute.id),
  ]);
  return {
    seq: head.seq,
    dispute,
    account: of,
    items: contested,
    tasks: asked.docs.map((task): TaskRow => ({ task, accountNumber: account.number, accountName: account.name })),
    attachments,
    threads,
    timeline,
    strip,
    today: app.clock.today(workspace.timeZone),
  };
}

async function accountPart(store: WorkspaceStore, actor: Actor, account: Account): Promise<DisputeSheet['account']> {
  const work = await store.docs(cases).get(account.id);
  if (work === null) throw new AppError('not_found');
  if (!inScope(actor.rights, account.access))
    return {
      account: nameOnly(account),
      case: { ...work, postponeReason: null },
      balances: [],
      contacts: [],
      leaseUntil: null,
    };
  const [lease, amounts, people] = await Promise.all([
    store.docs(leases).get(account.id),
    store.docs(balances).find({ accountId: account.id }, { limit: 50 }),
    store.docs(contacts).find({ accountId: account.id }, { limit: 200 }),
  ]);
  return {
    account,
    case: work,
    balances: amounts.docs,
    contacts: people.docs.filter((contact) => contact.state !== 'removed'),
    leaseUntil: work.claimedBy === null ? null : (lease?.until ?? null),
  };
}

function nameOnly(account: Account): Account {
  return {
    ...account,
    siren: null,
    siret: null,
    vatNumber: null,
    address: null,
    terms: null,
    paymentMethod: null,
    payingAccountNumber: null,
    ledger: {},
  };
}

/** The list that the reader came from, some lines before and after this dispute; nothing for an address that is none. */
async function stripOf(app: App, actor: Actor, dispute: Dispute, from: string | null): Promise<DisputeSheet['strip']> {
  if (from === null || from === '') return [];
  const asked = v.safeParse(disputePageInput, disputeFilters(new URLSearchParams(from)));
  if (!asked.success) return [];
  const page = await disputePage(app, actor, { ...asked.output, limit: STRIP_LIST, after: null });
  const at = Math.max(
    0,
    page.disputes.findIndex((one) => one.id === dispute.id),
  );
  const around = page.disputes.slice(Math.max(0, at - STRIP_AROUND), at + STRIP_AROUND + 1);
  return around.map(({ id, number, accountName, reason, disputedCents, currency }) => ({
    id,
    number,
    accountName,
    reason,
    disputedCents,
    currency,
  }));
}
