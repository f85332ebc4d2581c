import { daysBetween } from '../calendar/calendar.ts';
import { isCredit, type Item } from '../item/item.ts';
import type { Cents, Day, Id } from '../values.ts';
import type { DisputeProposal } from './dispute.ts';

/** Part paid with so little left, in cents, that something was held back (rule DIS-12). */
const SMALL_CENTS = 5_000;
/** Or less than this share of the invoice. */
const SMALL_SHARE = 0.2;
/** An older invoice is passed over once it is so many days late, and so many later ones were paid. */
const SKIPPED_DAYS = 10;
const SKIPPED_LATER = 3;
/** Of an account where much is left out, the oldest say enough. */
const MOST_SKIPPED = 5;

export type Supposed = Pick<DisputeProposal, 'itemId' | 'itemNumber' | 'kind' | 'currency' | 'cents'>;

/** Whether somebody has to look at the item at all: an open invoice past its day of which nothing is blocked. */
function isCandidate(item: Item, asOf: Day): boolean {
  return (
    item.kind === 'invoice' &&
    item.state === 'open' &&
    item.openCents > 0 &&
    item.dueDay < asOf &&
    item.disputedCents === 0 &&
    item.awaitingCents === 0 &&
    !item.disputed &&
    item.einvoice?.state !== 'refused' &&
    item.einvoice?.state !== 'rejected'
  );
}

/** Part paid, and what is left is small: at most 50 units or less than a fifth (rule DIS-12). */
function isShort(item: Item): boolean {
  return item.openCents < item.cents && (item.openCents <= SMALL_CENTS || item.openCents < item.cents * SMALL_SHARE);
}

/**
 * Disputes that a ledger lets suppose (rule DIS-12): a short payment, or an invoice left out while at least three due
 * later were paid after its day. At most one for an item, and the five oldest left out of an account; a person confirms or dismisses.
 *
 * @param items all of the account's items, settled ones too
 * @param asOf the ledger's day
 */
export function supposeDisputes(items: readonly Item[], asOf: Day): Supposed[] {
  const paid = items.filter((item) => !isCredit(item.kind) && item.state === 'settled' && item.settledOn !== null);
  const found: Supposed[] = [];
  const oldestFirst = items
    .filter((item) => isCandidate(item, asOf))
    .sort((a, b) => (a.dueDay < b.dueDay ? -1 : a.dueDay > b.dueDay ? 1 : a.id < b.id ? -1 : 1));
  let skipped = 0;
  for (const item of oldestFirst) {
    const short = isShort(item);
    if (!short && (skipped >= MOST_SKIPPED || !isSkipped(item, paid, asOf))) continue;
    if (!short) skipped += 1;
    found.push({
      itemId: item.id,
      itemNumber: item.number,
      kind: short ? 'short_payment' : 'skipped_invoice',
      currency: item.currency,
      cents: item.openCents,
    });
  }
  return found;
}

function isSkipped(item: Item, paid: readonly Item[], asOf: Day): boolean {
  if (item.openCents < item.cents || daysBetween(item.dueDay, asOf) < SKIPPED_DAYS) return false;
  let later = 0;
  for (const other of paid) {
    if (other.currency !== item.currency || other.dueDay <= item.dueDay) continue;
    if ((other.settledOn ?? '') > item.dueDay) later += 1;
    if (later >= SKIPPED_LATER) return true;
  }
  return false;
}

/**
 * Proposals as a ledger leaves them: waiting ones of which the reason has gone are `gone`, new ones are made; never
 * again for an item of which one was confirmed or dismissed (rule DIS-12). Only what changed or is new.
 *
 * @param known all that were ever made on the account
 */
export function settleProposals(
  known: readonly DisputeProposal[],
  supposed: readonly Supposed[],
  made: { accountId: Id; access: string[]; today: Day; newId(): Id },
): { proposals: DisputeProposal[]; isNew: ReadonlySet<Id> } {
  const proposals: DisputeProposal[] = [];
  const isNew = new Set<Id>();
  for (const proposal of known) {
    const still = supposed.find((one) => one.itemId === proposal.itemId);
    if (proposal.state === 'waiting' && still === undefined) proposals.push({ ...proposal, state: 'gone' });
    else if (proposal.state === 'waiting' && still !== undefined && differs(proposal, still))
      proposals.push({ ...proposal, kind: still.kind, cents: still.cents });
    else if (proposal.state === 'gone' && still !== undefined)
      proposals.push({ ...proposal, kind: still.kind, cents: still.cents, state: 'waiting', proposedOn: made.today });
  }
  for (const one of supposed) {
    if (known.some((proposal) => proposal.itemId === one.itemId)) continue;
    const proposal: DisputeProposal = {
      id: made.newId(),
      version: 1,
      accountId: made.accountId,
      ...one,
      proposedOn: made.today,
      state: 'waiting',
      disputeId: null,
      access: made.access,
    };
    isNew.add(proposal.id);
    proposals.push(proposal);
  }
  return { proposals, isNew };
}

const differs = (a: { kind: string; cents: Cents }, b: { kind: string; cents: Cents }): boolean =>
  a.kind !== b.kind || a.cents !== b.cents;
