import type { Dispute } from '#lib/domain/dispute/dispute.ts';
import type { Id } from '#lib/domain/values.ts';

/** What every command on a dispute answers. No personal text: it is kept with the idempotency key. */
export interface DisputeAnswer {
  id: Id;
  /** The dispute's version after the command. */
  version: number;
  state: Dispute['state'];
  number: number;
  accountId: Id;
}

export function disputeAnswer({ id, version, state, number, accountId }: Dispute): DisputeAnswer {
  return { id, version, state, number, accountId };
}
