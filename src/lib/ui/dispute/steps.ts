import { isLive } from '#lib/domain/dispute/transitions.ts';
import type { Dispute } from '#lib/domain/dispute/dispute.ts';
import type { Department } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import type { Step } from '#lib/protocol/dispute-address.ts';
import type { Action } from '#lib/policies/actions.ts';

/** What one must be allowed to do for each step. */
export const STEP_ACTION: Record<Step, Action> = {
  qualify: 'dispute.qualify',
  assign: 'dispute.assign',
  answer: 'dispute.answer',
  wait: 'dispute.wait',
  resume: 'dispute.wait',
  resolve: 'dispute.resolve',
  approve: 'dispute.approve',
  close: 'dispute.close',
  reopen: 'dispute.reopen',
  change: 'dispute.open',
};
export const STEP_KEY: Record<Step, string> = {
  qualify: 'Q',
  assign: 'A',
  answer: 'V',
  wait: 'W',
  resume: 'W',
  resolve: 'E',
  approve: 'Y',
  close: 'X',
  reopen: 'O',
  change: 'I',
};

/** Who looks: what comes first follows. */
export interface Who {
  memberId: Id;
  departments: readonly Department[];
  may: (action: Action) => boolean;
}

/**
 * The steps that a dispute may take now and this person may ask for, the most likely one first. The server judges again.
 */
export function stepsFor(dispute: Dispute, who: Who): Step[] {
  return candidates(dispute, who).filter((step) => who.may(STEP_ACTION[step]));
}

function candidates(dispute: Dispute, who: Who): Step[] {
  const { state, approval, answer } = dispute;
  if (state === 'closed') return ['reopen'];
  if (state === 'resolved') return dispute.awaitingCents > 0 ? ['reopen'] : ['close', 'reopen'];
  if (approval !== null && isLive(dispute))
    return approval.askedBy === who.memberId ? ['resolve', 'assign', 'change'] : ['approve', 'resolve', 'change'];
  if (state === 'open') return ['qualify', 'change', 'resolve', 'close'];
  if (state === 'waiting_customer') return ['resume', 'assign', 'resolve', 'change'];
  const own = who.departments.includes(dispute.department) || dispute.memberId === who.memberId;
  const first: Step[] = answer === null ? (own ? ['answer', 'resolve'] : ['resolve', 'answer']) : ['resolve', 'answer'];
  return state === 'qualified'
    ? own && answer === null
      ? [...first, 'assign', 'change']
      : ['assign', ...first, 'change']
    : [...first, 'wait', 'assign', 'qualify', 'change'];
}
