import type { PlanRefusal } from '#lib/domain/case/finish-case.ts';
import { refuseField } from './colleagues.ts';

const FIELDS: { [code in PlanRefusal['code']]: string } = {
  next_action_required: 'nextAction',
  day_required: 'nextActionOn',
  day_unreadable: 'nextActionOn',
  day_in_past: 'nextActionOn',
  day_not_later: 'nextActionOn',
  reason_required: 'reason',
};

/** @throws AppError validation_failed at the field that the rule names */
export function refusePlan(refusal: PlanRefusal): never {
  refuseField(FIELDS[refusal.code], refusal.code);
}
