import { isDeepStrictEqual } from 'node:util';
import { accessOf, taskAccessOf } from '#lib/domain/account/access.ts';
import type { Account } from '#lib/domain/account/account.ts';
import type { Balance } from '#lib/domain/balance/balance.ts';
import { emptyBalance } from '#lib/domain/balance/balances-of.ts';
import type { Case } from '#lib/domain/case/case.ts';
import { newCase } from '#lib/domain/case/new-case.ts';
import type { Contact } from '#lib/domain/contact/contact.ts';
import type { Dispute, DisputeProposal } from '#lib/domain/dispute/dispute.ts';
import type { Item, Movement } from '#lib/domain/item/item.ts';
import { settlePromise } from '#lib/domain/promise/judge-promise.ts';
import { promiseEventsOf } from '#lib/domain/promise/promise-events.ts';
import type { PromiseToPay } from '#lib/domain/promise/promise.ts';
import { deriveAccount } from '#lib/domain/queue/derive-account.ts';
import type { QueueRow } from '#lib/domain/queue/queue-row.ts';
import type { Task } from '#lib/domain/task/task.ts';
import type { Day, Id } from '#lib/domain/values.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import type { NewEvent, Versioned } from '../../store/port.ts';
import { accountEvent, type Changed } from '../account-event.ts';
import type { Now } from '../command.ts';
import { disputeEvent, disputeEvents } from '../disputes/dispute-events.ts';
import type { Notice } from '../notices.ts';
import type { AccountState } from './account-state.ts';
import type { LedgerDiff } from './diff-account.ts';
import { settleImportedProposals, withAccess, type ImportedDisputes } from './settle-imported-disputes.ts';

/** A document to write: inserted when it is new, else replaced on the version it carries. */
export interface Write<T extends Versioned> {
  doc: T;
  isNew: boolean;
}

/** Everything to store for one account; nothing in it means that nothing changes. */
export interface AccountWrites {
  account: Write<Account> | null;
  case: Write<Case> | null;
  row: Write<QueueRow> | null;
  contacts: Write<Contact>[];
  items: Write<Item>[];
  movements: Movement[];
  balances: Write<Balance>[];
  tasks: Write<Task>[];
  promises: Write<PromiseToPay>[];
  disputes: Write<Dispute>[];
  proposals: Write<DisputeProposal>[];
  /** Who is told of what became of disputes. */
  notices: { memberIds: (Id | null)[]; notice: Notice }[];
  /** Rights tokens of the account where this changes them. */
  formerAccess: string[] | null;
  stream: string;
  events: NewEvent[];
}

/** Whose act it is, and which file it comes from. */
export interface ImportOrigin {
  importId: Id;
  asOf: Day;
  memberId: Id;
  /** The next dispute's number, from the transaction's counter. */
  nextNumber(): number;
  newId(): Id;
}

/** Records in one event; a large account is told in several. */
const ITEMS_PER_EVENT = 200;
const EVENT_BYTES = 300_000;

/** As the store will have it: one version on when it was there before. */
const stored = <T extends Versioned>({ doc, isNew }: Write<T>): T =>
  isNew ? doc : { ...doc, version: doc.version + 1 };

const sameBut = (a: object, b: object): boolean =>
  isDeepStrictEqual({ ...a, version: 0, computedFor: '' }, { ...b, version: 0, computedFor: '' });

/**
 * What follows from a difference: promises judged by the money that the file shows, disputes settled, opened and
 * supposed, rights tokens, balances, case and queue row, and the events that carry all of it. The same as
 * `settleAccount`, from records in memory.
 *
 * @param settled what the difference makes of the disputes
 * @param last all of the account's lines are known with this difference
 * @returns null when the file changes nothing on this account
 */
export function settleImported(
  state: AccountState,
  diff: LedgerDiff,
  settled: ImportedDisputes,
  now: Now,
  origin: ImportOrigin,
  last: boolean,
): AccountWrites | null {
  const judged = judge(state, diff, now, origin);
  const promises = state.promises.map((promise) => judged.find(({ doc }) => doc.id === promise.id)?.doc ?? promise);
  const { items } = settled;
  const seenOn = diff.account.seenOn !== null && diff.account.seenOn > origin.asOf ? diff.account.seenOn : origin.asOf;
  const access = accessOf(diff.account, settled.tasks, settled.disputes);
  const account: Account = { ...diff.account, seenOn, access };
  const told = { last, asOf: origin.asOf };
  const supposed = settleImportedProposals(state, account, items, promises, told, now, origin.newId);
  const quiet =
    !diff.accountChanged &&
    diff.contact === null &&
    diff.items.length === 0 &&
    judged.length === 0 &&
    items.every((item, index) => item === settled.before[index]) &&
    supposed.proposals.length === 0 &&
    settled.disputes.every((one) => state.disputes.includes(one));
  if (quiet) return null;
  const before = state.case ?? newCase(account.id);
  const derived = deriveAccount({
    account,
    case: before,
    items,
    tasks: settled.tasks,
    promises,
    workspace: now.workspace,
    today: now.today,
  });
  const writes: AccountWrites = {
    account:
      state.account !== null && isDeepStrictEqual(state.account, account) ? null : { doc: account, isNew: diff.isNew },
    case:
      state.case !== null && isDeepStrictEqual(state.case, derived.case)
        ? null
        : { doc: derived.case, isNew: state.case === null },
    row: rowWrite(state.row, derived.row),
    contacts: contactWrites(state, diff.contact),
    items: itemWrites(diff, settled),
    movements: diff.movements,
    balances: balanceWrites(state, account, derived.balances, now.today),
    tasks: taskWrites(state, settled.tasks, account),
    promises: judged,
    disputes: disputeWrites(state, withAccess(settled.disputes, account), settled.opened),
    proposals: proposalWrites(state, account, supposed),
    notices: [],
    formerAccess:
      state.account === null || isDeepStrictEqual(state.account.access, account.access) ? null : state.account.access,
    stream: accountStream(account.id),
    events: [],
  };
  writes.events = eventsOf(writes, diff, settled, now, origin);
  writes.notices = noticesOf(writes, account, settled);
  return writes;
}

/** What the file changed, and what got other marks by it. */
function itemWrites(diff: LedgerDiff, { items, before }: ImportedDisputes): Write<Item>[] {
  const isNew = new Map(diff.items.map(({ item, isNew }) => [item.id, isNew]));
  return items.flatMap((item, index): Write<Item>[] =>
    isNew.has(item.id) || item !== before[index] ? [{ doc: item, isNew: isNew.get(item.id) ?? false }] : [],
  );
}

function disputeWrites(state: AccountState, wanted: readonly Dispute[], opened: ReadonlySet<Id>): Write<Dispute>[] {
  return wanted.flatMap((doc) => (state.disputes.includes(doc) ? [] : [{ doc, isNew: opened.has(doc.id) }]));
}

/** Those that the file made or changed, and the tokens of the others where the account's changed. */
function proposalWrites(
  state: AccountState,
  account: Account,
  supposed: { proposals: readonly DisputeProposal[]; isNew: ReadonlySet<Id> },
): Write<DisputeProposal>[] {
  const changed = new Map(supposed.proposals.map((one) => [one.id, one]));
  const added = supposed.proposals.filter((one) => supposed.isNew.has(one.id));
  const kept = state.proposals.flatMap((one): Write<DisputeProposal>[] => {
    const doc = { ...(changed.get(one.id) ?? one), access: account.access };
    return isDeepStrictEqual(doc, one) ? [] : [{ doc, isNew: false }];
  });
  return [...kept, ...added.map((doc) => ({ doc, isNew: true }))];
}

/** Whoever collects and whoever settled it hear that the ledger has ended it, or brought its credit note. */
function noticesOf(writes: AccountWrites, account: Account, settled: ImportedDisputes): AccountWrites['notices'] {
  return settled.outcomes.flatMap((outcome) => {
    const dispute = writes.disputes.find(({ doc }) => doc.id === outcome.disputeId)?.doc;
    if (dispute === undefined || (outcome.kind !== 'resolved' && outcome.kind !== 'credit_note_received')) return [];
    const notice: Notice = { kind: 'dispute.resolved', account, disputeId: dispute.id, data: { change: outcome.kind } };
    return [{ memberIds: [account.ownerId, dispute.memberId], notice }];
  });
}

function judge(state: AccountState, diff: LedgerDiff, now: Now, origin: ImportOrigin): Write<PromiseToPay>[] {
  if (state.promises.length === 0) return [];
  const movements = [...state.movements, ...diff.movements];
  return state.promises.flatMap((promise) => {
    const after = settlePromise(promise, promiseEventsOf(movements, promise.currency), origin.asOf, now.today);
    return after === promise ? [] : [{ doc: after, isNew: false }];
  });
}

function rowWrite(before: QueueRow | null, row: QueueRow): Write<QueueRow> | null {
  if (before === null) return { doc: row, isNew: true };
  if (before.computedFor <= row.computedFor && sameBut(before, row)) return null;
  return { doc: { ...row, version: before.version }, isNew: false };
}

function contactWrites(state: AccountState, contact: Contact | null): Write<Contact>[] {
  return contact === null ? [] : [{ doc: contact, isNew: state.contacts.every((one) => one.id !== contact.id) }];
}

/** A currency without open items keeps its balance, at nothing. */
function balanceWrites(state: AccountState, account: Account, derived: Balance[], today: Day): Write<Balance>[] {
  const gone = state.balances.filter((one) => derived.every((other) => other.currency !== one.currency));
  return [...derived, ...gone.map((one) => emptyBalance(account, one.currency, today))].flatMap(
    (balance): Write<Balance>[] => {
      const before = state.balances.find((one) => one.id === balance.id);
      if (before === undefined) return [{ doc: balance, isNew: true }];
      if (before.computedFor <= balance.computedFor && sameBut(before, balance)) return [];
      return [{ doc: { ...balance, version: before.version }, isNew: false }];
    },
  );
}

function taskWrites(state: AccountState, tasks: readonly Task[], account: Account): Write<Task>[] {
  return [...tasks, ...state.closedTasks].flatMap((task) => {
    const access = taskAccessOf(account.access, task);
    const ended = task.state !== 'open' && !state.closedTasks.includes(task);
    return !ended && isDeepStrictEqual(access, task.access) ? [] : [{ doc: { ...task, access }, isNew: false }];
  });
}

/** Items in parts that fit an event. */
function itemParts(items: readonly Item[]): Item[][] {
  const parts: Item[][] = [[]];
  let bytes = 0;
  for (const item of items) {
    const size = 600 + 2 * Object.entries(item.extra).reduce((sum, [name, text]) => sum + name.length + text.length, 0);
    const last = parts[parts.length - 1] ?? [];
    if (last.length >= ITEMS_PER_EVENT || (last.length > 0 && bytes + size > EVENT_BYTES)) {
      parts.push([item]);
      bytes = size;
      continue;
    }
    last.push(item);
    bytes += size;
  }
  return parts;
}

function eventsOf(
  writes: AccountWrites,
  diff: LedgerDiff,
  settled: ImportedDisputes,
  now: Now,
  origin: ImportOrigin,
): NewEvent[] {
  const disputes = writes.disputes.map(stored);
  const told = new Set([...settled.opened, ...settled.outcomes.map((one) => one.disputeId)]);
  const silent = disputes.filter((one) => !told.has(one.id));
  const made = writes.proposals.filter(({ isNew }) => isNew).map(({ doc }) => doc);
  const moved = writes.proposals.filter(({ isNew }) => !isNew).map(stored);
  const parts = itemParts(writes.items.map(stored));
  const data = { importId: origin.importId, asOf: origin.asOf, counts: diff.counts };
  const events = parts.map((items, index): NewEvent => {
    const name = index === 0 && diff.isNew ? 'account.created' : 'account.imported';
    const records: Changed = {};
    if (items.length > 0) records.items = items;
    if (index === 0) Object.assign(records, derivedRecords(writes));
    if (index === 0 && silent.length > 0) records.disputes = silent;
    if (index === 0 && moved.length > 0) records.proposals = moved;
    return accountEvent(now, origin, name, records, { data: { ...data, part: index + 1, parts: parts.length } });
  });
  for (const promise of writes.promises.map(stored))
    events.push(
      accountEvent(
        now,
        origin,
        'promise.settled',
        { promises: [promise] },
        { data: { promiseId: promise.id, state: promise.state } },
      ),
    );
  for (const dispute of disputes)
    if (settled.opened.has(dispute.id))
      events.push(disputeEvent(now, origin, 'dispute.opened', dispute, {}, { data: { source: dispute.source } }));
  events.push(...disputeEvents(now, origin, settled.outcomes, disputes));
  for (const proposal of made) events.push(proposalMade(now, origin, proposal));
  return events;
}

function proposalMade(now: Now, origin: ImportOrigin, proposal: DisputeProposal): NewEvent {
  const { id, itemId, itemNumber, kind } = proposal;
  return accountEvent(
    now,
    origin,
    'proposal.made',
    { proposals: [proposal] },
    { data: { proposalId: id, itemId, itemNumber, kind } },
  );
}

function derivedRecords(writes: AccountWrites): Changed {
  const records: Changed = {};
  if (writes.formerAccess !== null) records.formerAccess = writes.formerAccess;
  if (writes.account !== null) records.account = stored(writes.account);
  if (writes.case !== null) records.case = stored(writes.case);
  if (writes.balances.length > 0) records.balances = writes.balances.map(stored);
  if (writes.contacts.length > 0) records.contacts = writes.contacts.map(stored);
  if (writes.tasks.length > 0) records.tasks = writes.tasks.map(stored);
  return records;
}
