import { isCredit, type Item } from '../item/item.ts';
import type { Cents } from '../values.ts';

/** What is needed of an item to know how much of it may be asked for. */
export type BlockedFacts = Pick<
  Item,
  | 'kind'
  | 'state'
  | 'openCents'
  | 'disputed'
  | 'flagTaken'
  | 'disputedCents'
  | 'awaitingCents'
  | 'einvoice'
  | 'pausedUntil'
>;

/**
 * What of an open item is out of collection, in cents (rules DIS-7, DIS-9, DIS-10): its disputed part and what waits for
 * a credit note; all of it where the ledger says that it is contested and nobody has taken that up, and where the buyer's
 * platform refused or rejected the invoice, and where a missing document is being sent (rule TSK-11). Never above what is open; credits are not chased and block nothing.
 */
export function blockedOf(item: BlockedFacts): Cents {
  if (item.state !== 'open' || item.openCents <= 0 || isCredit(item.kind)) return 0;
  const ended = item.einvoice?.state === 'refused' || item.einvoice?.state === 'rejected';
  if (ended || item.pausedUntil !== undefined || (item.disputed && !item.flagTaken)) return item.openCents;
  return Math.min(item.openCents, item.disputedCents + item.awaitingCents);
}

/** What may be asked for, due or not: with what is blocked it adds up to what is open. */
export function collectableOf(item: BlockedFacts): Cents {
  return item.openCents - blockedOf(item);
}
