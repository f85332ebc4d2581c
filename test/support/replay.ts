import { expect } from 'vitest';
import { balancesOf } from '#lib/domain/balance/balances-of.ts';
import type { Day, Id } from '#lib/domain/values.ts';
import type { ChangedRecords } from '#lib/protocol/events.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import { disputeProposals, disputes } from '#server/store/kinds/disputes.ts';
import { accounts, balances, cases, contacts, items, promises, tasks } from '#server/store/kinds/workspace.ts';
import type { Docs, StoredEvent, Versioned, WorkspaceStore } from '#server/store/port.ts';

/** An account's records, each kind by id: what a client holds, and what a replay gives. */
export interface AccountState {
  account: Map<Id, Versioned>;
  case: Map<Id, Versioned>;
  balances: Map<Id, Versioned>;
  items: Map<Id, Versioned>;
  contacts: Map<Id, Versioned>;
  tasks: Map<Id, Versioned>;
  promises: Map<Id, Versioned>;
  disputes: Map<Id, Versioned>;
  proposals: Map<Id, Versioned>;
}

export function emptyState(): AccountState {
  return {
    account: new Map(),
    case: new Map(),
    balances: new Map(),
    items: new Map(),
    contacts: new Map(),
    tasks: new Map(),
    promises: new Map(),
    disputes: new Map(),
    proposals: new Map(),
  };
}

/** Folds events into a state: the records of `data`, then those of `personal`, each replacing its like. */
export function foldEvents(state: AccountState, events: readonly StoredEvent[]): AccountState {
  for (const event of events)
    for (const part of [event.data, event.personal ?? {}]) {
      const records = (part.records ?? {}) as unknown as ChangedRecords;
      for (const kind of Object.keys(state) as (keyof AccountState)[]) {
        const told = records[kind];
        if (told === undefined) continue;
        for (const record of Array.isArray(told) ? told : [told]) state[kind].set(record.id, record);
      }
    }
  return state;
}

/** Reads the same state from the store. */
export async function readState(store: WorkspaceStore, accountId: Id): Promise<AccountState> {
  const all = async <T extends Versioned>(docs: Docs<T>, sort: string[] = []): Promise<Map<Id, Versioned>> => {
    const found = await docs.find({ accountId }, { sort, limit: 1_000 });
    return new Map(found.docs.map((one) => [one.id, one]));
  };
  const one = async <T extends Versioned>(docs: Docs<T>): Promise<Map<Id, Versioned>> => {
    const found = await docs.get(accountId);
    return new Map(found === null ? [] : [[found.id, found]]);
  };
  return {
    account: await one(store.docs(accounts)),
    case: await one(store.docs(cases)),
    balances: await all(store.docs(balances)),
    items: await all(store.docs(items), ['state', 'dueDay']),
    contacts: await all(store.docs(contacts)),
    tasks: await all(store.docs(tasks), ['state', 'dueDay']),
    promises: await all(store.docs(promises), ['state']),
    disputes: await all(store.docs(disputes), ['state']),
    proposals: await all(store.docs(disputeProposals), ['state']),
  };
}

/**
 * Follows an account's stream from where it stopped and expects that what it holds equals what is stored (C2). Figures
 * that age moves without an event are reckoned from the items and the day, as a client does by fetching anew.
 */
export class Follower {
  readonly #store: WorkspaceStore;
  readonly #accountId: Id;
  readonly #state = emptyState();
  #seq = 0;
  /** Names met so far. */
  readonly names = new Set<string>();

  constructor(store: WorkspaceStore, accountId: Id) {
    this.#store = store;
    this.#accountId = accountId;
  }

  async catchUp(): Promise<void> {
    for (;;) {
      const events = await this.#store.journal.read(accountStream(this.#accountId), this.#seq, 200);
      const last = events.at(-1);
      if (last === undefined) return;
      for (const event of events) this.names.add(event.name);
      foldEvents(this.#state, events);
      this.#seq = last.seq;
    }
  }

  async expectSame(today: Day, context = ''): Promise<void> {
    await this.catchUp();
    const stored = await readState(this.#store, this.#accountId);
    for (const kind of ['account', 'case', 'items', 'contacts', 'tasks', 'promises', 'disputes', 'proposals'] as const)
      expect(this.#state[kind], `${kind} ${context}`).toEqual(stored[kind]);
    expect(figures(this.#derived(today)), `balances ${context}`).toEqual(figures([...stored.balances.values()]));
  }

  #derived(today: Day): Versioned[] {
    const account = this.#state.account.get(this.#accountId) as unknown as Parameters<typeof balancesOf>[0];
    return balancesOf(account, this.#state.items.values() as unknown as Parameters<typeof balancesOf>[1], today);
  }
}

/** Without what each copy counts for itself, and without currencies of which nothing is open. */
function figures(all: readonly Versioned[]): unknown[] {
  return all
    .filter((one) => (one as unknown as { openItems: number }).openItems > 0)
    .map((one) => ({ ...one, version: 0, computedFor: '' }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}
