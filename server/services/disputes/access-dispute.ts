import type { Account } from '#lib/domain/account/account.ts';
import type { Case } from '#lib/domain/case/case.ts';
import type { Dispute } from '#lib/domain/dispute/dispute.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import type { Action } from '#lib/policies/actions.ts';
import { inScope } from '#lib/policies/in-scope.ts';
import { AppError } from '#lib/protocol/errors.ts';
import { disputes } from '../../store/kinds/disputes.ts';
import { accounts, cases } from '../../store/kinds/workspace.ts';
import type { Tx, WorkspaceStore } from '../../store/port.ts';
import { authorize } from '../authorize.ts';

/**
 * The only way to get a dispute on behalf of somebody. Its tokens are its account's, its owner department's and its
 * person's: a department goes on seeing a dispute that it owned when the account itself is out of its sight again.
 *
 * @param reader a transaction, or the workspace's store for a mere read
 * @throws AppError forbidden when the role may not; not_found, alike, when the dispute is unknown or out of scope
 */
export async function accessDispute(
  reader: Tx | WorkspaceStore,
  actor: Actor,
  disputeId: Id,
  action: Action,
): Promise<{ dispute: Dispute; account: Account }> {
  authorize(actor, action);
  const dispute = await reader.docs(disputes).get(disputeId);
  if (dispute === null || !inScope(actor.rights, dispute.access)) throw new AppError('not_found');
  const account = await reader.docs(accounts).get(dispute.accountId);
  if (account === null) throw new Error(`dispute ${disputeId} has no account`);
  return { dispute, account };
}

/** The same with the account's case, for a command that settles the account afterwards. */
export async function accessDisputeCase(
  tx: Tx,
  actor: Actor,
  disputeId: Id,
  action: Action,
): Promise<{ dispute: Dispute; account: Account; case: Case }> {
  const found = await accessDispute(tx, actor, disputeId, action);
  const work = await tx.docs(cases).get(found.account.id);
  if (work === null) throw new Error(`account ${found.account.id} has no case`);
  return { ...found, case: work };
}
