import type { Actor } from '#lib/domain/member/member.ts';
import type { ProposalListInput } from '#lib/protocol/commands/dispute.ts';
import type { ProposalPage } from '#lib/protocol/views/dispute.ts';
import { storeOf, type App } from '../app.ts';
import { disputeProposals } from '../store/kinds/disputes.ts';
import { accounts } from '../store/kinds/workspace.ts';
import { scopeOf, type PlainFilter } from './scope.ts';

/** Disputes that Encours supposes and nobody has judged yet, newest first, within the actor's rights. */
export async function proposalList(app: App, actor: Actor, input: ProposalListInput): Promise<ProposalPage> {
  const store = storeOf(app, actor);
  const filter: PlainFilter = { ...scopeOf(actor), state: 'waiting' };
  if (input.accountId !== undefined) filter.accountId = input.accountId;
  const page = await store
    .docs(disputeProposals)
    .find(filter, { sort: ['-proposedOn'], limit: input.limit, after: input.after });
  const ids = [...new Set(page.docs.map((one) => one.accountId))];
  const of = new Map((await store.docs(accounts).getMany(ids)).map((account) => [account.id, account]));
  return {
    proposals: page.docs.map((one) => ({
      ...one,
      accountNumber: of.get(one.accountId)?.number ?? '',
      accountName: of.get(one.accountId)?.name ?? '',
    })),
    next: page.next,
  };
}
