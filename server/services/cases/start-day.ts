import { promises, queueRows } from '../../store/kinds/workspace.ts';
import type { Docs, Filter, Versioned } from '../../store/port.ts';
import type { Id } from '#lib/domain/values.ts';
import type { App } from '../../app.ts';
import { nowIn } from '../command.ts';
import { recomputeAccount } from './recompute-account.ts';

const PAGE = 200;
/** Accounts brought to the day side by side: their transactions share a commit. */
const ABREAST = 8;

/**
 * Begins the business day of a workspace: brings every account to it whose row says that something changes by now, or
 * was reckoned for a later day, or on which a promise can be judged from the ledger as it stands. One transaction per
 * account; running it again does nothing more.
 *
 * @param stopping asked between pages
 * @param onPage called after each page, to keep a lease
 * @returns how many accounts were looked at
 */
export async function startDay(
  app: App,
  workspaceId: Id,
  stopping: () => boolean = () => false,
  onPage: () => Promise<unknown> = () => Promise.resolve(),
): Promise<number> {
  const { today, workspace } = await nowIn(app, workspaceId);
  const store = app.store.workspace(workspaceId);
  let looked = 0;
  const bring = async (accountIds: readonly Id[]): Promise<void> => {
    for (let at = 0; at < accountIds.length; at += ABREAST) {
      if (stopping()) return;
      await Promise.all(accountIds.slice(at, at + ABREAST).map((id) => recomputeAccount(app, workspaceId, id)));
    }
    looked += accountIds.length;
    await onPage();
  };
  for await (const page of pagesOf(store.docs(queueRows), { recomputeOn: { $lte: today } }, 'recomputeOn'))
    await bring(page.map((row) => row.id));
  for await (const page of pagesOf(store.docs(queueRows), { computedFor: { $gt: today } }, 'computedFor'))
    await bring(page.map((row) => row.id));
  if (workspace.ledgerAsOf !== null) {
    const due: Filter = { state: 'open', dueDay: { $lt: workspace.ledgerAsOf } };
    for await (const page of pagesOf(store.docs(promises), due, 'dueDay'))
      await bring([...new Set(page.map((promise) => promise.accountId))]);
  }
  return looked;
}

/** Pages by keyset: what is done leaves the set, what cannot be done is not met again. */
async function* pagesOf<T extends Versioned>(docs: Docs<T>, filter: Filter, sort: string): AsyncIterable<T[]> {
  let after: string | null = null;
  do {
    const page: { docs: T[]; next: string | null } = await docs.find(filter, { sort: [sort], limit: PAGE, after });
    if (page.docs.length > 0) yield page.docs;
    after = page.next;
  } while (after !== null);
}
