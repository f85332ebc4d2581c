import type { Workspace } from '#lib/domain/workspace/workspace.ts';
import type { Id } from '#lib/domain/values.ts';
import { AppError } from '#lib/protocol/errors.ts';
import { workspaces } from './store/kinds/installation.ts';
import type { Store } from './store/port.ts';

const FRESH_MS = 1_000;

/**
 * Reads a workspace's document, at most once a second for each: another node's change is seen within that second.
 * `forget` is for those who have just changed it.
 */
export function workspaceCache(store: Store): { read(id: Id): Promise<Workspace>; forget(id: Id): void } {
  const kept = new Map<Id, { at: number; workspace: Promise<Workspace> }>();
  const load = async (id: Id): Promise<Workspace> => {
    const workspace = await store.installation.docs(workspaces).get(id);
    if (workspace === null) throw new AppError('not_found');
    return workspace;
  };
  return {
    read(id) {
      const known = kept.get(id);
      if (known !== undefined && performance.now() - known.at < FRESH_MS) return known.workspace;
      const workspace = load(id);
      kept.set(id, { at: performance.now(), workspace });
      workspace.catch(() => kept.delete(id));
      return workspace;
    },
    forget: (id) => void kept.delete(id),
  };
}
