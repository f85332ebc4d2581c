import type { Account } from '#lib/domain/account/account.ts';
import type { Balance } from '#lib/domain/balance/balance.ts';
import type { Case } from '#lib/domain/case/case.ts';
import type { Contact } from '#lib/domain/contact/contact.ts';
import type { Dispute, DisputeProposal } from '#lib/domain/dispute/dispute.ts';
import type { Item, Movement } from '#lib/domain/item/item.ts';
import type { PromiseToPay } from '#lib/domain/promise/promise.ts';
import type { QueueRow } from '#lib/domain/queue/queue-row.ts';
import type { Task } from '#lib/domain/task/task.ts';
import type { Id } from '#lib/domain/values.ts';
import { disputeProposals, disputes } from '../../store/kinds/disputes.ts';
import {
  accounts,
  balances,
  cases,
  contacts,
  items,
  movements,
  promises,
  queueRows,
  tasks,
} from '../../store/kinds/workspace.ts';
import type { Docs, Filter, Kind, Scalar, Versioned } from '../../store/port.ts';

/** Reads of a transaction, or of the committed data. */
export interface Reader {
  docs<T extends Versioned>(kind: Kind<T>): Docs<T>;
}

/** What is stored of an account that a ledger speaks of; null and empty when it is new. */
export interface AccountState {
  account: Account | null;
  case: Case | null;
  /** All of them, by key. */
  items: Map<string, Item>;
  contacts: Contact[];
  balances: Balance[];
  row: QueueRow | null;
  /** Open ones. */
  tasks: Task[];
  /** Only where the rights tokens change. */
  closedTasks: Task[];
  promises: PromiseToPay[];
  /** All that were ever opened. */
  disputes: Dispute[];
  /** All that were ever made. */
  proposals: DisputeProposal[];
  /** Only where there are promises to judge: since the first of them was made. */
  movements: Movement[];
}

/** Alternatives in one find: the embedded store reads one index range for each. */
const IN_CHUNK = 80;

export const newState = (): AccountState => ({
  account: null,
  case: null,
  items: new Map(),
  contacts: [],
  balances: [],
  row: null,
  tasks: [],
  closedTasks: [],
  promises: [],
  disputes: [],
  proposals: [],
  movements: [],
});

/** Every match of `field` in `values`, page by page; `sort` is what the index that serves it is sorted by. */
async function* among<T extends Versioned>(
  docs: Docs<T>,
  field: string,
  values: readonly string[],
  options: { sort?: string[]; where?: { [field: string]: Scalar } } = {},
): AsyncGenerator<T> {
  for (let at = 0; at < values.length; at += IN_CHUNK) {
    const filter: Filter = { [field]: { $in: values.slice(at, at + IN_CHUNK) }, ...options.where };
    let after: string | null = null;
    do {
      const page: { docs: T[]; next: string | null } = await docs.find(filter, {
        sort: options.sort ?? [],
        limit: 1_000,
        after,
      });
      yield* page.docs;
      after = page.next;
    } while (after !== null);
  }
}

/** Accounts of these numbers and their items, by account number: what a dry run compares with. */
export async function loadLedger(reader: Reader, numbers: readonly string[]): Promise<Map<string, AccountState>> {
  const states = new Map<string, AccountState>();
  const byId = new Map<Id, AccountState>();
  for (const number of numbers) states.set(number, newState());
  for await (const account of among(reader.docs(accounts), 'number', numbers)) {
    const state = states.get(account.number);
    if (state === undefined) continue;
    state.account = account;
    byId.set(account.id, state);
  }
  // All of an account's items: its open ones are needed anyway, and one range is cheaper than a look-up per line.
  for await (const item of among(reader.docs(items), 'accountId', [...byId.keys()], { sort: ['-issueDay'] }))
    byId.get(item.accountId)?.items.set(item.key, item);
  return states;
}

/** All that an import may change on these accounts. One read per kind for the whole batch, one after another. */
export async function loadStates(reader: Reader, numbers: readonly string[]): Promise<Map<string, AccountState>> {
  const states = await loadLedger(reader, numbers);
  const byId = new Map<Id, AccountState>();
  for (const state of states.values()) if (state.account !== null) byId.set(state.account.id, state);
  if (byId.size === 0) return states;
  const ids = [...byId.keys()];
  const of = (id: Id): AccountState => {
    const state = byId.get(id);
    if (state === undefined) throw new Error(`account ${id} was not asked for`);
    return state;
  };
  for (const one of await reader.docs(cases).getMany(ids)) of(one.id).case = one;
  for (const one of await reader.docs(queueRows).getMany(ids)) of(one.id).row = one;
  for await (const one of among(reader.docs(contacts), 'accountId', ids)) of(one.accountId).contacts.push(one);
  for await (const one of among(reader.docs(balances), 'accountId', ids)) of(one.accountId).balances.push(one);
  const openTasks = among(reader.docs(tasks), 'accountId', ids, { sort: ['dueDay'], where: { state: 'open' } });
  for await (const one of openTasks) of(one.accountId).tasks.push(one);
  const made = among(reader.docs(promises), 'accountId', ids, { sort: ['state'] });
  for await (const one of made) of(one.accountId).promises.push(one);
  const disputed = among(reader.docs(disputes), 'accountId', ids, { sort: ['state'] });
  for await (const one of disputed) of(one.accountId).disputes.push(one);
  const supposed = among(reader.docs(disputeProposals), 'accountId', ids, { sort: ['state'] });
  for await (const one of supposed) of(one.accountId).proposals.push(one);
  for (const state of byId.values()) await loadMovements(reader, state);
  return states;
}

async function loadMovements(reader: Reader, state: AccountState): Promise<void> {
  const since = state.promises
    .filter((promise) => promise.state !== 'withdrawn')
    .map((promise) => promise.createdOn)
    .sort()[0];
  if (since === undefined || state.account === null) return;
  let after: string | null = null;
  do {
    const page: { docs: Movement[]; next: string | null } = await reader
      .docs(movements)
      .find({ accountId: state.account.id, day: { $gte: since } }, { sort: ['day'], limit: 1_000, after });
    state.movements.push(...page.docs);
    after = page.next;
  } while (after !== null);
}
