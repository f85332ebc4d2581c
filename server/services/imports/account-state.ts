import type { Account } from '#lib/domain/account/account.ts';
import type { Balance } from '#lib/domain/balance/balance.ts';
import type { Case } from '#lib/domain/case/case.ts';
import type { Contact } from '#lib/domain/contact/contact.ts';
import type { Item, Movement } from '#lib/domain/item/item.ts';
import type { PromiseToPay } from '#lib/domain/promise/promise.ts';
import type { QueueRow } from '#lib/domain/queue/queue-row.ts';
import type { Task } from '#lib/domain/task/task.ts';
import type { Id } from '#lib/domain/values.ts';
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
  /** Open items, and those that the lines name, by key. */
  items: Map<string, Item>;
  contacts: Contact[];
  balances: Balance[];
  row: QueueRow | null;
  /** Open ones. */
  tasks: Task[];
  promises: PromiseToPay[];
  /** Only where there are promises to judge: since the first of them was made. */
  movements: Movement[];
}

const IN_CHUNK = 400;

export const newState = (): AccountState => ({
  account: null,
  case: null,
  items: new Map(),
  contacts: [],
  balances: [],
  row: null,
  tasks: [],
  promises: [],
  movements: [],
});

/** Every match of `field` in `values`, page by page and in chunks that any database takes. */
async function* among<T extends Versioned>(
  docs: Docs<T>,
  field: string,
  values: readonly string[],
  more: { [field: string]: Scalar } = {},
): AsyncGenerator<T> {
  for (let at = 0; at < values.length; at += IN_CHUNK) {
    const filter: Filter = { [field]: { $in: values.slice(at, at + IN_CHUNK) }, ...more };
    let after: string | null = null;
    do {
      const page: { docs: T[]; next: string | null } = await docs.find(filter, { limit: 1_000, after });
      yield* page.docs;
      after = page.next;
    } while (after !== null);
  }
}

/** Accounts and the items that their lines name: what a dry run compares with. By account number. */
export async function loadLedger(
  reader: Reader,
  wanted: ReadonlyMap<string, readonly string[]>,
): Promise<Map<string, AccountState>> {
  const states = new Map<string, AccountState>();
  const byId = new Map<Id, AccountState>();
  for (const number of wanted.keys()) states.set(number, newState());
  for await (const account of among(reader.docs(accounts), 'number', [...wanted.keys()])) {
    const state = states.get(account.number);
    if (state === undefined) continue;
    state.account = account;
    byId.set(account.id, state);
  }
  if (byId.size === 0) return states;
  const ids = [...byId.keys()];
  const put = (item: Item): void => void byId.get(item.accountId)?.items.set(item.key, item);
  for await (const item of among(reader.docs(items), 'accountId', ids, { state: 'open' })) put(item);
  const keys = [...wanted].flatMap(([number, named]) => (states.get(number)?.account === null ? [] : named));
  const known = new Set([...byId.values()].flatMap((state) => [...state.items.keys()]));
  const unread = keys.filter((key) => !known.has(key));
  for await (const item of among(reader.docs(items), 'key', unread)) put(item);
  return states;
}

/** All that an import may change on these accounts. One read per kind for the whole batch, one after another. */
export async function loadStates(
  reader: Reader,
  wanted: ReadonlyMap<string, readonly string[]>,
): Promise<Map<string, AccountState>> {
  const states = await loadLedger(reader, wanted);
  const byId = new Map<Id, AccountState>();
  for (const state of states.values()) if (state.account !== null) byId.set(state.account.id, state);
  if (byId.size === 0) return states;
  const ids = [...byId.keys()];
  for (const found of await reader.docs(cases).getMany(ids)) of(byId, found.id).case = found;
  for (const found of await reader.docs(queueRows).getMany(ids)) of(byId, found.id).row = found;
  for await (const found of among(reader.docs(contacts), 'accountId', ids)) of(byId, found.accountId).contacts.push(found);
  for await (const found of among(reader.docs(balances), 'accountId', ids)) of(byId, found.accountId).balances.push(found);
  for await (const found of among(reader.docs(tasks), 'accountId', ids, { state: 'open' }))
    of(byId, found.accountId).tasks.push(found);
  for await (const found of among(reader.docs(promises), 'accountId', ids)) of(byId, found.accountId).promises.push(found);
  for (const state of byId.values()) await loadMovements(reader, state);
  return states;
}

function of(byId: ReadonlyMap<Id, AccountState>, id: Id): AccountState {
  const state = byId.get(id);
  if (state === undefined) throw new Error(`account ${id} was not asked for`);
  return state;
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
