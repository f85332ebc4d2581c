import { daysBetween } from '../calendar/calendar.ts';
import type { Item } from '../item/item.ts';
import { firmName, isCreditType, isIdOf, type Holder } from './match-invoice.ts';
import type { EinvoiceStatus } from './status.ts';

/** Where a chosen invoice is not what the message says of its own; a person decides (rule EIN-16). */
export const EINVOICE_DOUBTS = ['number', 'buyer', 'day', 'kind', 'currency'] as const;
export type EinvoiceDoubt = (typeof EINVOICE_DOUBTS)[number];

type Told = Pick<
  EinvoiceStatus,
  'invoiceNumber' | 'invoiceDay' | 'documentType' | 'buyerId' | 'buyerName' | 'currency' | 'cents'
>;
type Chosen = Pick<Item, 'number' | 'issueDay' | 'kind' | 'currency'>;

/** Whether a message can speak of such an item at all (rule EIN-16): payments and deposits are no invoices. */
export function canBeTold(item: Pick<Item, 'kind'>): boolean {
  return item.kind === 'invoice' || item.kind === 'other_debit' || item.kind === 'credit_note';
}

/** All instalments of the invoice that was chosen, in the order of their due days. */
export function instalmentsOf(chosen: Item, items: readonly Item[]): Item[] {
  const key = (one: Item): string => `${one.dueDay} ${one.instalment}`;
  return items
    .filter(
      (one) =>
        one.accountId === chosen.accountId &&
        one.number === chosen.number &&
        (one.kind === 'credit_note') === (chosen.kind === 'credit_note') &&
        canBeTold(one),
    )
    .sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

const bareNumber = (number: string): string => number.replace(/[^\p{L}\p{N}]/gu, '').toUpperCase();

/** What to look at before the message is joined to this invoice, in the order of EINVOICE_DOUBTS. */
export function doubtsOf(told: Told, item: Chosen, account: Holder): EinvoiceDoubt[] {
  const byId = told.buyerId === null ? null : isIdOf(account, told.buyerId);
  const name = firmName(told.buyerName ?? '');
  const doubts: Record<EinvoiceDoubt, boolean> = {
    number: bareNumber(told.invoiceNumber) !== bareNumber(item.number),
    buyer: byId === null ? name !== '' && name !== firmName(account.name) : !byId,
    day: told.invoiceDay !== null && daysBetween(told.invoiceDay, item.issueDay) !== 0,
    kind: told.documentType !== null && isCreditType(told.documentType) !== (item.kind === 'credit_note'),
    currency: told.cents !== null && told.currency !== null && told.currency !== item.currency,
  };
  return EINVOICE_DOUBTS.filter((one) => doubts[one]);
}
