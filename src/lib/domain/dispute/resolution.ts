import type { Role } from '../member/member.ts';
import { referenceCents } from '../money/money.ts';
import { FAR_DAY, type Cents, type Day } from '../values.ts';
import { firstDeadlines, startClock } from './deadlines.ts';
import { RESOLUTION_PARTS, type Dispute, type Resolution, type ResolutionPart, type RootCause } from './dispute.ts';
import { roomOn, sumOf } from './disputed-items.ts';
import { done, refuse, withItems, type DisputeAct, type DisputeResult, type DisputeRoom } from './step.ts';
import { isLive, mayMove } from './transitions.ts';

/** Amounts of a resolution, in cents; together what is disputed. */
export type ResolutionParts = Record<ResolutionPart, Cents>;

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
