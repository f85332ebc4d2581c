import type { Case } from '#lib/domain/case/case.ts';
import type { Instant } from '#lib/domain/values.ts';
import type { CaseAnswer } from '#lib/protocol/views/answers.ts';

/** The answer of a command on a case, from the case as it stands after it. */
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
