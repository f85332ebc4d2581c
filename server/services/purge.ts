import type { Id } from '#lib/domain/values.ts';
import type { App } from '../app.ts';
import { idempotency } from '../store/kinds/workspace.ts';
import type { Filter, Kind, Versioned, WorkspaceStore } from '../store/port.ts';

const DAY_MS = 86_400_000;
const KEPT_DAYS = 30;
const PAGE = 200;

/** Forgets the idempotency records of a workspace that are older than 30 days. */
export function purgeIdempotency(app: App, workspaceId: Id): Promise<number> {
  const before = new Date(app.clock.ms() - KEPT_DAYS * DAY_MS).toISOString();
  return removeAll(app.store.workspace(workspaceId), idempotency, { createdAt: { $lt: before } }, 'createdAt');
}

async function removeAll<T extends Versioned>(
  store: WorkspaceStore,
  kind: Kind<T>,
  filter: Filter,
  sort: string,
): Promise<number> {
  let removed = 0;
  for (;;) {
    const page = await store.docs(kind).find(filter, { sort: [sort], limit: PAGE });
    if (page.docs.length === 0) return removed;
    await store.transaction(async (tx) => {
      for (const { id } of page.docs) {
        const doc = await tx.docs(kind).get(id);
        if (doc !== null) await tx.docs(kind).remove(id, doc.version);
      }
    });
    removed += page.docs.length;
  }
}
