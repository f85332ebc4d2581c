import type { AskedItem } from '../dispute/disputed-items.ts';
import { roomOn } from '../dispute/disputed-items.ts';
import type { Dispute } from '../dispute/dispute.ts';
import { openDispute, type NewDispute } from '../dispute/rules.ts';
import { withItems, type DisputeAct } from '../dispute/step.ts';
import { isLive } from '../dispute/transitions.ts';
import { isCredit, type Item } from '../item/item.ts';
import type { Account } from '../account/account.ts';
import type { Cents, Currency, Id } from '../values.ts';
import type { EinvoiceStatus } from './status.ts';

/** The amount that a stored status contests, in cents of the invoice's currency; null: the whole, or another currency. */
export function contestedCents(
  status: Pick<EinvoiceStatus, 'code' | 'cents' | 'approvedCents' | 'currency'>,
  totalCents: Cents,
  currency: Currency,
): Cents | null {
  if (status.code === '210' || (status.currency !== null && status.currency !== currency)) return null;
  if (status.cents !== null) return status.cents > 0 ? status.cents : null;
  if (status.code !== '206' || status.approvedCents === null) return null;
  const refused = totalCents - status.approvedCents;
  return refused > 0 ? refused : null;
}

/**
 * What a contest takes of an invoice's items (rule EIN-6): the amount over its instalments in their order, never above what is
 * open and not disputed elsewhere; all that is left where the message gives no amount. Empty when there is nothing to take.
 *
 * @param except the dispute that is being changed
 */
export function contestedItems(
  items: readonly Item[],
  disputes: readonly Dispute[],
  cents: Cents | null,
  except: Id | null,
): AskedItem[] {
  let left = cents ?? Number.MAX_SAFE_INTEGER;
  const asked: AskedItem[] = [];
  for (const item of items) {
    if (isCredit(item.kind) || left <= 0) continue;
    const taken = Math.min(left, roomOn(item, disputes, except));
    if (taken <= 0) continue;
    left -= taken;
    asked.push({ itemId: item.id, cents: taken });
  }
  return asked;
}

/** The live dispute that holds what a message contests though the buyer's messages did not open it: the first one. */
export function holderOf(items: readonly Item[], disputes: readonly Dispute[]): Dispute | null {
  const ids = new Set(items.map(({ id }) => id));
  const holds = (one: Dispute): boolean => isLive(one) && one.items.some(({ itemId }) => ids.has(itemId));
  return [...disputes].sort((a, b) => a.number - b.number).find(holds) ?? null;
}

/**
 * A contest of an invoice that is paid already (rule EIN-8): a claim to have money back. It says what is claimed and takes
 * nothing out of collection, as nothing is open.
 *
 * @returns null when the items cannot be contested at all (credits)
 */
export function claimOnSettled(
  facts: { id: Id; number: number; account: Account; items: readonly Item[]; cents: Cents | null },
  input: Omit<NewDispute, 'items'>,
  act: DisputeAct,
): Dispute | null {
  const open = facts.items
    .filter((item) => !isCredit(item.kind) && item.cents > 0)
    .map((item): Item => ({ ...item, state: 'open', openCents: item.cents }));
  const items = contestedItems(open, [], facts.cents, null);
  if (items.length === 0) return null;
  const made = openDispute({ ...facts, items: open, disputes: [] }, { ...input, items }, act);
  if (!made.ok) return null;
  return withItems(
    made.dispute,
    made.dispute.items.map((item) => ({ ...item, disputedCents: 0 })),
  );
}
