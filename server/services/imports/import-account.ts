import { isDeepStrictEqual } from 'node:util';
import { accessOf } from '#lib/domain/account/access.ts';
import { tasks } from '../../store/kinds/workspace.ts';
import type { Tx } from '../../store/port.ts';
import { allOf } from '../all-of.ts';
import type { Now } from '../command.ts';
import type { AccountState } from './account-state.ts';
import { diffAccount, type AccountLines, type FileContext } from './diff-account.ts';
import { settleImported, type AccountWrites, type ImportOrigin } from './settle-imported.ts';

/**
 * What the lines of a file change on one account, as read in the transaction. Closed tasks are read only where the rights
 * tokens change, since they carry them too.
 *
 * @returns null when nothing changes
 */
export async function importAccount(
  tx: Tx,
  state: AccountState,
  told: AccountLines,
  context: FileContext,
  now: Now,
  origin: ImportOrigin,
): Promise<AccountWrites | null> {
  const diff = diffAccount(state, told, context);
  const before = state.account;
  if (before === null || isDeepStrictEqual(before.access, accessOf(diff.account, state.tasks, [])))
    return settleImported(state, diff, now, origin);
  const all = await allOf(tx.docs(tasks), { accountId: before.id }, ['state', 'dueDay']);
  const closedTasks = all.filter((task) => task.state !== 'open');
  return settleImported({ ...state, closedTasks }, diff, now, origin);
}
