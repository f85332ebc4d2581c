import { isCredit, type Item } from '../item/item.ts';
import { wordsOf } from '../text/fold.ts';
import type { Cents, Currency, Id } from '../values.ts';
import type { Account } from '../account/account.ts';
import type { Dispute, DisputedItem } from './dispute.ts';

/** An item to dispute, whole (null: all that is open and not disputed yet) or in part. */
export interface AskedItem {
  itemId: Id;
  cents: Cents | null;
}

export type ItemRefusal = {
  ok: false;
  code:
    | 'empty'
    | 'item_twice'
    | 'item_unknown'
    | 'item_settled'
    | 'item_credit'
    | 'currencies'
    | 'already_disputed'
    | 'above_open';
  itemId?: Id;
};

const MAX_WORDS = 60;

/** Sum of one field over the items of a dispute. */
export function sumOf(
  items: readonly DisputedItem[],
  field: 'claimedCents' | 'disputedCents' | 'awaitingCents',
): Cents {
  return items.reduce((sum, item) => sum + item[field], 0);
}

/** What is open on an item and not taken yet by disputes other than `except`, in cents (rule DIS-7). */
export function roomOn(
  item: Pick<Item, 'id' | 'state' | 'openCents'>,
  disputes: readonly Dispute[],
  except: Id | null,
): Cents {
  let room = item.state === 'open' ? item.openCents : 0;
  for (const dispute of disputes) {
    if (dispute.id === except) continue;
    for (const part of dispute.items) if (part.itemId === item.id) room -= part.disputedCents + part.awaitingCents;
  }
  return Math.max(0, room);
}

/**
 * The asked parts as a dispute's items (rule DIS-7): debits of one account and currency, each once, none above what is
 * open and not disputed elsewhere.
 *
 * @param known the account's items
 * @param disputes those of the account that are not closed
 */
export function takeItems(
  asked: readonly AskedItem[],
  known: readonly Item[],
  disputes: readonly Dispute[],
  except: Id | null,
): { ok: true; items: DisputedItem[]; currency: Currency } | ItemRefusal {
  const items: DisputedItem[] = [];
  let currency: Currency | null = null;
  for (const { itemId, cents } of asked) {
    const refuse = (code: ItemRefusal['code']): ItemRefusal => ({ ok: false, code, itemId });
    if (items.some((one) => one.itemId === itemId)) return refuse('item_twice');
    const item = known.find((one) => one.id === itemId);
    if (item === undefined) return refuse('item_unknown');
    if (item.state !== 'open') return refuse('item_settled');
    if (isCredit(item.kind) || item.openCents <= 0) return refuse('item_credit');
    currency ??= item.currency;
    if (item.currency !== currency) return refuse('currencies');
    const room = roomOn(item, disputes, except);
    if (room === 0) return refuse('already_disputed');
    const taken = cents ?? room;
    if (taken <= 0 || taken > room) return refuse('above_open');
    items.push({ itemId, number: item.number, claimedCents: taken, disputedCents: taken, awaitingCents: 0 });
  }
  return currency === null ? { ok: false, code: 'empty' } : { ok: true, items, currency };
}

/** Words under which a dispute is found: its number, its account's, its items' numbers. */
export function disputeWords(
  account: Pick<Account, 'words'>,
  number: number,
  items: readonly Pick<DisputedItem, 'number'>[],
): string[] {
  const words = new Set([String(number), ...account.words]);
  for (const item of items) for (const word of wordsOf('', item.number)) words.add(word);
  return [...words].slice(0, MAX_WORDS);
}
