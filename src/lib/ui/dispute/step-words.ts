import type { Dispute } from '#lib/domain/dispute/dispute.ts';
import type { disputeStep as texts } from '#lib/i18n/groups/dispute-step.ts';
import type { Say } from '#lib/i18n/words.ts';
import type { Step } from '#lib/protocol/dispute-address.ts';

/** What the button of a step says: entrusting what somebody has already is reassigning. */
export function stepLabel(t: Say<(typeof texts)['fr']>, step: Step, dispute: Pick<Dispute, 'state'>): string {
  return step === 'assign' && (dispute.state === 'assigned' || dispute.state === 'waiting_customer')
    ? t('step_reassign')
    : t(`step_${step}`);
}
