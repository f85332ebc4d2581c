import { isDeepStrictEqual } from 'node:util';
import { accessOf, disputeAccessOf, taskAccessOf } from '#lib/domain/account/access.ts';
import type { Account } from '#lib/domain/account/account.ts';
import type { Balance } from '#lib/domain/balance/balance.ts';
import { emptyBalance } from '#lib/domain/balance/balances-of.ts';
import { earliestDay } from '#lib/domain/calendar/calendar.ts';
import type { Case } from '#lib/domain/case/case.ts';
import { DISPUTE_STATES, type Dispute, type DisputeProposal } from '#lib/domain/dispute/dispute.ts';
import { settleDisputes, type DisputeOutcome } from '#lib/domain/dispute/settle-disputes.ts';
import type { Item } from '#lib/domain/item/item.ts';
import { settlePromise } from '#lib/domain/promise/judge-promise.ts';
import { promiseEventsOf } from '#lib/domain/promise/promise-events.ts';
import type { PromiseToPay } from '#lib/domain/promise/promise.ts';
import { deriveAccount } from '#lib/domain/queue/derive-account.ts';
import type { QueueRow } from '#lib/domain/queue/queue-row.ts';
import { pauseItems } from '#lib/domain/task/pause-items.ts';
import type { Task } from '#lib/domain/task/task.ts';
import type { Id } from '#lib/domain/values.ts';
import { disputeProposals, disputes } from '../store/kinds/disputes.ts';
import { accounts, balances, cases, items, movements, promises, queueRows, tasks } from '../store/kinds/workspace.ts';
import type { Tx, TxDocs, Versioned } from '../store/port.ts';
import type { Changed } from './account-event.ts';
import { allOf } from './all-of.ts';
import type { Now } from './command.ts';

/** What else an account's state follows from, as the transaction sees it. */
export interface AccountRecords {
  /** All open ones. */
  items: readonly Item[];
  /** All open ones. */
  tasks: readonly Task[];
  /** All that were ever made. */
  promises: readonly PromiseToPay[];
  /** All that are not closed. */
  disputes: readonly Dispute[];
}

/** An account and its case as they are to be; versions as read, 1 for a new one. */
export interface Subject {
  account: Account;
  case: Case;
  /** What the caller has read, and not changed since; read otherwise. */
  records?: Partial<AccountRecords>;
  /**
   * The dispute that the caller opened or changed, not stored yet: it is stored here once, with its rights tokens, and
   * stands in `changed.disputes`. Its items get their marks.
   */
  dispute?: Dispute;
  /**
   * Judge the promises against the movements up to the ledger's day (`now.workspace.ledgerAsOf`): for whatever brings
   * money or a new day. Those that changed stand in `changed.promises`.
   */
  judge?: boolean;
  /** Store the case anew even if nothing in it changed: its version then stands for the change of the account. */
  touch?: boolean;
}

export interface Settled {
  account: Account;
  case: Case;
  row: QueueRow;
  /** What was stored, for the event; records that did not change are left out. */
  changed: Changed;
  /** What settling did to disputes by itself (see `disputeEvents`). */
  outcomes: DisputeOutcome[];
}

/**
 * Stores an account and its case with all that follows from them and from the account's items, tasks, promises and
 * disputes as the transaction sees them: rights tokens, marks of the items, balances, the state of the case, the queue
 * row. Every service that changes
 * anything on an account ends with it, and puts what it answers in its event. What did not change is not written.
 *
 * @throws VersionConflict when somebody else changed the account or the case since they were read
 */
export async function settleAccount(tx: Tx, now: Now, subject: Subject): Promise<Settled> {
  const accountId = subject.account.id;
  const records = await recordsOf(tx, accountId, subject.records);
  const judged = subject.judge === true ? await judgeAll(tx, now, accountId, records.promises) : [];
  const openTasks = records.tasks;
  const known = withDispute(records.disputes, subject.dispute);
  const settled = settleDisputes({ disputes: known, items: records.items }, { by: 'system', today: now.today });
  const brought = { ...settled, items: pauseItems(settled.items, openTasks, now.today) };
  const account: Account = { ...subject.account, access: accessOf(subject.account, openTasks, brought.disputes) };
  const derived = deriveAccount({
    account,
    case: subject.case,
    items: brought.items,
    tasks: openTasks,
    promises: records.promises.map((one) => judged.find((other) => other.id === one.id) ?? one),
    workspace: now.workspace,
    today: now.today,
  });
  const changed: Changed = {};
  const before = await tx.docs(accounts).get(accountId);
  const storedAccount = await put(tx.docs(accounts), account);
  if (storedAccount !== null) changed.account = storedAccount;
  const storedCase = await put(tx.docs(cases), derived.case, subject.touch);
  if (storedCase !== null) changed.case = storedCase;
  const storedBalances = await putBalances(tx, now, account, derived.balances);
  if (storedBalances.length > 0) changed.balances = storedBalances;
  const moved = before !== null && !isDeepStrictEqual(before.access, account.access);
  const storedTasks = moved ? await putTaskAccess(tx, account) : [];
  if (before !== null && moved) changed.formerAccess = before.access;
  if (storedTasks.length > 0) changed.tasks = storedTasks;
  const storedDisputes = await putDisputes(tx, account, brought.disputes, records.disputes, moved);
  if (storedDisputes.length > 0) changed.disputes = storedDisputes;
  const marked = brought.items.filter((item, index) => item !== records.items[index]);
  const blocked = marked.filter((item) => item.disputedCents + item.awaitingCents > 0).map(({ id }) => id);
  const storedProposals = moved || blocked.length > 0 ? await putProposals(tx, account, blocked) : [];
  if (storedProposals.length > 0) changed.proposals = storedProposals;
  if (marked.length > 0) changed.items = await tx.docs(items).replaceMany(marked);
  if (judged.length > 0) changed.promises = judged;
  const row = await putRow(tx, derived.row);
  const outcomes = brought.outcomes;
  return { account: storedAccount ?? account, case: storedCase ?? derived.case, row, changed, outcomes };
}

/** The account's disputes as the caller wants them: its own in place of the one that is stored. */
function withDispute(stored: readonly Dispute[], changed: Dispute | undefined): readonly Dispute[] {
  if (changed === undefined) return stored;
  return [...stored.filter((one) => one.id !== changed.id), changed];
}

/**
 * The same when nothing but the claim changed: no rule depends on who holds a case, so that an account of thousands of
 * items is not read for it. An account whose day has come is settled in full.
 */
export async function settleClaim(tx: Tx, now: Now, subject: Pick<Subject, 'account' | 'case'>): Promise<Settled> {
  const row = await tx.docs(queueRows).get(subject.case.id);
  if (row === null || row.recomputeOn <= now.today || row.computedFor > now.today)
    return settleAccount(tx, now, subject);
  const stored = await tx.docs(cases).replace(subject.case);
  const claimedBy = stored.claimedBy ?? 'none';
  return {
    account: subject.account,
    case: stored,
    row: row.claimedBy === claimedBy ? row : await tx.docs(queueRows).replace({ ...row, claimedBy }),
    changed: { case: stored },
    outcomes: [],
  };
}

/** Reads what an account's state follows from, less what is at hand. */
export async function recordsOf(tx: Tx, accountId: Id, known: Partial<AccountRecords> = {}): Promise<AccountRecords> {
  return {
    items: known.items ?? (await allOf(tx.docs(items), { accountId, state: 'open' }, ['dueDay'])),
    tasks: known.tasks ?? (await allOf(tx.docs(tasks), { accountId, state: 'open' }, ['dueDay'])),
    promises: known.promises ?? (await allOf(tx.docs(promises), { accountId }, ['state'])),
    disputes: known.disputes ?? (await notClosed(tx, accountId)),
  };
}

const NOT_CLOSED = DISPUTE_STATES.filter((state) => state !== 'closed');

/** The account's disputes that are not closed, oldest first. */
export async function notClosed(tx: Tx, accountId: Id): Promise<Dispute[]> {
  const found = await allOf(tx.docs(disputes), { accountId, state: { $in: NOT_CLOSED } }, ['state']);
  return found.sort((a, b) => a.number - b.number);
}

/** Judges every promise that money can still change; answers those that came out otherwise, as stored. */
async function judgeAll(tx: Tx, now: Now, accountId: Id, made: readonly PromiseToPay[]): Promise<PromiseToPay[]> {
  const asOf = now.workspace.ledgerAsOf;
  const since = earliestDay(made.filter((one) => one.state !== 'withdrawn').map((one) => one.createdOn));
  if (asOf === null || since === null) return [];
  const moved = await allOf(tx.docs(movements), { accountId, day: { $gte: since } }, ['day']);
  const changed: PromiseToPay[] = [];
  for (const promise of made) {
    const judged = settlePromise(promise, promiseEventsOf(moved, promise.currency), asOf, now.today);
    if (judged !== promise) changed.push(await tx.docs(promises).replace(judged));
  }
  return changed;
}

/** Stores `doc` if it differs from what is stored under its id and version; answers what it stored, or null. */
async function put<T extends Versioned>(docs: TxDocs<T>, doc: T, touch = false): Promise<T | null> {
  const stored = await docs.get(doc.id);
  if (stored === null) {
    await docs.insert(doc);
    return doc;
  }
  if (!touch && stored.version === doc.version && isDeepStrictEqual(stored, doc)) return null;
  return docs.replace(doc);
}

/** Balances come out of the rule with version 1; a currency without open items is kept, at nothing. */
async function putBalances(tx: Tx, now: Now, account: Account, derived: Balance[]): Promise<Balance[]> {
  const docs = tx.docs(balances);
  const stored = await allOf(docs, { accountId: account.id });
  const gone = stored.filter((one) => derived.every((other) => other.currency !== one.currency));
  const changed: Balance[] = [];
  for (const balance of [...derived, ...gone.map((one) => emptyBalance(account, one.currency, now.today))]) {
    const before = stored.find((one) => one.id === balance.id);
    if (before === undefined) {
      await docs.insert(balance);
      changed.push(balance);
    } else if (!holdsStill(before, balance)) {
      changed.push(await docs.replace({ ...balance, version: before.version }));
    }
  }
  return changed;
}

async function putRow(tx: Tx, row: QueueRow): Promise<QueueRow> {
  const docs = tx.docs(queueRows);
  const before = await docs.get(row.id);
  if (before === null) {
    await docs.insert(row);
    return row;
  }
  return holdsStill(before, row) ? before : docs.replace({ ...row, version: before.version });
}

/** Same figures, and reckoned for a day that has come. */
function holdsStill<T extends Versioned & { computedFor: string }>(before: T, after: T): boolean {
  return (
    before.computedFor <= after.computedFor &&
    isDeepStrictEqual({ ...before, version: 0, computedFor: '' }, { ...after, version: 0, computedFor: '' })
  );
}

/** Tasks, closed ones too, carry the tokens of their account. */
async function putTaskAccess(tx: Tx, account: Account): Promise<Task[]> {
  const changed: Task[] = [];
  for (const task of await allOf(tx.docs(tasks), { accountId: account.id }, ['state', 'dueDay'])) {
    const access = taskAccessOf(account.access, task);
    if (!isDeepStrictEqual(access, task.access)) changed.push(await tx.docs(tasks).replace({ ...task, access }));
  }
  return changed;
}

/**
 * Disputes carry the tokens of their account, closed ones too. What differs from what is stored is written; the one that
 * the caller changed may be new.
 */
async function putDisputes(
  tx: Tx,
  account: Account,
  wanted: readonly Dispute[],
  stored: readonly Dispute[],
  moved: boolean,
): Promise<Dispute[]> {
  const docs = tx.docs(disputes);
  const closed = moved ? await allOf(docs, { accountId: account.id, state: 'closed' }, ['state']) : [];
  const others = closed.filter((one) => wanted.every((other) => other.id !== one.id));
  const changed: Dispute[] = [];
  for (const one of [...wanted, ...others]) {
    const dispute = { ...one, access: disputeAccessOf(account.access, one) };
    const before = [...stored, ...others].find((other) => other.id === one.id) ?? (await docs.get(one.id));
    if (before === null) {
      await docs.insert(dispute);
      changed.push(dispute);
    } else if (!isDeepStrictEqual(before, dispute)) {
      changed.push(await docs.replace(dispute));
    }
  }
  return changed;
}

/** Proposals follow the account's rights; one of an item that is contested now waits no more (rule DIS-12). */
async function putProposals(tx: Tx, account: Account, blocked: readonly Id[]): Promise<DisputeProposal[]> {
  const docs = tx.docs(disputeProposals);
  const changed: DisputeProposal[] = [];
  for (const one of await allOf(docs, { accountId: account.id }, ['state'])) {
    const state = one.state === 'waiting' && blocked.includes(one.itemId) ? 'gone' : one.state;
    const after = { ...one, state, access: account.access };
    if (!isDeepStrictEqual(one, after)) changed.push(await docs.replace(after));
  }
  return changed;
}
