import { disputeAccessOf } from '../account/access.ts';
import type { Account } from '../account/account.ts';
import { isDay } from '../calendar/calendar.ts';
import type { Department } from '../member/member.ts';
import type { Day, Id } from '../values.ts';
import { answerDueDay, firstDeadlines, isLate, startClock, stopClock } from './deadlines.ts';
import type { Dispute, DisputedItem, DisputeReason, DisputeSource, RootCause } from './dispute.ts';
import { disputeWords, sumOf, takeItems, type AskedItem } from './disputed-items.ts';
import { departmentOf } from './reasons.ts';
import { done, rearm, refuse, withItems, type DisputeAct, type DisputeResult, type DisputeRoom } from './step.ts';
import { isLive, mayMove } from './transitions.ts';

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

/** Late, and nobody was told yet: the dispute with the day of the alarm on it; else null (rule DIS-11). */
export function escalateDispute(dispute: Dispute, today: Day): Dispute | null {
  return isLate(dispute, today) && dispute.escalatedOn === null ? { ...dispute, escalatedOn: today } : null;
}
