import type { Account } from '#lib/domain/account/account.ts';
import type { Case } from '#lib/domain/case/case.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import type { Action } from '#lib/policies/actions.ts';
import { inScope } from '#lib/policies/in-scope.ts';
import { AppError } from '#lib/protocol/errors.ts';
import { accounts, cases } from '../store/kinds/workspace.ts';
import type { Tx, WorkspaceStore } from '../store/port.ts';
import { authorize } from './authorize.ts';

/**
 * The only way to get an account on behalf of somebody.
 *
 * @param reader a transaction, or the workspace's store for a mere read
 * @throws AppError forbidden when the role may not; not_found, alike, when the account is unknown or out of scope
 */
export async function accessAccount(
  reader: Tx | WorkspaceStore,
  actor: Actor,
  accountId: Id,
  action: Action,
): Promise<Account> {
  authorize(actor, action);
  const account = await reader.docs(accounts).get(accountId);
  if (account === null || !inScope(actor.rights, account.access)) throw new AppError('not_found');
  return account;
}

/** The account and its case, judged in the same way. */
export async function accessCase(
  reader: Tx | WorkspaceStore,
  actor: Actor,
  accountId: Id,
  action: Action,
): Promise<{ account: Account; case: Case }> {
  const account = await accessAccount(reader, actor, accountId, action);
  const found = await reader.docs(cases).get(accountId);
  if (found === null) throw new Error(`account ${accountId} has no case`);
  return { account, case: found };
}
