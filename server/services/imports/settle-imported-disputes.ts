import { disputeAccessOf } from '#lib/domain/account/access.ts';
import type { Account } from '#lib/domain/account/account.ts';
import { collectableOf } from '#lib/domain/dispute/blocked.ts';
import type { Dispute, DisputeProposal } from '#lib/domain/dispute/dispute.ts';
import { settleProposals, supposeDisputes } from '#lib/domain/dispute/proposals.ts';
import { openDispute } from '#lib/domain/dispute/rules.ts';
import type { DisputeAct } from '#lib/domain/dispute/step.ts';
import { settleDisputes, type DisputeOutcome, type NewCredit } from '#lib/domain/dispute/settle-disputes.ts';
import { isCredit, type Item } from '#lib/domain/item/item.ts';
import type { PromiseToPay } from '#lib/domain/promise/promise.ts';
import type { Task } from '#lib/domain/task/task.ts';
import type { Cents, Id } from '#lib/domain/values.ts';
import type { Now } from '../command.ts';
import type { AccountState } from './account-state.ts';
import type { LedgerDiff } from './diff-account.ts';

/** What an import makes of an account's disputes; the very same objects where nothing changes. */
export interface ImportedDisputes {
  /** All of the account, closed ones too; rights tokens still to be set. */
  disputes: Dispute[];
  /** All of the account's items, as the file leaves them, and the same with their marks. */
  before: Item[];
  items: Item[];
  /** The open tasks that were: questions of disputes that are over, and awaited credit notes that came, are done. */
  tasks: Task[];
  outcomes: DisputeOutcome[];
  /** Those that the ledger's flag opened. */
  opened: ReadonlySet<Id>;
}

/** What numbers are taken from and who acts. */
export interface DisputeOrigin {
  memberId: Id;
  nextNumber(): number;
  newId(): Id;
}

/** All of the account's items as the difference leaves them. */
export function itemsAfter(state: AccountState, diff: LedgerDiff): Item[] {
  const changed = new Map(diff.items.map(({ item }) => [item.key, item]));
  return [...[...state.items.values()].filter((item) => !changed.has(item.key)), ...changed.values()];
}

/**
 * Brings the account's disputes into line with what the file shows (rules DIS-8 to DIS-10), and opens one for each open
 * item that the ledger says is contested and that nobody has taken up.
 *
 * @param items the account's items as the file leaves them
 */
export function settleImportedDisputes(
  state: AccountState,
  diff: LedgerDiff,
  items: Item[],
  now: Now,
  origin: DisputeOrigin,
): ImportedDisputes {
  const live = state.disputes.filter((one) => one.state !== 'closed');
  const flagged = items.some((item) => item.disputed && !item.flagTaken);
  if (live.length === 0 && !flagged)
    return { disputes: state.disputes, before: items, items, tasks: state.tasks, outcomes: [], opened: new Set() };
  const act: DisputeAct = { by: origin.memberId, today: now.today, at: now.at, workspace: now.workspace };
  const brought = settleDisputes({ disputes: live, items, ...shownBy(state, diff) }, act);
  const opened = brought.items.flatMap((item) => openFlagged(item, diff.account, brought, act, origin) ?? []);
  const after =
    opened.length === 0
      ? brought
      : settleDisputes({ disputes: [...brought.disputes, ...opened], items: brought.items }, act);
  return {
    disputes: [...after.disputes, ...state.disputes.filter((one) => one.state === 'closed')],
    before: items,
    items: after.items,
    tasks: endedTasks(state.tasks, brought, act),
    outcomes: brought.outcomes,
    opened: new Set(opened.map((one) => one.id)),
  };
}

/** Nobody is left waiting for what the ledger has brought. */
function endedTasks(
  tasks: Task[],
  { disputes, outcomes }: { disputes: readonly Dispute[]; outcomes: readonly DisputeOutcome[] },
  act: DisputeAct,
): Task[] {
  const over = (task: Task): boolean => {
    const dispute = disputes.find((one) => one.id === task.disputeId);
    if (dispute?.state !== 'resolved' || outcomes.every((one) => one.disputeId !== dispute.id)) return false;
    if (task.kind === 'credit_note') return dispute.awaitingCents === 0;
    return task.kind === 'answer_dispute';
  };
  return tasks.map((task) =>
    over(task) ? { ...task, state: 'done', answer: null, closedBy: act.by, closedAt: act.at } : task,
  );
}

/** What the file shows for the first time: less open, credits, flags taken back. */
function shownBy(
  state: AccountState,
  diff: LedgerDiff,
): { drops: Map<Id, Cents>; credits: NewCredit[]; unflagged: Set<Id> } {
  const drops = new Map<Id, Cents>();
  const credits: NewCredit[] = [];
  const unflagged = new Set<Id>();
  for (const { item } of diff.items) {
    const old = state.items.get(item.key);
    const isNew = old === undefined || old.state === 'not_yet';
    if (isNew && item.state !== 'not_yet' && isCredit(item.kind)) credits.push(item);
    if (old === undefined) continue;
    if (old.openCents > item.openCents) drops.set(item.id, old.openCents - item.openCents);
    if (old.disputed && !item.disputed) unflagged.add(item.id);
  }
  return { drops, credits, unflagged };
}

/** The whole of what is open: the ledger says neither how much is contested nor why. */
function openFlagged(
  item: Item,
  account: Account,
  around: { items: Item[]; disputes: Dispute[] },
  act: DisputeAct,
  origin: DisputeOrigin,
): Dispute | null {
  if (!item.disputed || item.flagTaken || item.state !== 'open' || item.openCents <= 0 || isCredit(item.kind))
    return null;
  const result = openDispute(
    { ...around, id: origin.newId(), number: origin.nextNumber(), account },
    {
      items: [{ itemId: item.id, cents: null }],
      reason: 'other',
      source: 'ledger',
      detail: null,
      department: null,
      memberId: null,
      requestedAction: null,
    },
    act,
  );
  if (!result.ok) throw new Error(`the ledger's dispute on item ${item.id} is refused: ${result.code}`);
  return result.dispute;
}

/** Proposals as the file leaves them: those that changed or are new. Judged once all of the account's lines are known. */
export function settleImportedProposals(
  state: AccountState,
  account: Account,
  items: readonly Item[],
  promises: readonly PromiseToPay[],
  told: { last: boolean; asOf: string },
  now: Now,
  newId: () => Id,
): { proposals: DisputeProposal[]; isNew: ReadonlySet<Id> } {
  if (!told.last) return { proposals: [], isNew: new Set() };
  const supposed = supposeDisputes(
    items.filter((item) => item.state !== 'open' || collectableOf(item) === item.openCents),
    promises,
    told.asOf,
  );
  return settleProposals(state.proposals, supposed, {
    accountId: account.id,
    access: account.access,
    today: now.today,
    newId,
  });
}

/** With the rights tokens that the account's give them. */
export function withAccess(disputes: readonly Dispute[], account: Account): Dispute[] {
  return disputes.map((dispute) => {
    const access = disputeAccessOf(account.access, dispute);
    const same = access.length === dispute.access.length && access.every((one, index) => one === dispute.access[index]);
    return same ? dispute : { ...dispute, access };
  });
}
