import type { Account } from '../account/account.ts';
import { addDays, daysBetween } from '../calendar/calendar.ts';
import { blockedOf, type BlockedFacts } from '../dispute/blocked.ts';
import { isCredit, type Item } from '../item/item.ts';
import type { Cents, Currency, Day } from '../values.ts';
import type { Balance, Bucket } from './balance.ts';

/** What a balance needs to know of an item. */
export type OpenItem = Pick<Item, 'dueDay' | 'currency'> & BlockedFacts;

/** First day of lateness of each bucket but `not_due`. */
const LATE_FROM = [1, 31, 61, 91] as const;

/** Days overdue to bucket (rule AGE-2, golden `aging`): due today is not due. */
export function bucketOfDays(daysOverdue: number): Bucket {
  if (daysOverdue <= 0) return 'not_due';
  if (daysOverdue <= 30) return 'd1_30';
  if (daysOverdue <= 60) return 'd31_60';
  return daysOverdue <= 90 ? 'd61_90' : 'over_90';
}

/** Bucket of a debit on a day (rules AGE-1 and AGE-2): calendar days from its due day. */
export function bucketOf(dueDay: Day, today: Day): Bucket {
  return dueDay >= today ? 'not_due' : bucketOfDays(daysBetween(dueDay, today));
}

/** Buckets with nothing in them. */
export function emptyBuckets(): Record<Bucket, Cents> {
  return { not_due: 0, d1_30: 0, d31_60: 0, d61_90: 0, over_90: 0 };
}

/**
 * The account's balances, one per currency that has open items, sorted by currency (rules AGE-3 to AGE-6). Debits are
 * aged by due day; credit notes, payments and other credits stand in `creditCents`. Buckets and credits add up to
 * `openCents`, which is the sum of the items, to the cent. Of a partly disputed item only the blocked part is contested.
 * One pass.
 *
 * @param items the account's items; those not open count nothing
 * @returns documents with version 1; the caller keeps the version of a stored one
 */
export function balancesOf(
  account: Pick<Account, 'id' | 'access' | 'ownerId' | 'salesRepId'>,
  items: Iterable<OpenItem>,
  today: Day,
): Balance[] {
  const found = new Map<Currency, Balance>();
  for (const item of items) {
    if (item.state !== 'open' || item.openCents === 0) continue;
    let balance = found.get(item.currency);
    if (balance === undefined) {
      balance = emptyBalance(account, item.currency, today);
      found.set(item.currency, balance);
    }
    addItem(balance, item, today);
  }
  return [...found.values()].sort((a, b) => (a.currency < b.currency ? -1 : 1));
}

/** A balance of nothing: for an account whose items in the currency are all settled. */
export function emptyBalance(
  account: Pick<Account, 'id' | 'access' | 'ownerId' | 'salesRepId'>,
  currency: Currency,
  today: Day,
): Balance {
  return {
    id: `${account.id}:${currency}`,
    version: 1,
    accountId: account.id,
    currency,
    access: account.access,
    ownerId: account.ownerId ?? 'none',
    salesRepId: account.salesRepId ?? 'none',
    openCents: 0,
    overdueCents: 0,
    contestedCents: 0,
    disputedCents: 0,
    creditCents: 0,
    buckets: emptyBuckets(),
    openItems: 0,
    overdueItems: 0,
    disputedItems: 0,
    oldestDueDay: null,
    computedFor: today,
  };
}

function addItem(balance: Balance, item: OpenItem, today: Day): void {
  const cents = item.openCents;
  balance.openCents += cents;
  balance.openItems += 1;
  if (isCredit(item.kind)) {
    balance.creditCents += cents;
    return;
  }
  const overdue = item.dueDay < today;
  balance.buckets[bucketOf(item.dueDay, today)] += cents;
  const blocked = blockedOf(item);
  if (blocked > 0) {
    balance.disputedCents += blocked;
    balance.disputedItems += 1;
  }
  if (!overdue) return;
  balance.overdueCents += cents;
  balance.overdueItems += 1;
  balance.contestedCents += blocked;
  if (cents > blocked && (balance.oldestDueDay === null || item.dueDay < balance.oldestDueDay)) {
    balance.oldestDueDay = item.dueDay;
  }
}

/** Net to chase in the balance's currency (rule QUE-2): overdue − contested − unallocated credits, never below zero. */
export function netToChase(balance: Pick<Balance, 'overdueCents' | 'contestedCents' | 'creditCents'>): Cents {
  return Math.max(0, balance.overdueCents - balance.contestedCents + balance.creditCents);
}

/**
 * First day after `today` on which a figure of the balances changes by the passing of time alone: a debit falls due
 * or moves to the next bucket (rule AGE-7). Null when nothing will move any more.
 */
export function nextAgeingDay(items: Iterable<OpenItem>, today: Day): Day | null {
  let nearest = Infinity;
  for (const item of items) {
    if (item.state !== 'open' || item.openCents === 0 || isCredit(item.kind)) continue;
    const late = daysBetween(item.dueDay, today);
    const from = LATE_FROM.find((days) => days > late);
    if (from !== undefined && from - late < nearest) nearest = from - late;
  }
  return nearest === Infinity ? null : addDays(today, nearest);
}
