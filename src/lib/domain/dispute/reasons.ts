import type { Department } from '../member/member.ts';
import type { DisputeReason, DisputeSettings } from './dispute.ts';

/** The department that usually settles each reason (rule DIS-2). */
export const USUAL_DEPARTMENTS: Readonly<Record<DisputeReason, Department>> = {
  price: 'sales',
  discount: 'sales',
  quantity: 'logistics',
  missing_delivery: 'logistics',
  quality: 'quality',
  returned_goods: 'quality',
  order_reference: 'adv',
  duplicate: 'adv',
  wrong_addressee: 'adv',
  vat: 'accounting',
  total: 'accounting',
  bank_details: 'accounting',
  contract_ended: 'sales',
  unknown_transaction: 'sales',
  short_payment: 'credit',
  refused: 'adv',
  other: 'credit',
};

/** The department that owns disputes of a reason: as the workspace has set it, else the usual one (rule DIS-2). */
export function departmentOf(reason: DisputeReason, settings: Pick<DisputeSettings, 'departments'>): Department {
  return settings.departments[reason] ?? USUAL_DEPARTMENTS[reason];
}
