import { daysBetween } from '../calendar/calendar.ts';
import { isCredit, type Item } from '../item/item.ts';
import type { PromiseToPay } from '../promise/promise.ts';
import type { Cents, Currency, Day, Id } from '../values.ts';
import type { DisputeProposal } from './dispute.ts';

/** What rule DIS-12 asks of a payment pattern before it bothers anybody. */
export const EVIDENCE = {
  /** Part paid: days after its day, since the rest may be on its way. */
  shortAfterDays: 5,
  /** What is left is more than this, in cents: less is a bank's charge or a rounding. */
  shortAboveCents: 500,
  /** And more than this share of the invoice, as long as that is no more than … */
  shortAboveShare: 0.01,
  /** … these cents, which are worth a question on any invoice. */
  shortAboveCentsAtMost: 5_000,
  /** And less than this share: with more left it is paid in parts, nothing is held back. */
  shortBelowShare: 0.2,
  /** So many other invoices of which more is left: this customer pays in parts. */
  partsOthers: 2,
  /** Left out: days after its day. */
  skippedAfterDays: 15,
  /** Later than this share of what the customer has paid was paid, … */
  skippedHabit: 0.75,
  /** … once so many are known. */
  skippedHabitFrom: 5,
  /** So many due later were paid after its day, … */
  skippedLater: 3,
  /** … in transfers of so many days: one transfer is one decision, … */
  skippedLaterDays: 2,
  /** … and they are this share of all that fell due after it: else little is paid at all. */
  skippedLaterShare: 2 / 3,
  /** Of an account where more is left out, the oldest say enough. */
  skippedMost: 3,
} as const;

export type Supposed = Pick<DisputeProposal, 'itemId' | 'itemNumber' | 'kind' | 'currency' | 'cents'>;

/** What the account's money tells, in one currency. */
interface Habits {
  /** Invoices and other debits that are paid. */
  paid: readonly Item[];
  /** Invoices past their day that are wholly open and could be collected. */
  unpaid: readonly Item[];
  /** Part paid invoices of which much is left. */
  inParts: number;
  /** Credits that are not matched with anything, as a positive amount. */
  creditCents: Cents;
  /** Days after their day by which three quarters were paid; null while too few are known. */
  usualDays: number | null;
  promised: boolean;
}

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
    item.missingSince === null &&
    item.einvoice?.state !== 'refused' &&
    item.einvoice?.state !== 'rejected'
  );
}

const isPartPaid = (item: Item): boolean => item.openCents < item.cents;
const isMuchLeft = (item: Item): boolean => item.openCents >= item.cents * EVIDENCE.shortBelowShare;

function habitsOf(items: readonly Item[], promises: readonly OpenPromise[], currency: Currency, asOf: Day): Habits {
  const own = items.filter((item) => item.currency === currency);
  const paid = own.filter((item) => !isCredit(item.kind) && item.state === 'settled' && item.settledOn !== null);
  const open = own.filter((item) => isCandidate(item, asOf));
  const delays = paid.map((item) => daysBetween(item.dueDay, item.settledOn ?? item.dueDay)).sort((a, b) => a - b);
  const usual = delays[Math.min(delays.length - 1, Math.floor(delays.length * EVIDENCE.skippedHabit))];
  return {
    paid,
    unpaid: open.filter((item) => !isPartPaid(item)),
    inParts: open.filter((item) => isPartPaid(item) && isMuchLeft(item)).length,
    creditCents: own.reduce((sum, item) => sum + (isCredit(item.kind) ? Math.max(0, -item.openCents) : 0), 0),
    usualDays: delays.length < EVIDENCE.skippedHabitFrom ? null : (usual ?? null),
    promised: promises.some((promise) => promise.state === 'open' && promise.currency === currency),
  };
}

/** What of a promise matters here. */
export type OpenPromise = Pick<PromiseToPay, 'state' | 'currency'>;

/** Part paid a while ago, and what is left is neither a rounding nor much of it. */
function isShort(item: Item, habits: Habits, asOf: Day): boolean {
  const tolerance = Math.max(
    EVIDENCE.shortAboveCents,
    Math.min(item.cents * EVIDENCE.shortAboveShare, EVIDENCE.shortAboveCentsAtMost),
  );
  return (
    isPartPaid(item) &&
    !isMuchLeft(item) &&
    item.openCents > tolerance &&
    daysBetween(item.dueDay, asOf) >= EVIDENCE.shortAfterDays &&
    habits.inParts < EVIDENCE.partsOthers
  );
}

/** Wholly open though the customer, who pays what fell due since, is later with it than is usual. */
function isSkipped(item: Item, habits: Habits, asOf: Day): boolean {
  const late = daysBetween(item.dueDay, asOf);
  if (isPartPaid(item) || late < EVIDENCE.skippedAfterDays) return false;
  if (habits.usualDays !== null && late <= habits.usualDays) return false;
  const later = habits.paid.filter((one) => one.dueDay > item.dueDay && (one.settledOn ?? '') > item.dueDay);
  if (later.length < EVIDENCE.skippedLater) return false;
  if (new Set(later.map((one) => one.settledOn)).size < EVIDENCE.skippedLaterDays) return false;
  const unpaid = habits.unpaid.filter((one) => one.dueDay > item.dueDay).length;
  return later.length >= (later.length + unpaid) * EVIDENCE.skippedLaterShare;
}

/**
 * Disputes that a ledger lets suppose (rule DIS-12, thresholds in `EVIDENCE`): a short payment, or an invoice left out
 * while those due later were paid. At most one for an item, and the three oldest left out of an account; a person
 * confirms or dismisses. Nothing is supposed where an agreed instalment, an open promise or a credit that is not
 * matched yet explains what is open.
 *
 * @param items all of the account's items, settled ones too
 * @param promises the account's, judged up to the ledger's day
 * @param asOf the ledger's day
 */
export function supposeDisputes(items: readonly Item[], promises: readonly OpenPromise[], asOf: Day): Supposed[] {
  const habitsIn = new Map<Currency, Habits>();
  const oldestFirst = items
    .filter((item) => isCandidate(item, asOf) && item.instalment === '')
    .sort((a, b) => (a.dueDay < b.dueDay ? -1 : a.dueDay > b.dueDay ? 1 : a.id < b.id ? -1 : 1));
  const found: Supposed[] = [];
  let skipped = 0;
  for (const item of oldestFirst) {
    const habits = habitsIn.get(item.currency) ?? habitsOf(items, promises, item.currency, asOf);
    habitsIn.set(item.currency, habits);
    if (habits.promised || habits.creditCents >= item.openCents) continue;
    const short = isShort(item, habits, asOf);
    if (!short && (skipped >= EVIDENCE.skippedMost || !isSkipped(item, habits, asOf))) continue;
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
