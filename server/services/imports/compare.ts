import type { ImportReport } from '#lib/domain/import/import.ts';
import type { Id } from '#lib/domain/values.ts';
import { accounts, balances } from '../../store/kinds/workspace.ts';
import type { WorkspaceStore } from '../../store/port.ts';
import { loadLedger, newState, type AccountState } from './account-state.ts';
import { diffAccount, type FileContext, type LedgerDiff } from './diff-account.ts';
import { keysOfAccount, stagedNumbers, stagedParts, type StagedPart } from './staged-lines.ts';

export type DiffCounts = Pick<
  ImportReport,
  | 'newItems'
  | 'changedItems'
  | 'unchangedItems'
  | 'clearedItems'
  | 'notYetItems'
  | 'missingItems'
  | 'newAccounts'
  | 'changedAccounts'
>;

export const noCounts = (): DiffCounts => ({
  newItems: 0,
  changedItems: 0,
  unchangedItems: 0,
  clearedItems: 0,
  notYetItems: 0,
  missingItems: 0,
  newAccounts: 0,
  changedAccounts: 0,
});

/** Adds one account's difference to the totals. */
export function addCounts(totals: DiffCounts, diff: LedgerDiff, first: boolean): void {
  totals.newItems += diff.counts.new;
  totals.changedItems += diff.counts.changed;
  totals.unchangedItems += diff.counts.unchanged;
  totals.clearedItems += diff.counts.cleared;
  totals.notYetItems += diff.counts.not_yet;
  totals.missingItems += diff.counts.missing;
  if (!first) return;
  if (diff.isNew) totals.newAccounts += 1;
  else if (diff.accountChanged || diff.items.length > 0) totals.changedAccounts += 1;
}

const ACCOUNTS_PER_READ = 60;

export const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * Dry run: compares every staged line with the ledger as it stands, and writes nothing. In bounded memory, leaving the
 * event loop between batches.
 *
 * @param onProgress lines compared so far
 */
export async function compareStaged(
  store: WorkspaceStore,
  importId: Id,
  context: FileContext,
  complete: boolean,
  onProgress: (lines: number) => Promise<void>,
): Promise<DiffCounts> {
  const totals = noCounts();
  let batch: StagedPart[] = [];
  let done = 0;
  const flush = async (): Promise<void> => {
    const states = await loadLedger(store, [...new Set(batch.map((part) => part.accountNumber))]);
    for (const part of batch) {
      const state = states.get(part.accountNumber) ?? newState();
      const allKeys = complete && part.last ? await keysOfAccount(store, importId, part) : null;
      const told = { number: part.accountNumber, lines: part.lines, first: part.first, last: part.last, allKeys };
      addCounts(totals, diffAccount(state, told, context), part.first);
      done += part.lines.length;
    }
    batch = [];
    await onProgress(done);
    await breathe();
  };
  for await (const part of stagedParts(store, importId)) {
    batch.push(part);
    if (batch.length >= ACCOUNTS_PER_READ) await flush();
  }
  if (batch.length > 0) await flush();
  if (complete) totals.missingItems += await countAbsent(store, importId, context);
  return totals;
}

async function countAbsent(store: WorkspaceStore, importId: Id, context: FileContext): Promise<number> {
  let missing = 0;
  for await (const numbers of absentAccounts(store, await stagedNumbers(store, importId))) {
    const states: Map<string, AccountState> = await loadLedger(store, numbers);
    for (const [number, state] of states) {
      const diff = diffAccount(state, { number, lines: [], first: false, last: true, allKeys: new Set() }, context);
      missing += diff.counts.missing;
    }
    await breathe();
  }
  return missing;
}

/** Accounts with open items that the file does not speak of, by number, a few at a time. */
export async function* absentAccounts(store: WorkspaceStore, spoken: ReadonlySet<string>): AsyncGenerator<string[]> {
  let ids = new Set<Id>();
  const numbersOf = async (): Promise<string[]> => {
    const found = await store.docs(accounts).getMany([...ids]);
    ids = new Set();
    return found.map((account) => account.number).filter((number) => !spoken.has(number));
  };
  for await (const balance of store.docs(balances).each({})) {
    if (balance.openItems > 0) ids.add(balance.accountId);
    if (ids.size < ACCOUNTS_PER_READ) continue;
    const numbers = await numbersOf();
    if (numbers.length > 0) yield numbers;
  }
  const rest = await numbersOf();
  if (rest.length > 0) yield rest;
}
