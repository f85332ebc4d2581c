import { isDeepStrictEqual } from 'node:util';
import { accessOf } from '#lib/domain/account/access.ts';
import { tasks } from '../../store/kinds/workspace.ts';
import type { Tx } from '../../store/port.ts';
import { allOf } from '../all-of.ts';
import type { Now } from '../command.ts';
import type { AccountState } from './account-state.ts';
import { diffAccount, type AccountLines, type FileContext } from './diff-account.ts';
import { itemsAfter, settleImportedDisputes } from './settle-imported-disputes.ts';
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
  const disputed = settleImportedDisputes(state, diff, itemsAfter(state, diff), now, origin);
  const access = accessOf(diff.account, disputed.tasks, disputed.disputes);
  if (before === null || isDeepStrictEqual(before.access, access))
    return settleImported(state, diff, disputed, now, origin, told.last);
  const all = await allOf(tx.docs(tasks), { accountId: before.id }, ['state', 'dueDay']);
  const closedTasks = all.filter((task) => task.state !== 'open');
  return settleImported({ ...state, closedTasks }, diff, disputed, now, origin, told.last);
}
