import type { App } from '#server/app.ts';
import { VersionConflict, type WorkspaceStore } from '#server/store/port.ts';

/** The same app on a store whose next `conflicts` transactions lose a race after their work is done. */
export function withConflicts<A extends App>(app: A, conflicts: number): A {
  let left = conflicts;
  const flaky = (store: WorkspaceStore): WorkspaceStore => ({
    ...store,
    transaction: (work) =>
      store.transaction(async (tx) => {
        const result = await work(tx);
        if (left > 0) {
          left -= 1;
          throw new VersionConflict('case', 'injected');
        }
        return result;
      }),
  });
  const { store } = app;
  return {
    ...app,
    store: { ...store, installation: store.installation, workspace: (id: string) => flaky(store.workspace(id)) },
  };
}
