import type { Id } from '../values.ts';
import type { Case } from './case.ts';

/** The case of an account that has just become known: nothing to do yet. */
export function newCase(accountId: Id): Case {
  return {
    id: accountId,
    version: 1,
    state: 'idle',
    reasons: [],
    claimedBy: null,
    claimedAt: null,
    nextAction: null,
    nextActionOn: null,
    postponeReason: null,
    lastContactOn: null,
    touchedOn: null,
    openedOn: null,
    doneOn: null,
    doneBy: null,
    plannedOn: null,
  };
}
