import { matchInvoice, type Candidate, type DocumentReference } from '#lib/domain/einvoice/match-invoice.ts';
import { accounts, items } from '../../store/kinds/workspace.ts';
import type { Docs, Kind, Versioned } from '../../store/port.ts';
import type { Account } from '#lib/domain/account/account.ts';
import type { Item } from '#lib/domain/item/item.ts';

/** Reads of a transaction, or of the committed data. */
interface Reader {
  docs<T extends Versioned>(kind: Kind<T>): Docs<T>;
}

/** Items of one number are few; a number as common as this says nothing. */
const MOST = 200;

export interface FoundInvoice {
  account: Account;
  /** All instalments, in the order of their due days. */
  items: Item[];
}

/** The invoice that a message speaks of, with its account; null when there is none, or when it would be a guess. */
export async function findInvoice(reader: Reader, told: DocumentReference): Promise<FoundInvoice | null> {
  const page = await reader.docs(items).find({ number: told.invoiceNumber }, { limit: MOST });
  if (page.docs.length === 0 || page.next !== null) return null;
  const ids = [...new Set(page.docs.map(({ accountId }) => accountId))];
  const holders = new Map((await reader.docs(accounts).getMany(ids)).map((one) => [one.id, one]));
  const candidates = page.docs.flatMap((item): (Candidate & { account: Account })[] => {
    const account = holders.get(item.accountId);
    return account === undefined ? [] : [{ item, account }];
  });
  const matched = matchInvoice(told, candidates);
  const account = holders.get(matched[0]?.item.accountId ?? '');
  if (account === undefined) return null;
  const order = (a: Item, b: Item): number => (a.dueDay + a.instalment < b.dueDay + b.instalment ? -1 : 1);
  return { account, items: matched.map(({ item }) => item).sort(order) };
}
