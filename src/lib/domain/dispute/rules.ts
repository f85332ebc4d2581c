import { disputeAccessOf } from '../account/access.ts';
import type { Account } from '../account/account.ts';
import { isDay } from '../calendar/calendar.ts';
import type { Item } from '../item/item.ts';
import type { Department, Role } from '../member/member.ts';
import { referenceCents } from '../money/money.ts';
import { FAR_DAY, type Cents, type Day, type Id, type Instant } from '../values.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { answerDueDay, firstDeadlines, isLate, startClock, stopClock } from './deadlines.ts';
import {
  RESOLUTION_PARTS,
  type Dispute,
  type DisputedItem,
  type DisputeReason,
  type DisputeSource,
  type Resolution,
  type ResolutionPart,
  type RootCause,
} from './dispute.ts';
import { disputeWords, roomOn, sumOf, takeItems, type AskedItem, type ItemRefusal } from './disputed-items.ts';
import { departmentOf } from './reasons.ts';
import { isLive, mayMove } from './transitions.ts';

/** Who acts, when, and under which settings. */
export interface DisputeAct {
  by: Id;
  today: Day;
  at: Instant;
  workspace: Pick<Workspace, 'currency' | 'referenceRates' | 'settings'>;
}

/** Why a step is refused: stable codes. `itemId` where one item is the cause. */
export type DisputeRefusal =
  | ItemRefusal
  | {
      ok: false;
      code:
        | 'dispute_state'
        | 'reason_required'
        | 'day_unreadable'
        | 'day_in_past'
        | 'parts'
        | 'answer_required'
        | 'no_approval'
        | 'same_person'
        | 'approver_role'
        | 'awaiting_credit_note'
        | 'nothing_open';
      itemId?: Id;
    };
export type DisputeResult = { ok: true; dispute: Dispute } | DisputeRefusal;

/** What stands around a dispute: the account's items, and its disputes that are not closed. */
export interface DisputeRoom {
  items: readonly Item[];
  disputes: readonly Dispute[];
}

export interface NewDispute {
  items: readonly AskedItem[];
  reason: DisputeReason;
  source: DisputeSource;
  detail: string | null;
  /** Null: the reason's usual owner. */
  department: Department | null;
  memberId: Id | null;
  requestedAction: string | null;
}

/** Amounts of a resolution, in cents; together what is disputed. */
export type ResolutionParts = Record<ResolutionPart, Cents>;

const refuse = (code: DisputeRefusal['code']): DisputeRefusal => ({ ok: false, code }) as DisputeRefusal;
const done = (dispute: Dispute): DisputeResult => ({ ok: true, dispute });

/** Amounts follow from the items; a resolution asked for another amount has to be asked again. */
export function withItems(dispute: Dispute, items: DisputedItem[]): Dispute {
  const disputedCents = sumOf(items, 'disputedCents');
  const awaitingCents = sumOf(items, 'awaitingCents');
  const approval = disputedCents === dispute.disputedCents ? dispute.approval : null;
  return { ...dispute, items, disputedCents, awaitingCents, approval };
}

/** A deadline ahead of today makes an earlier alarm void: the manager is told again when that one passes too. */
function rearm(dispute: Dispute, today: Day): Dispute {
  return dispute.escalatedOn !== null && !isLate(dispute, today) ? { ...dispute, escalatedOn: null } : dispute;
}

/**
 * A new dispute on items of one account, whole or in part (rules DIS-1, DIS-2, DIS-3, DIS-7). Its rights tokens are
 * rewritten by whoever settles the account.
 */
export function openDispute(
  facts: DisputeRoom & {
    id: Id;
    number: number;
    account: Pick<Account, 'id' | 'number' | 'name' | 'words' | 'access'>;
  },
  input: NewDispute,
  act: DisputeAct,
): DisputeResult {
  const taken = takeItems(input.items, facts.items, facts.disputes, null);
  if (!taken.ok) return taken;
  const { account } = facts;
  const settings = act.workspace.settings.disputes;
  const department = input.department ?? departmentOf(input.reason, settings);
  return done({
    id: facts.id,
    version: 1,
    accountId: account.id,
    number: facts.number,
    state: 'open',
    source: input.source,
    reason: input.reason,
    rootCause: null,
    department,
    memberId: input.memberId,
    currency: taken.currency,
    items: taken.items,
    disputedCents: sumOf(taken.items, 'disputedCents'),
    awaitingCents: 0,
    detail: input.detail,
    openedOn: act.today,
    openedBy: act.by,
    openedAt: act.at,
    ...firstDeadlines(act.today, 'qualify', settings),
    stoppedOn: null,
    stoppedDueDay: null,
    waitingUntil: null,
    answer: null,
    approval: null,
    resolution: null,
    changedOn: act.today,
    closedOn: null,
    reopened: 0,
    reopenedAt: null,
    closureProposed: false,
    requestedAction: input.requestedAction,
    escalatedOn: null,
    accountNumber: account.number,
    accountName: account.name,
    words: disputeWords(account, facts.number, taken.items),
    access: disputeAccessOf(account.access, { department, memberId: input.memberId }),
  });
}

/**
 * Corrects items, amounts or words of a live dispute (rule DIS-7); what is left out stays as it is. A resolution that waits for a
 * second person has to be asked again for other items or amounts.
 */
export function changeDispute(
  dispute: Dispute,
  input: { items?: readonly AskedItem[] | undefined; detail?: string | null | undefined },
  room: DisputeRoom & { account: Pick<Account, 'words'> },
): DisputeResult {
  if (!isLive(dispute)) return refuse('dispute_state');
  const detail = input.detail === undefined ? dispute.detail : input.detail;
  if (input.items === undefined) return done({ ...dispute, detail });
  const taken = takeItems(input.items, room.items, room.disputes, dispute.id);
  if (!taken.ok) return taken;
  if (taken.currency !== dispute.currency) return refuse('currencies');
  const words = disputeWords(room.account, dispute.number, taken.items);
  const changed = withItems(dispute, taken.items);
  // What a second person is asked to agree to is a sum on these invoices, not the same sum on others.
  const approval = sameParts(dispute.items, taken.items) ? changed.approval : null;
  return done({ ...changed, approval, detail, words });
}

const sameParts = (before: readonly DisputedItem[], now: readonly DisputedItem[]): boolean =>
  before.length === now.length &&
  before.every((part) => now.some((one) => one.itemId === part.itemId && one.disputedCents === part.disputedCents));

/**
 * Says what the claim is about (rule DIS-2): an open dispute becomes qualified and the owner department has its days to
 * answer. Later in its life the reason is corrected, and the state stays; the owner then only changes where it is named.
 */
export function qualifyDispute(
  dispute: Dispute,
  input: { reason: DisputeReason; department: Department | null; memberId: Id | null },
  act: DisputeAct,
): DisputeResult {
  if (!isLive(dispute)) return refuse('dispute_state');
  const settings = act.workspace.settings.disputes;
  if (!mayMove(dispute.state, 'qualified')) {
    const department = input.department ?? dispute.department;
    const kept = department === dispute.department ? dispute.memberId : null;
    return done({ ...dispute, reason: input.reason, department, memberId: input.memberId ?? kept });
  }
  const department = input.department ?? departmentOf(input.reason, settings);
  const kept = department === dispute.department ? dispute.memberId : null;
  return done(
    rearm(
      {
        ...dispute,
        state: 'qualified',
        reason: input.reason,
        department,
        memberId: input.memberId ?? kept,
        dueDay: answerDueDay(dispute, act.today, settings),
        changedOn: act.today,
      },
      act.today,
    ),
  );
}

/**
 * Gives it to a department or a person, or to others (rule DIS-5). Another department has its own days to answer, within
 * those left to resolve; the clock runs again.
 */
export function assignDispute(
  dispute: Dispute,
  input: { department: Department; memberId: Id | null },
  act: DisputeAct,
): DisputeResult {
  if (!isLive(dispute) || !mayMove(dispute.state, 'assigned')) return refuse('dispute_state');
  const running = startClock(dispute, act.today);
  const anew = dispute.state === 'qualified' || input.department !== dispute.department;
  return done(
    rearm(
      {
        ...running,
        ...input,
        state: 'assigned',
        answer: anew ? null : running.answer,
        dueDay: anew ? answerDueDay(running, act.today, act.workspace.settings.disputes) : running.dueDay,
        changedOn: dispute.state === 'assigned' ? dispute.changedOn : act.today,
      },
      act.today,
    ),
  );
}

/** Waits for the customer, clock stopped, and looks again on a day (rule DIS-4). */
export function waitForCustomer(dispute: Dispute, input: { until: Day }, act: DisputeAct): DisputeResult {
  if (!isDay(input.until)) return refuse('day_unreadable');
  if (!mayMove(dispute.state, 'waiting_customer')) return refuse('dispute_state');
  if (input.until < act.today) return refuse('day_in_past');
  return done({
    ...stopClock(dispute, act.today),
    state: 'waiting_customer',
    waitingUntil: input.until,
    changedOn: act.today,
  });
}

/** The customer has answered: the clock runs again (rule DIS-4). */
export function resumeDispute(dispute: Dispute, act: DisputeAct): DisputeResult {
  if (dispute.state !== 'waiting_customer') return refuse('dispute_state');
  return done(rearm({ ...startClock(dispute, act.today), state: 'assigned', changedOn: act.today }, act.today));
}

/** What the owner department says of the claim, with the cause (rule DIS-5): what is left is to resolve it. */
export function answerDispute(
  dispute: Dispute,
  input: { decision: 'accepted' | 'refused'; rootCause: RootCause },
  act: DisputeAct,
): DisputeResult {
  if (!isLive(dispute) || dispute.state === 'open') return refuse('dispute_state');
  const stopped = dispute.stoppedOn !== null;
  return done(
    rearm(
      {
        ...dispute,
        rootCause: input.rootCause,
        answer: { ...input, by: act.by, on: act.today },
        dueDay: stopped ? dispute.dueDay : dispute.resolveBy,
        stoppedDueDay: stopped ? dispute.resolveBy : null,
      },
      act.today,
    ),
  );
}

/** Whether a second person must agree to a resolution (rule DIS-6): limits are in the workspace's currency. */
export function needsApproval(parts: ResolutionParts, dispute: Pick<Dispute, 'currency'>, act: DisputeAct): boolean {
  const { creditNoteLimitCents, writeOffLimitCents } = act.workspace.settings.disputes;
  const worth = (cents: Cents): number => referenceCents(cents, dispute.currency, act.workspace);
  return worth(parts.creditNoteCents) > creditNoteLimitCents || worth(parts.writeOffCents) > writeOffLimitCents;
}

/**
 * Settles the disputed amount in parts that add up to it (rule DIS-6). From open, or while the customer is waited for,
 * only money or the customer's withdrawal settles it. A rejected part needs a written answer to the customer. Above the
 * limits nothing is settled yet: `dispute.approval` holds what a second person is asked.
 *
 * @param input.answered a written answer to the customer exists or is posted with this act
 * @param input.answer its words, kept while a second person is asked
 */
export function resolveDispute(
  dispute: Dispute,
  input: { parts: ResolutionParts; rootCause: RootCause | null; answered: boolean; answer?: string | null },
  act: DisputeAct,
): DisputeResult {
  if (!isLive(dispute)) return refuse('dispute_state');
  const { parts } = input;
  if (!addUp(parts, dispute.disputedCents)) return refuse('parts');
  const early = dispute.state === 'open' || dispute.state === 'waiting_customer';
  if (early && parts.paidCents + parts.withdrawnCents !== dispute.disputedCents) return refuse('dispute_state');
  if (parts.rejectedCents > 0 && !input.answered) return refuse('answer_required');
  const found = { ...dispute, rootCause: input.rootCause ?? dispute.rootCause };
  const resolution = Object.fromEntries(RESOLUTION_PARTS.map((part) => [part, parts[part]])) as ResolutionParts;
  if (needsApproval(resolution, dispute, act))
    return done({
      ...found,
      approval: { resolution, askedBy: act.by, askedOn: act.today, answer: input.answer ?? null },
    });
  return done(settled(found, { ...resolution, by: act.by, on: act.today, approvedBy: null }, act.today));
}

/** A second person agrees to the resolution that was asked for, or does not (rule DIS-6). */
export function approveResolution(
  dispute: Dispute,
  input: { agree: boolean; role: Role },
  act: DisputeAct,
): DisputeResult {
  if (!isLive(dispute)) return refuse('dispute_state');
  const asked = dispute.approval;
  if (asked === null) return refuse('no_approval');
  if (input.role !== 'manager' && input.role !== 'finance') return refuse('approver_role');
  if (asked.askedBy === act.by) return refuse('same_person');
  if (!input.agree) return done({ ...dispute, approval: null });
  if (!addUp(asked.resolution, dispute.disputedCents)) return refuse('parts');
  return done(
    settled(dispute, { ...asked.resolution, by: asked.askedBy, on: act.today, approvedBy: act.by }, act.today),
  );
}

function addUp(parts: ResolutionParts, cents: Cents): boolean {
  const all = RESOLUTION_PARTS.map((part) => parts[part]);
  return all.every((part) => Number.isSafeInteger(part) && part >= 0) && all.reduce((a, b) => a + b, 0) === cents;
}

/**
 * The dispute resolved so: what is to be credited or written off waits for the ledger, item after item in their order
 * (rule DIS-9); the rest of the disputed amount is no longer contested.
 */
export function settled(dispute: Dispute, resolution: Resolution, today: Day): Dispute {
  let awaited = resolution.creditNoteCents + resolution.writeOffCents;
  const items = dispute.items.map((item) => {
    const awaitingCents = Math.min(awaited, item.disputedCents);
    awaited -= awaitingCents;
    return { ...item, disputedCents: 0, awaitingCents: item.awaitingCents + awaitingCents };
  });
  return {
    ...withItems(startClock(dispute, today), items),
    state: 'resolved',
    resolution,
    approval: null,
    dueDay: FAR_DAY,
    changedOn: today,
  };
}

/** Ends it (rule DIS-1): once resolved and nothing is awaited; from open only as opened by mistake, with a reason. */
export function closeDispute(dispute: Dispute, input: { reason: string | null }, act: DisputeAct): DisputeResult {
  if (!mayMove(dispute.state, 'closed')) return refuse('dispute_state');
  if (dispute.awaitingCents > 0) return refuse('awaiting_credit_note');
  if (dispute.state === 'open' && (input.reason ?? '').trim() === '') return refuse('reason_required');
  const items = dispute.items.map((item) => ({ ...item, disputedCents: 0 }));
  return done({
    ...withItems(dispute, items),
    state: 'closed',
    dueDay: FAR_DAY,
    closureProposed: false,
    changedOn: act.today,
    closedOn: act.today,
  });
}

/**
 * Takes it up again, with a reason (rule DIS-1): what was claimed and is still open is disputed again, less what was
 * credited meanwhile; deadlines begin anew.
 */
export function reopenDispute(
  dispute: Dispute,
  input: { reason: string },
  room: DisputeRoom,
  act: DisputeAct,
): DisputeResult {
  if (isLive(dispute)) return refuse('dispute_state');
  if (input.reason.trim() === '') return refuse('reason_required');
  const agreed = (dispute.resolution?.creditNoteCents ?? 0) + (dispute.resolution?.writeOffCents ?? 0);
  let credited = Math.max(0, agreed - dispute.awaitingCents);
  const items = dispute.items.map((part) => {
    const given = Math.min(credited, part.claimedCents);
    credited -= given;
    const item = room.items.find((one) => one.id === part.itemId);
    const free = item === undefined ? 0 : roomOn(item, room.disputes, dispute.id);
    return { ...part, disputedCents: Math.min(part.claimedCents - given, free), awaitingCents: 0 };
  });
  if (sumOf(items, 'disputedCents') === 0) return refuse('nothing_open');
  return done({
    ...withItems(dispute, items),
    ...firstDeadlines(act.today, 'answer', act.workspace.settings.disputes),
    state: 'assigned',
    answer: null,
    resolution: null,
    closureProposed: false,
    escalatedOn: null,
    changedOn: act.today,
    closedOn: null,
    reopened: dispute.reopened + 1,
    reopenedAt: act.at,
  });
}

/** The buyer's own system says that it may be closed: a person confirms. The same object when that is known or over. */
export function proposeClosure(dispute: Dispute): Dispute {
  return dispute.closureProposed || dispute.state === 'closed' ? dispute : { ...dispute, closureProposed: true };
}

/** Late, and nobody was told yet: the dispute with the day of the alarm on it; else null (rule DIS-11). */
export function escalateDispute(dispute: Dispute, today: Day): Dispute | null {
  return isLate(dispute, today) && dispute.escalatedOn === null ? { ...dispute, escalatedOn: today } : null;
}
