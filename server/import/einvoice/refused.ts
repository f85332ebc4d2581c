import { AppError } from '#lib/protocol/errors.ts';
import type { EinvoiceRefusal } from '#lib/protocol/einvoice-refusals.ts';

/** A file that cannot be taken; `where` names the element or the value, never its text. */
export function refuseFile(rule: EinvoiceRefusal, where: string | null = null): never {
  throw new AppError('einvoice_unreadable', where === null ? { rule } : { rule, where });
}
