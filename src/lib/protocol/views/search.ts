import type { DisputeReason, DisputeState } from '#lib/domain/dispute/dispute.ts';
import type { Item, ItemKind } from '#lib/domain/item/item.ts';
import type { Cents, Currency, Id } from '#lib/domain/values.ts';

/** What a word or a number finds, of each kind at most a handful, all within the reader's rights. */
export interface Found {
  accounts: FoundAccount[];
  disputes: FoundDispute[];
  items: FoundItem[];
}
export interface FoundAccount {
  id: Id;
  number: string;
  name: string;
}
export interface FoundDispute {
  id: Id;
  number: number;
  accountName: string;
  reason: DisputeReason;
  state: DisputeState;
}
export interface FoundItem {
  id: Id;
  number: string;
  kind: ItemKind;
  state: Item['state'];
  accountId: Id;
  accountName: string;
  openCents: Cents;
  currency: Currency;
}
