import type { Account } from '#lib/domain/account/account.ts';
import type { Contact } from '#lib/domain/contact/contact.ts';
import type { LedgerLine } from '#lib/domain/import/import.ts';
import { diffItem, flagMissing, itemKey, type ItemChange } from '#lib/domain/item/diff-item.ts';
import type { Item, Movement } from '#lib/domain/item/item.ts';
import { resolveDueDay } from '#lib/domain/terms/terms.ts';
import type { Day, Id, Instant } from '#lib/domain/values.ts';
import type { AccountState } from './account-state.ts';
import { diffLedgerAccount, ledgerAccountOf, unknownAccount } from './ledger-account.ts';
import type { People } from './people.ts';

/** What the differences of a whole file are made with. */
export interface FileContext {
  newId(): Id;
  importId: Id;
  asOf: Day;
  at: Instant;
  people: People;
  /** Legal entity of a code; every code of the file is there. */
  entities: ReadonlyMap<string, Id>;
  defaultTermsDays: number;
}

/** Lines of one account: all of them, or one part of many. */
export interface AccountLines {
  number: string;
  lines: readonly LedgerLine[];
  /** The first part says what the account is. */
  first: boolean;
  /** The last part: all that the file says of the account is known after it. */
  last: boolean;
  /** Keys of every line of the account, in its last part, when the file is complete: open items outside are missing. */
  allKeys: ReadonlySet<string> | null;
}

export interface LedgerDiff {
  isNew: boolean;
  account: Account;
  accountChanged: boolean;
  contact: Contact | null;
  /** New or changed, as they stand after the file, with the version that was read (1 when new). */
  items: { item: Item; isNew: boolean }[];
  movements: Movement[];
  counts: Record<ItemChange | 'missing', number>;
}

export const keyOf = (line: LedgerLine): string => itemKey(line);

/**
 * The difference between what is stored of an account and what the lines of a file say. Pure but for new ids; the same
 * lines against what came out change nothing.
 */
export function diffAccount(state: AccountState, told: AccountLines, context: FileContext): LedgerDiff {
  const isNew = state.account === null;
  const before = state.account ?? unknownAccount(told.number, context);
  const counts: LedgerDiff['counts'] = { new: 0, changed: 0, unchanged: 0, cleared: 0, not_yet: 0, missing: 0 };
  const diff: LedgerDiff = {
    isNew,
    account: before,
    accountChanged: isNew,
    contact: null,
    items: [],
    movements: [],
    counts,
  };
  const entityIds = [...new Set(told.lines.map((line) => entityOf(line, context)))];
  if (told.first || entityIds.some((id) => !before.entityIds.includes(id))) {
    const said = ledgerAccountOf(told.first ? told.lines : []);
    const after = diffLedgerAccount(before, state.contacts, said, { ...context, entityIds });
    diff.account = after.account;
    diff.contact = after.contact;
    diff.accountChanged = isNew || after.changed;
  }
  for (const line of told.lines) diffLine(diff, state, line, context);
  if (told.allKeys !== null) flagAbsent(diff, state, told.allKeys, context);
  return diff;
}

const entityOf = (line: LedgerLine, context: FileContext): Id => {
  const id = context.entities.get(line.entityCode);
  if (id === undefined) throw new Error(`entity ${line.entityCode} was not foreseen`);
  return id;
};

function diffLine(diff: LedgerDiff, state: AccountState, line: LedgerLine, context: FileContext): void {
  const key = keyOf(line);
  const old = state.items.get(key) ?? null;
  const due = resolveDueDay(line, diff.account.terms, context.defaultTermsDays);
  const found = diffItem(old, line, {
    itemId: old?.id ?? context.newId(),
    accountId: diff.account.id,
    entityId: entityOf(line, context),
    key,
    source: context.importId,
    asOf: context.asOf,
    dueDay: due.dueDay,
    dueAssumed: due.assumed,
  });
  diff.counts[found.change] += 1;
  if (found.item === old) return;
  diff.items.push({ item: found.item, isNew: old === null });
  diff.movements.push(...found.movements);
}

/** Entities that the file does not speak of are another file's matter. */
function flagAbsent(
  diff: LedgerDiff,
  state: AccountState,
  allKeys: ReadonlySet<string>,
  context: Pick<FileContext, 'asOf' | 'entities'>,
): void {
  const spoken = new Set(context.entities.values());
  for (const [key, item] of state.items) {
    if (item.state !== 'open' || allKeys.has(key) || !spoken.has(item.entityId)) continue;
    const flagged = flagMissing(item, context.asOf);
    diff.counts.missing += 1;
    if (flagged !== item) diff.items.push({ item: flagged, isNew: false });
  }
}
