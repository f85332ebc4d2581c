import { LIVE_STATES, type Dispute, type DisputeState } from './dispute.ts';

/** Where a dispute may go from each state (rule DIS-1, golden `dispute_workflow: transitions`). */
const MOVES: Readonly<Record<DisputeState, readonly DisputeState[]>> = {
  open: ['qualified', 'resolved', 'closed'],
  qualified: ['assigned', 'resolved'],
  assigned: ['assigned', 'waiting_customer', 'resolved'],
  waiting_customer: ['assigned', 'resolved'],
  resolved: ['assigned', 'closed'],
  closed: ['assigned'],
};

/** Whether a dispute may go from one state to another at all; some moves ask for more (rules DIS-1 to DIS-6). */
export function mayMove(from: DisputeState, to: DisputeState): boolean {
  return MOVES[from].includes(to);
}

/** Live: somebody works on it, and the disputed part is out of collection. */
export function isLive(dispute: Pick<Dispute, 'state'>): boolean {
  return (LIVE_STATES as readonly DisputeState[]).includes(dispute.state);
}
