import { bucketOf, emptyBuckets } from '#lib/domain/balance/balances-of.ts';
import { BUCKETS } from '#lib/domain/balance/balance.ts';
import { blockedOf } from '#lib/domain/dispute/blocked.ts';
import { isCredit, type ItemKind } from '#lib/domain/item/item.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Cents, Currency, Day, Id } from '#lib/domain/values.ts';
import type { AgedBalanceInput } from '#lib/protocol/commands/queries.ts';
import type { AgedBalance, AgedBalanceRow } from '#lib/protocol/views/views.ts';
import { storeOf, type App } from '../app.ts';
import type { Group } from '../store/port.ts';
import { accounts, balances, items, movements } from '../store/kinds/workspace.ts';
import { membersOf } from './members.ts';
import { scopeOf } from './scope.ts';

const SUMS = [
  'openCents',
  'overdueCents',
  'disputedCents',
  'creditCents',
  'openItems',
  'overdueItems',
  'disputedItems',
] as const;

/** A row with nothing in it. */
export function emptyRow(key: string, label: string, currency: Currency): AgedBalanceRow {
  return {
    key,
    label,
    currency,
    buckets: emptyBuckets(),
    creditCents: 0,
    openCents: 0,
    overdueCents: 0,
    disputedCents: 0,
    openItems: 0,
    overdueItems: 0,
    disputedItems: 0,
    accounts: 0,
  };
}

/** Adds one row's figures to another of the same currency. */
export function addRow(into: AgedBalanceRow, row: AgedBalanceRow): void {
  for (const bucket of BUCKETS) into.buckets[bucket] += row.buckets[bucket];
  for (const field of SUMS) into[field] += row[field];
  into.accounts += row.accounts;
}

/** Rows gathered under a key, one per currency. */
class Ledger {
  readonly rows = new Map<string, AgedBalanceRow>();
  add(key: string, row: AgedBalanceRow): void {
    const id = `${key}\n${row.currency}`;
    const into = this.rows.get(id);
    if (into === undefined) this.rows.set(id, { ...row, key, buckets: { ...row.buckets } });
    else addRow(into, row);
  }
}

/** The stored balances hold for today: grouped by the store, whatever the number of accounts. */
async function fromBalances(
  app: App,
  actor: Actor,
  by: 'ownerId' | 'salesRepId' | 'accountId' | null,
): Promise<AgedBalanceRow[]> {
  const groups = await storeOf(app, actor)
    .docs(balances)
    .group(
      { ...scopeOf(actor), openItems: { $gt: 0 } },
      {
        by: by === null ? ['currency'] : [by, 'currency'],
        sum: [...SUMS, ...BUCKETS.map((bucket) => `buckets.${bucket}`)],
        count: true,
      },
    );
  return groups.map((group) => rowOfGroup(by === null ? 'total' : String(group.key[by]), group));
}

function rowOfGroup(key: string, group: Group): AgedBalanceRow {
  const row = emptyRow(key, key, String(group.key.currency));
  for (const field of SUMS) row[field] = group.sum[field] ?? 0;
  for (const bucket of BUCKETS) row.buckets[bucket] = group.sum[`buckets.${bucket}`] ?? 0;
  row.accounts = group.count;
  return row;
}

/** Documents asked for at a time. */
const CHUNK = 500;

/**
 * Any other day, from the movements up to it: one row per account and currency. An item is disputed as far as it is now:
 * a movement does not tell since when.
 */
async function fromMovements(app: App, actor: Actor, asOf: Day): Promise<AgedBalanceRow[]> {
  const store = storeOf(app, actor);
  const groups = await store
    .docs(movements)
    .group({ day: { $lte: asOf } }, { by: ['itemId', 'accountId', 'currency', 'dueDay', 'itemKind'], sum: ['cents'] });
  const open = groups.filter((group) => (group.sum.cents ?? 0) !== 0);
  const disputed = await disputedAmong(
    app,
    actor,
    open.map((group) => String(group.key.itemId)),
  );
  const rows = new Map<string, AgedBalanceRow>();
  for (const group of open) {
    const cents = group.sum.cents ?? 0;
    const id = `${String(group.key.accountId)}\n${String(group.key.currency)}`;
    const row = rows.get(id) ?? {
      ...emptyRow(String(group.key.accountId), '', String(group.key.currency)),
      accounts: 1,
    };
    rows.set(id, row);
    row.openCents += cents;
    row.openItems += 1;
    if (isCredit(group.key.itemKind as ItemKind)) {
      row.creditCents += cents;
      continue;
    }
    const bucket = bucketOf(String(group.key.dueDay), asOf);
    row.buckets[bucket] += cents;
    if (bucket !== 'not_due') {
      row.overdueCents += cents;
      row.overdueItems += 1;
    }
    const blocked = Math.min(cents, disputed.get(String(group.key.itemId)) ?? 0);
    if (blocked > 0) {
      row.disputedCents += blocked;
      row.disputedItems += 1;
    }
  }
  return [...rows.values()];
}

/** What is out of collection now, in cents, of each item of which something is. */
async function disputedAmong(app: App, actor: Actor, ids: readonly Id[]): Promise<Map<Id, Cents>> {
  const docs = storeOf(app, actor).docs(items);
  const found = new Map<Id, Cents>();
  for (let from = 0; from < ids.length; from += CHUNK)
    for (const item of await docs.getMany(ids.slice(from, from + CHUNK))) {
      const blocked = blockedOf(item);
      if (blocked > 0) found.set(item.id, blocked);
    }
  return found;
}

/**
 * The aged balance on a day, per currency (never summed across), credits in a column of their own.
 * For today it is read from the balances; for another day it is reckoned from the movements, with today's owners.
 */
export async function agedBalance(app: App, actor: Actor, input: AgedBalanceInput): Promise<AgedBalance> {
  const workspace = await app.workspace(actor.workspaceId);
  const today = app.clock.today(workspace.timeZone);
  const asOf = input.asOf ?? today;
  const ledger = new Ledger();
  const totals = new Ledger();
  const simple = {
    owner: 'ownerId',
    salesRep: 'salesRepId',
    account: 'accountId',
    total: null,
    entity: 'accountId',
  } as const;
  const base =
    asOf === today ? await fromBalances(app, actor, simple[input.by]) : await fromMovements(app, actor, asOf);
  const perAccount = asOf !== today || input.by === 'entity' || input.by === 'account';
  const labels = new Map<string, string>();
  const keyOf = new Map<string, string>();
  let visible: Set<string> | null = null;
  if (perAccount) {
    visible = new Set();
    for await (const account of storeOf(app, actor).docs(accounts).each(scopeOf(actor))) {
      visible.add(account.id);
      if (input.by === 'account') labels.set(account.id, `${account.number} ${account.name}`);
      keyOf.set(account.id, keyOfAccount(input.by, account));
    }
  }
  if (input.by === 'entity') for (const entity of workspace.entities) labels.set(entity.id, entity.name);
  if (input.by === 'owner' || input.by === 'salesRep')
    for (const member of await membersOf(app, actor.workspaceId)) labels.set(member.id, member.name);
  for (const row of base) {
    if (input.currency !== undefined && row.currency !== input.currency) continue;
    if (visible !== null && !visible.has(row.key)) continue;
    ledger.add(perAccount ? (keyOf.get(row.key) ?? 'none') : row.key, row);
    totals.add('total', row);
  }
  const rows = [...ledger.rows.values()].map((row) => ({ ...row, label: labels.get(row.key) ?? row.key }));
  rows.sort((a, b) => b.overdueCents - a.overdueCents || (a.key < b.key ? -1 : 1));
  // The workspace's own currency first, the others by their code.
  const rank = (currency: Currency): string => (currency === workspace.currency ? '' : currency);
  const sums = [...totals.rows.values()].sort((a, b) => (rank(a.currency) < rank(b.currency) ? -1 : 1));
  return { asOf, by: input.by, rows, totals: sums.map((row) => ({ ...row, label: 'total' })) };
}

function keyOfAccount(
  by: AgedBalanceInput['by'],
  account: { id: string; ownerId: string | null; salesRepId: string | null; entityIds: string[] },
): string {
  switch (by) {
    case 'owner':
      return account.ownerId ?? 'none';
    case 'salesRep':
      return account.salesRepId ?? 'none';
    case 'entity':
      return account.entityIds[0] ?? 'none';
    case 'account':
      return account.id;
    case 'total':
      return 'total';
  }
}
