import type { Account } from '../account/account.ts';
import type { Item, ItemKind } from '../item/item.ts';
import type { Cents, Currency, Day, Id } from '../values.ts';
import { doubtsOf, type EinvoiceDoubt } from './match-by-hand.ts';
import type { EinvoiceStatus } from './status.ts';

/** An invoice that a waiting status may be joined to; instalments together. */
export interface EinvoiceCandidate {
  /** The first instalment's. */
  itemId: Id;
  number: string;
  kind: ItemKind;
  /** `open` while one instalment is. */
  state: Item['state'];
  issueDay: Day;
  dueDay: Day;
  cents: Cents;
  openCents: Cents;
  currency: Currency;
  accountId: Id;
  accountName: string;
  accountNumber: string;
  doubts: EinvoiceDoubt[];
}
/** An invoice as it is offered for a status: its instalments together. @param items at least one, in their order */
export function candidateOf(status: EinvoiceStatus, account: Account, items: readonly Item[]): EinvoiceCandidate {
  const [first] = items;
  if (first === undefined) throw new Error('an invoice has an item');
  const sum = (cents: (item: Item) => number): number => items.reduce((total, item) => total + cents(item), 0);
  return {
    itemId: first.id,
    number: first.number,
    kind: first.kind,
    state: items.some(({ state }) => state === 'open') ? 'open' : first.state,
    issueDay: first.issueDay,
    dueDay: first.dueDay,
    cents: sum(({ cents }) => cents),
    openCents: sum(({ openCents }) => openCents),
    currency: first.currency,
    accountId: account.id,
    accountName: account.name,
    accountNumber: account.number,
    doubts: doubtsOf(status, first, account),
  };
}
