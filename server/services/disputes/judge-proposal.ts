import type { DisputeProposal, DisputeReason } from '#lib/domain/dispute/dispute.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import { AppError } from '#lib/protocol/errors.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import type { App } from '../../app.ts';
import { disputeProposals } from '../../store/kinds/disputes.ts';
import { items } from '../../store/kinds/workspace.ts';
import type { Tx } from '../../store/port.ts';
import { accessAccount, accessCase } from '../access-account.ts';
import { accountEvent } from '../account-event.ts';
import { colleaguesOf } from '../colleagues.ts';
import { command, expectVersion, type CommandMeta } from '../command.ts';
import { disputeAnswer, type DisputeAnswer } from './dispute-answer.ts';
import { followDispute, tellDispute } from './dispute-people.ts';
import { openDisputeIn } from './open-in.ts';
import { storeDispute } from './store-dispute.ts';

/** What judging a proposal answers when no dispute comes of it. */
export interface ProposalAnswer {
  id: Id;
  version: number;
  state: DisputeProposal['state'];
  accountId: Id;
}

/**
 * Somebody agrees that a payment pattern means a dispute (rule DIS-12): it is opened on what is still open of the item.
 *
 * @throws AppError not_found; version_conflict with the proposal's version; conflict when it was judged or is void;
 *   validation_failed or already_disputed where the item cannot be disputed any more
 */
export async function confirmProposal(
  app: App,
  actor: Actor,
  input: { id: Id; reason: DisputeReason },
  meta: CommandMeta,
): Promise<DisputeAnswer> {
  const colleagues = await colleaguesOf(app, actor.workspaceId);
  return command(app, actor, meta, { name: 'proposal.confirm', input }, async (tx, now) => {
    const proposal = await proposalOf(tx, input.id);
    const found = await accessCase(tx, actor, proposal.accountId, 'dispute.open');
    expectWaiting(meta, proposal);
    const item = await tx.docs(items).get(proposal.itemId);
    const cents = Math.min(proposal.cents, Math.max(0, item?.openCents ?? 0));
    const opened = await openDisputeIn(tx, now, actor, {
      account: found.account,
      items: [{ itemId: proposal.itemId, cents: cents === 0 ? null : cents }],
      reason: input.reason,
      source: 'proposal',
      detail: null,
      department: null,
      memberId: null,
      requestedAction: null,
    });
    const confirmed = await tx
      .docs(disputeProposals)
      .replace({ ...proposal, state: 'confirmed', disputeId: opened.id });
    const { dispute, account } = await storeDispute(tx, now, actor, found, opened, {
      name: 'dispute.opened',
      data: { proposalId: proposal.id },
      changed: { proposals: [confirmed] },
    });
    await followDispute(tx, dispute, [actor.memberId]);
    const to = [account.ownerId, account.salesRepId];
    await tellDispute(tx, now, actor, { kind: 'dispute.opened', dispute, account, to, colleagues });
    return disputeAnswer(dispute);
  });
}

/**
 * Nothing is contested there: the same is not proposed again for that item (rule DIS-12).
 *
 * @throws AppError not_found; version_conflict; conflict when it was judged or is void
 */
export function dismissProposal(
  app: App,
  actor: Actor,
  input: { id: Id; reason: string | null },
  meta: CommandMeta,
): Promise<ProposalAnswer> {
  return command(app, actor, meta, { name: 'proposal.dismiss', input }, async (tx, now) => {
    const proposal = await proposalOf(tx, input.id);
    await accessAccount(tx, actor, proposal.accountId, 'dispute.open');
    expectWaiting(meta, proposal);
    const dismissed = await tx.docs(disputeProposals).replace({ ...proposal, state: 'dismissed' });
    await tx.append(accountStream(proposal.accountId), [
      accountEvent(
        now,
        actor,
        'proposal.dismissed',
        { proposals: [dismissed] },
        {
          data: { proposalId: proposal.id, itemNumber: proposal.itemNumber },
          personal: { reason: input.reason },
        },
      ),
    ]);
    return { id: dismissed.id, version: dismissed.version, state: dismissed.state, accountId: dismissed.accountId };
  });
}

async function proposalOf(tx: Tx, id: Id): Promise<DisputeProposal> {
  const proposal = await tx.docs(disputeProposals).get(id);
  if (proposal === null) throw new AppError('not_found');
  return proposal;
}

function expectWaiting(meta: CommandMeta, proposal: DisputeProposal): void {
  expectVersion(meta, proposal);
  if (proposal.state !== 'waiting') throw new AppError('conflict', { rule: 'DIS-12' });
}
