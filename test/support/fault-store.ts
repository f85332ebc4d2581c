import { StoreUnavailable } from '#server/store/port.ts';
import type { Store, WorkspaceStore } from '#server/store/port.ts';

/** Faults of a store's log, to be switched while a test runs. */
export interface Faults {
  /** Every append fails. */
  down: boolean;
  /** Every append takes so much longer (ms). */
  latencyMs: number;
  /** Compaction stops before or after it is stored, as a process that dies there. */
  compaction: 'works' | 'fails_before' | 'fails_after';
  appends: number;
}

/** The same store, whose log fails on demand. */
export function faulty(store: Store): { store: Store; faults: Faults } {
  const faults: Faults = { down: false, latencyMs: 0, compaction: 'works', appends: 0 };
  const wrap = (inner: WorkspaceStore): WorkspaceStore => ({
    ...inner,
    workspaceId: inner.workspaceId,
    docs: (kind) => inner.docs(kind),
    transaction: (work) => inner.transaction(work),
    log: {
      ...inner.log,
      read: (doc, epoch) => inner.log.read(doc, epoch),
      append: async (doc, epoch, author, bytes) => {
        if (faults.latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, faults.latencyMs));
        if (faults.down) throw new StoreUnavailable('down');
        const id = await inner.log.append(doc, epoch, author, bytes);
        faults.appends += 1;
        return id;
      },
      compact: async (doc, epoch, ids, bytes) => {
        if (faults.compaction === 'fails_before') throw new StoreUnavailable('before');
        const done = await inner.log.compact(doc, epoch, ids, bytes);
        if (faults.compaction === 'fails_after') throw new StoreUnavailable('after');
        return done;
      },
    },
  });
  const wrapped: Store = Object.create(store, {
    workspace: { value: (id: string) => wrap(store.workspace(id)) },
  }) as Store;
  return { store: wrapped, faults };
}
