import type { Case, NextAction } from '#lib/domain/case/case.ts';
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

export function caseAnswer(settled: Case, until: Instant | null = null): CaseAnswer {
  return {
    id: settled.id,
    version: settled.version,
    state: settled.state,
    claimedBy: settled.claimedBy,
    until,
    nextAction: settled.nextAction,
    nextActionOn: settled.nextActionOn,
  };
}
