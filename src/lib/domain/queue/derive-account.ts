import type { Account } from '../account/account.ts';
import type { Balance } from '../balance/balance.ts';
import { balancesOf, nextAgeingDay, type OpenItem } from '../balance/balances-of.ts';
import type { Case } from '../case/case.ts';
import { deriveCase } from '../case/derive-case.ts';
import { deriveQueueRow, type QueueFacts } from './derive-queue-row.ts';
import type { QueueRow } from './queue-row.ts';

/** Everything of an account from which its balances, the state of its case and its queue row follow. */
export interface AccountFacts extends Omit<QueueFacts, 'account' | 'balances' | 'nextAgeingDay'> {
  account: Account;
  /** Open items of the account; settled ones count nothing. */
  items: readonly OpenItem[];
}

/**
 * Derives an account for a day in one go: balances, case, queue row. The case keeps its version and everything that
 * members decided; balances and row come with version 1.
 */
export function deriveAccount(facts: AccountFacts): { balances: Balance[]; case: Case; row: QueueRow } {
  const balances = balancesOf(facts.account, facts.items, facts.today);
  const derived: Case = { ...facts.case, ...deriveCase({ ...facts, balances }) };
  const row = deriveQueueRow({
    ...facts,
    case: derived,
    balances,
    nextAgeingDay: nextAgeingDay(facts.items, facts.today),
  });
  return { balances, case: derived, row };
}
