import type { LedgerLine } from '#lib/domain/import/import.ts';
import type { Id } from '#lib/domain/values.ts';
import { stagedAccounts, type StagedAccount } from '../../store/kinds/workspace.ts';
import type { WorkspaceStore } from '../../store/port.ts';
import { keyOf } from './diff-account.ts';
import { unpackLines } from './packed-lines.ts';

/** One account's lines as far as one part holds them. */
export interface StagedPart {
  accountNumber: string;
  /** The number of the part, or of the last of those taken together. */
  part: number;
  lines: LedgerLine[];
  /** No part of this account came before. */
  first: boolean;
  /** No part of this account follows. */
  last: boolean;
}

/** Lines of one account in one go. */
const LINES_TOGETHER = 500;
const PARTS_PER_READ = 40;
const PARTS_PER_REMOVAL = 100;

/**
 * The staged parts of an import in the order of account number and part, from `from` on. Small parts of one account, as
 * a file gives them that is not sorted by account, are taken together.
 */
export async function* stagedParts(
  store: WorkspaceStore,
  importId: Id,
  from: { accountNumber: string; part: number } | null = null,
): AsyncGenerator<StagedPart> {
  const filter = from === null ? { importId } : { importId, accountNumber: { $gte: from.accountNumber } };
  const waiting: StagedPart[] = [];
  let after: string | null = null;
  do {
    const page: { docs: StagedAccount[]; next: string | null } = await store
      .docs(stagedAccounts)
      .find(filter, { sort: ['accountNumber', 'part'], limit: PARTS_PER_READ, after });
    for (const doc of page.docs) {
      if (from !== null && doc.accountNumber === from.accountNumber && doc.part <= from.part) continue;
      const part = partOf(doc);
      const held = waiting.pop();
      if (held !== undefined && fitsWith(held, part)) {
        waiting.push({ ...part, first: held.first, lines: [...held.lines, ...part.lines] });
        continue;
      }
      if (held !== undefined) yield { ...held, last: held.accountNumber !== part.accountNumber };
      waiting.push(part);
    }
    after = page.next;
  } while (after !== null);
  for (const part of waiting) yield { ...part, last: true };
}

const fitsWith = (held: StagedPart, next: StagedPart): boolean =>
  held.accountNumber === next.accountNumber && held.lines.length + next.lines.length <= LINES_TOGETHER;

const partOf = (doc: StagedAccount): StagedPart => ({
  accountNumber: doc.accountNumber,
  part: doc.part,
  lines: unpackLines(doc.lines),
  first: doc.part === 0,
  last: false,
});

/** Keys of every line of an account, whose part in hand is the last: parts before it are read again. */
export async function keysOfAccount(store: WorkspaceStore, importId: Id, part: StagedPart): Promise<Set<string>> {
  const keys = new Set(part.lines.map(keyOf));
  if (part.first) return keys;
  for (let number = 0; number < part.part; number += 1) {
    const found = await store
      .docs(stagedAccounts)
      .find({ importId, accountNumber: part.accountNumber, part: number }, { limit: 1 });
    const doc = found.docs[0];
    for (const line of doc === undefined ? [] : unpackLines(doc.lines)) keys.add(keyOf(line));
  }
  return keys;
}

/** Numbers of the accounts that the file speaks of. */
export async function stagedNumbers(store: WorkspaceStore, importId: Id): Promise<Set<string>> {
  const groups = await store.docs(stagedAccounts).group({ importId }, { by: ['accountNumber'] });
  return new Set(groups.map(({ key }) => String(key.accountNumber)));
}

/** Takes the staged lines of an import away, a few at a time. */
export async function removeStaged(store: WorkspaceStore, importId: Id): Promise<void> {
  for (;;) {
    const page = await store
      .docs(stagedAccounts)
      .find({ importId }, { sort: ['accountNumber', 'part'], limit: PARTS_PER_REMOVAL });
    if (page.docs.length === 0) return;
    await store.transaction(async (tx) => {
      for (const doc of page.docs) await tx.docs(stagedAccounts).remove(doc.id, doc.version);
    });
    await new Promise((resolve) => setImmediate(resolve));
  }
}
