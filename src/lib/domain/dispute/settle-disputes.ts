import { isCredit, type Item } from '../item/item.ts';
import type { Cents, Day, Id } from '../values.ts';
import type { Dispute, DisputedItem, Resolution } from './dispute.ts';
import { proposeClosure, settled } from './resolution.ts';
import { withItems } from './step.ts';
import { isLive } from './transitions.ts';

/** A credit of the account that the ledger shows for the first time. */
export type NewCredit = Pick<Item, 'id' | 'kind' | 'currency' | 'cents' | 'issueDay'>;

export interface SettleFacts {
  /** Those of the account that are not closed. */
  disputes: readonly Dispute[];
  /** The account's items as they stand now: at least the open ones and those that a dispute speaks of and just changed. */
  items: readonly Item[];
  /** What was open before the ledger, by item, where it was more than now. Empty outside an import. */
  drops?: ReadonlyMap<Id, Cents>;
  credits?: readonly NewCredit[];
  /** Items that the ledger no longer says are contested. */
  unflagged?: ReadonlySet<Id>;
}

/** What settling did to one dispute. */
export type DisputeOutcome =
  | { kind: 'changed'; disputeId: Id }
  | { kind: 'resolved'; disputeId: Id }
  | { kind: 'credit_note_received'; disputeId: Id; cents: Cents }
  | { kind: 'closure_proposed'; disputeId: Id };

export interface SettledDisputes {
  /** All that were given, in their order; the same objects where nothing changed. */
  disputes: Dispute[];
  /** All items that were given, with their marks; the same objects where nothing changed. */
  items: Item[];
  outcomes: DisputeOutcome[];
}

/** One item's place in one dispute, while it is reckoned. */
interface Part {
  dispute: Dispute;
  itemId: Id;
  disputed: Cents;
  awaiting: Cents;
}

interface Reckoning {
  parts: Part[];
  /** By dispute: disputed amounts that a credit note ended. */
  credited: Map<Id, Cents>;
  /** By item: how much of a drop a credit note explains. */
  explained: Map<Id, Cents>;
}

/**
 * Brings an account's disputes into line with its items (rules DIS-7 to DIS-10, golden `amounts` and
 * `amounts-payment-below-undisputed`). A credit note of the ledger takes the part that waits for one: the exact amount,
 * else a credit note that is new since the resolution; one of exactly a disputed amount ends that dispute. Whatever else
 * closes an item is money, and takes its undisputed part first, then the disputed one, oldest dispute first. What is left
 * of nothing disputed is resolved. Items get their marks anew. Run again on what came out, it changes nothing.
 *
 * @param act who brings the ledger, and the workspace's day
 */
export function settleDisputes(facts: SettleFacts, act: { by: Id; today: Day }): SettledDisputes {
  const ordered = [...facts.disputes].sort((a, b) => a.number - b.number);
  const reckoning: Reckoning = {
    parts: ordered.flatMap((dispute) =>
      dispute.items.map((item) => ({
        dispute,
        itemId: item.itemId,
        disputed: item.disputedCents,
        awaiting: item.awaitingCents,
      })),
    ),
    credited: new Map(),
    explained: new Map(),
  };
  takeCredits(reckoning, ordered, facts.credits ?? []);
  takeDrops(reckoning, facts.drops ?? new Map<Id, Cents>());
  const known = new Map(facts.items.map((item) => [item.id, item]));
  capAll(reckoning, known);
  const outcomes: DisputeOutcome[] = [];
  const disputes = facts.disputes.map((dispute) => {
    const parts = reckoning.parts.filter((part) => part.dispute === dispute);
    const paid = afterMoney(dispute, parts, reckoning.credited.get(dispute.id) ?? 0, act, outcomes);
    return withdrawn(paid, facts.unflagged, act, outcomes);
  });
  return { disputes, items: marked(facts.items, disputes), outcomes };
}

const isExact = (credit: NewCredit, cents: Cents): boolean => cents > 0 && -credit.cents === cents;

function takeCredits(reckoning: Reckoning, disputes: readonly Dispute[], credits: readonly NewCredit[]): void {
  const sorted = credits
    .filter((credit) => isCredit(credit.kind) && credit.kind !== 'payment' && credit.cents < 0)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const left = sorted.filter((credit) => !takesExactly(reckoning, disputes, credit));
  for (const credit of left) {
    if (credit.kind !== 'credit_note') continue;
    let cents = -credit.cents;
    for (const part of reckoning.parts) {
      const { currency, resolution } = part.dispute;
      if (currency !== credit.currency || resolution === null || credit.issueDay < resolution.on) continue;
      cents -= takeAwaiting(reckoning, part, Math.min(cents, part.awaiting));
    }
  }
}

/** What waits for exactly this amount, else a live dispute of exactly this amount. */
function takesExactly(reckoning: Reckoning, disputes: readonly Dispute[], credit: NewCredit): boolean {
  const mine = (dispute: Dispute): boolean =>
    dispute.currency === credit.currency && credit.issueDay >= dispute.openedOn;
  for (const dispute of disputes.filter(mine)) {
    const parts = reckoning.parts.filter((part) => part.dispute === dispute);
    if (
      !isExact(
        credit,
        parts.reduce((sum, part) => sum + part.awaiting, 0),
      )
    )
      continue;
    for (const part of parts) takeAwaiting(reckoning, part, part.awaiting);
    return true;
  }
  const single = reckoning.parts.find((part) => mine(part.dispute) && isExact(credit, part.awaiting));
  if (single !== undefined) {
    takeAwaiting(reckoning, single, single.awaiting);
    return true;
  }
  if (credit.kind !== 'credit_note') return false;
  for (const dispute of disputes.filter((one) => mine(one) && isLive(one))) {
    const parts = reckoning.parts.filter((part) => part.dispute === dispute);
    if (
      !isExact(
        credit,
        parts.reduce((sum, part) => sum + part.disputed, 0),
      )
    )
      continue;
    for (const part of parts) {
      explain(reckoning, part.itemId, part.disputed);
      part.disputed = 0;
    }
    reckoning.credited.set(dispute.id, -credit.cents);
    return true;
  }
  return false;
}

function explain(reckoning: Reckoning, itemId: Id, cents: Cents): void {
  reckoning.explained.set(itemId, (reckoning.explained.get(itemId) ?? 0) + cents);
}

function takeAwaiting(reckoning: Reckoning, part: Part, cents: Cents): Cents {
  part.awaiting -= cents;
  explain(reckoning, part.itemId, cents);
  return cents;
}

/** An item that closed by exactly what waits on it was credited or written off. */
function takeDrops(reckoning: Reckoning, drops: ReadonlyMap<Id, Cents>): void {
  for (const [itemId, whole] of drops) {
    const drop = whole - (reckoning.explained.get(itemId) ?? 0);
    if (drop <= 0) continue;
    const parts = reckoning.parts.filter((part) => part.itemId === itemId && part.awaiting > 0);
    const all = parts.reduce((sum, part) => sum + part.awaiting, 0);
    const taken = all === drop ? parts : parts.filter((part) => part.awaiting === drop).slice(0, 1);
    for (const part of taken) part.awaiting = 0;
  }
}

/** Nothing disputed or awaited above what is open: money beyond the undisputed part pays the disputed one. */
function capAll(reckoning: Reckoning, known: ReadonlyMap<Id, Item>): void {
  const byItem = new Map<Id, Part[]>();
  for (const part of reckoning.parts) byItem.set(part.itemId, [...(byItem.get(part.itemId) ?? []), part]);
  for (const [itemId, parts] of byItem) {
    const item = known.get(itemId);
    const open = item?.state === 'open' ? Math.max(0, item.openCents) : 0;
    let excess = parts.reduce((sum, part) => sum + part.disputed + part.awaiting, 0) - open;
    for (const field of ['disputed', 'awaiting'] as const)
      for (const part of parts) {
        const less = Math.max(0, Math.min(excess, part[field]));
        part[field] -= less;
        excess -= less;
      }
  }
}

function afterMoney(
  dispute: Dispute,
  parts: readonly Part[],
  creditNoteCents: Cents,
  act: { by: Id; today: Day },
  outcomes: DisputeOutcome[],
): Dispute {
  const items = dispute.items.map((item): DisputedItem => {
    const part = parts.find((one) => one.itemId === item.itemId);
    const disputedCents = part?.disputed ?? 0;
    const awaitingCents = part?.awaiting ?? 0;
    const same = disputedCents === item.disputedCents && awaitingCents === item.awaitingCents;
    return same ? item : { ...item, disputedCents, awaitingCents };
  });
  if (items.every((item, index) => item === dispute.items[index])) return dispute;
  const after = withItems(dispute, items);
  if (isLive(dispute) && after.disputedCents === 0) {
    outcomes.push({ kind: 'resolved', disputeId: dispute.id });
    const paidCents = dispute.disputedCents - creditNoteCents;
    // Nothing is disputed any more, so that nothing is left to wait for a credit note either.
    return settled(after, { ...NOTHING, creditNoteCents, paidCents, by: act.by, on: act.today }, act.today);
  }
  const received = dispute.awaitingCents - after.awaitingCents;
  outcomes.push(
    received > 0
      ? { kind: 'credit_note_received', disputeId: dispute.id, cents: received }
      : { kind: 'changed', disputeId: dispute.id },
  );
  return after;
}

const NOTHING: Omit<Resolution, 'by' | 'on'> = {
  creditNoteCents: 0,
  rejectedCents: 0,
  paidCents: 0,
  replacementCents: 0,
  writeOffCents: 0,
  withdrawnCents: 0,
  approvedBy: null,
};

/**
 * The ledger, which had it opened, no longer says that any of its items is contested (rule DIS-10): withdrawn while
 * nobody has worked on it, else a person is asked to confirm.
 */
function withdrawn(
  dispute: Dispute,
  unflagged: ReadonlySet<Id> | undefined,
  act: { by: Id; today: Day },
  outcomes: DisputeOutcome[],
): Dispute {
  if (unflagged === undefined || dispute.source !== 'ledger' || !isLive(dispute)) return dispute;
  if (!dispute.items.every((item) => item.disputedCents === 0 || unflagged.has(item.itemId))) return dispute;
  if (dispute.state === 'open') {
    outcomes.push({ kind: 'resolved', disputeId: dispute.id });
    const resolution = { ...NOTHING, withdrawnCents: dispute.disputedCents, by: act.by, on: act.today };
    return settled(dispute, resolution, act.today);
  }
  const proposed = proposeClosure(dispute);
  if (proposed !== dispute) outcomes.push({ kind: 'closure_proposed', disputeId: dispute.id });
  return proposed;
}

/** Marks of the items: what live disputes contest, what waits for a credit note, whether the ledger's word was taken up. */
function marked(items: readonly Item[], disputes: readonly Dispute[]): Item[] {
  const sums = new Map<Id, { disputedCents: Cents; awaitingCents: Cents }>();
  for (const dispute of disputes) {
    for (const { itemId, disputedCents, awaitingCents } of dispute.items) {
      const sum = sums.get(itemId) ?? { disputedCents: 0, awaitingCents: 0 };
      sum.disputedCents += disputedCents;
      sum.awaitingCents += awaitingCents;
      sums.set(itemId, sum);
    }
  }
  return items.map((item) => {
    const { disputedCents, awaitingCents } = sums.get(item.id) ?? { disputedCents: 0, awaitingCents: 0 };
    const flagTaken = item.disputed && (item.flagTaken || sums.has(item.id));
    const same =
      item.disputedCents === disputedCents && item.awaitingCents === awaitingCents && item.flagTaken === flagTaken;
    return same ? item : { ...item, disputedCents, awaitingCents, flagTaken };
  });
}
