import type { Case, NextAction } from '#lib/domain/case/case.ts';
import type { QueueRow } from '#lib/domain/queue/queue-row.ts';
import type { Day, Id, Instant } from '#lib/domain/values.ts';

/** What every command on a case answers. No personal text: it is kept with the idempotency key. */
export interface CaseAnswer {
  /** The account's id. */
  id: Id;
  /** The case's version after the command. */
  version: number;
  state: Case['state'];
  claimedBy: Id | null;
  /** End of the lease when the command began or prolonged it. */
  until: Instant | null;
  nextAction: NextAction | null;
  nextActionOn: Day | null;
}

/** A case with its row in the queue and the end of its lease. */
export interface CaseRead {
  case: Case;
  row: QueueRow;
  leaseUntil: Instant | null;
}
