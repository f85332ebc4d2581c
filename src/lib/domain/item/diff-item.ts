import { latestDay } from '../calendar/calendar.ts';
import type { LedgerLine } from '../import/import.ts';
import type { Cents, Day, Id } from '../values.ts';
import type { Item, ItemKind, Movement } from './item.ts';

/** What a line of the ledger says of one item, once read. */
export type ItemLine = Pick<
  LedgerLine,
  | 'kind'
  | 'number'
  | 'instalment'
  | 'issueDay'
  | 'currency'
  | 'cents'
  | 'openCents'
  | 'settledOn'
  | 'disputed'
  | 'orderNumber'
  | 'deliveryNote'
  | 'paymentMethod'
  | 'factored'
  | 'extra'
>;

/** What the difference of an item is made with. */
export interface DiffContext {
  /** Id of the item: the old one's, or a new one. */
  itemId: Id;
  accountId: Id;
  entityId: Id;
  /** The key made by `itemKey`. */
  key: string;
  /** The import that brings the line. */
  source: Id;
  /** The file's day. */
  asOf: Day;
  /** From `resolveDueDay`. */
  dueDay: Day;
  dueAssumed: boolean;
}

export type ItemChange = 'new' | 'changed' | 'unchanged' | 'cleared' | 'not_yet';

export interface ItemDiff {
  change: ItemChange;
  /** The item after the line, with the old version (1 when new). The very same object when unchanged. */
  item: Item;
  /** Empty when what is open does not change. Their ids follow from item, import and position. */
  movements: Movement[];
}

/** Key of an item, unique in a workspace (rule ITM-1): entity, account number, kind, item number, instalment. */
export function itemKey(parts: {
  entityCode: string;
  accountNumber: string;
  kind: ItemKind;
  number: string;
  instalment: string;
}): string {
  return [parts.entityCode, parts.accountNumber, parts.kind, parts.number, parts.instalment]
    .map((part) => part.trim().replace(/[\\|]/g, '\\$&'))
    .join('|');
}

/**
 * What is open on a line as of a day (rule ITM-2): nothing before it is issued; settled later is not settled yet,
 * whatever the file says is open; else the open amount told; without one, nothing once settled, else all.
 */
export function openAsOf(line: Pick<ItemLine, 'cents' | 'openCents' | 'issueDay' | 'settledOn'>, asOf: Day): Cents {
  if (line.issueDay > asOf) return 0;
  if (line.settledOn !== null && line.settledOn > asOf) return line.cents;
  return line.openCents ?? (line.settledOn === null ? line.cents : 0);
}

/**
 * The difference between an item and what a ledger line says of it (rules ITM-2 to ITM-6). Pure and idempotent: the
 * same line against the item that came out changes nothing. The item's movements always add up to its open amount.
 *
 * @param old the stored item, null when there is none
 */
export function diffItem(old: Item | null, line: ItemLine, context: DiffContext): ItemDiff {
  const notYet = line.issueDay > context.asOf;
  if (notYet && old !== null && old.state === 'settled') {
    // An older ledger does not know it; being settled it weighs nothing, so its history stays.
    return { change: 'not_yet', item: old, movements: [] };
  }
  const item = itemFrom(old, line, context, notYet);
  if (old !== null && sameItem(old, item))
    return { change: notYet ? 'not_yet' : 'unchanged', item: old, movements: [] };
  return { change: changeOf(old, item), item, movements: movementsOf(old, item, context) };
}

function itemFrom(old: Item | null, line: ItemLine, context: DiffContext, notYet: boolean): Item {
  const openCents = openAsOf(line, context.asOf);
  const settled = !notYet && openCents === 0;
  const told = line.settledOn !== null && line.settledOn <= context.asOf ? line.settledOn : null;
  const settledBefore = old !== null && old.openCents === 0 && old.state === 'settled' ? old.settledOn : null;
  return {
    id: context.itemId,
    version: old?.version ?? 1,
    key: context.key,
    accountId: context.accountId,
    entityId: context.entityId,
    kind: line.kind,
    number: line.number,
    instalment: line.instalment,
    issueDay: line.issueDay,
    dueDay: context.dueDay,
    dueAssumed: context.dueAssumed,
    currency: line.currency,
    cents: line.cents,
    openCents,
    state: notYet ? 'not_yet' : settled ? 'settled' : 'open',
    settledOn: settled ? (told ?? settledBefore ?? context.asOf) : null,
    disputed: line.disputed,
    flagTaken: line.disputed && (old?.flagTaken ?? false),
    disputedCents: old?.disputedCents ?? 0,
    awaitingCents: old?.awaitingCents ?? 0,
    einvoice: old?.einvoice ?? null,
    missingSince: null,
    orderNumber: line.orderNumber,
    deliveryNote: line.deliveryNote,
    paymentMethod: line.paymentMethod,
    factored: line.factored,
    extra: line.extra,
  };
}

function sameItem(a: Item, b: Item): boolean {
  const fields = Object.keys(b) as (keyof Item)[];
  return fields.every((field) => (field === 'extra' ? sameTexts(a.extra, b.extra) : a[field] === b[field]));
}

function sameTexts(a: { [column: string]: string }, b: { [column: string]: string }): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

function changeOf(old: Item | null, item: Item): ItemChange {
  if (item.state === 'not_yet') return 'not_yet';
  if (old === null || old.state === 'not_yet') return 'new';
  return old.openCents !== 0 && item.openCents === 0 ? 'cleared' : 'changed';
}

function movementsOf(old: Item | null, item: Item, context: DiffContext): Movement[] {
  const movements: Movement[] = [];
  const add = (on: Item, kind: Movement['kind'], day: Day, cents: Cents): void => {
    if (cents === 0) return;
    movements.push({
      id: `${item.id}:${context.source}:${movements.length}`,
      version: 1,
      itemId: item.id,
      accountId: item.accountId,
      currency: on.currency,
      dueDay: on.dueDay,
      day,
      cents,
      kind,
      itemKind: item.kind,
      source: context.source,
    });
  };
  const from = old === null || old.state === 'not_yet' ? null : old;
  if (item.state === 'not_yet') {
    if (from !== null) add(from, 'corrected', from.issueDay, -from.openCents);
    return movements;
  }
  let before: Cents;
  if (from === null) {
    add(item, 'issued', item.issueDay, item.cents);
    before = item.cents;
  } else {
    before = carryOver(from, item, context, add);
  }
  const delta = item.openCents - before;
  if (item.openCents === 0) add(item, 'settled', closingDay(item, context), delta);
  else add(item, 'allocated', reopeningDay(from, item, delta, context), delta);
  return movements;
}

/**
 * Brings what was open over to the item's present currency, due day and amount. Answers what is open after that, before
 * anything was paid or given back.
 */
function carryOver(
  from: Item,
  item: Item,
  context: DiffContext,
  add: (on: Item, kind: Movement['kind'], day: Day, cents: Cents) => void,
): Cents {
  const moved = from.currency !== item.currency || from.dueDay !== item.dueDay;
  if (moved) {
    add(from, 'corrected', context.asOf, -from.openCents);
    if (from.currency !== item.currency) {
      add(item, 'corrected', context.asOf, item.openCents);
      return item.openCents;
    }
    add(item, 'corrected', context.asOf, from.openCents);
  }
  const corrected = item.cents - from.cents;
  // An amount corrected on an item that stays settled was never open again.
  if (corrected === 0 || (from.openCents === 0 && item.openCents === 0)) return from.openCents;
  add(item, 'corrected', context.asOf, corrected);
  return from.openCents + corrected;
}

/** Not before it was issued: what is prepaid closes on the day of issue. */
function closingDay(item: Item, context: DiffContext): Day {
  return latestDay([item.issueDay, item.settledOn ?? context.asOf]) ?? context.asOf;
}

/** What opens again does so on the day of the closing that it undoes, if that lies after the file's day. */
function reopeningDay(from: Item | null, item: Item, delta: Cents, context: DiffContext): Day {
  const opensAgain = from !== null && Math.abs(item.openCents) > Math.abs(item.openCents - delta);
  return opensAgain ? (latestDay([context.asOf, from.settledOn]) ?? context.asOf) : context.asOf;
}

/** Open on a day: the sum of the movements up to that day (rule ITM-3). */
export function openOn(movements: Iterable<Pick<Movement, 'day' | 'cents'>>, day: Day): Cents {
  let sum = 0;
  for (const movement of movements) if (movement.day <= day) sum += movement.cents;
  return sum;
}

/**
 * Flags an item that a complete file no longer mentions while it is open (rule ITM-6): since the file's day, never
 * deleted, still counted. The very same object when nothing changes.
 */
export function flagMissing(item: Item, asOf: Day): Item {
  return item.state === 'open' && item.missingSince === null ? { ...item, missingSince: asOf } : item;
}
