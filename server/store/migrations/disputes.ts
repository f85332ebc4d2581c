import { DISPUTE_DEFAULTS } from '#lib/domain/dispute/dispute.ts';
import type { Item } from '#lib/domain/item/item.ts';
import type { Task } from '#lib/domain/task/task.ts';
import type { Workspace } from '#lib/domain/workspace/workspace.ts';
import { workspaces } from '#server/store/kinds/installation.ts';
import { items, tasks } from '#server/store/kinds/workspace.ts';
import { changeAll } from '#server/store/migrations/migrate.ts';
import type { Migration } from '#server/store/migrations/migration.ts';

/** A document with what it lacks of the defaults; null when it lacks nothing. */
function completed<T extends object>(doc: T, defaults: Partial<T>): T | null {
  const missing = Object.keys(defaults).filter((field) => (doc as Record<string, unknown>)[field] === undefined);
  return missing.length === 0 ? null : { ...defaults, ...doc };
}

const ITEM: Partial<Item> = { flagTaken: false, disputedCents: 0, awaitingCents: 0, einvoice: null };
const TASK: Partial<Task> = { disputeId: null, acceptedBy: null, escalatedOn: null };

function withSettings(workspace: Workspace): Workspace | null {
  const settings = workspace.settings as Partial<Workspace['settings']> | undefined;
  if (settings === undefined || settings.disputes !== undefined) return null;
  return { ...workspace, settings: { ...workspace.settings, disputes: DISPUTE_DEFAULTS } };
}

/**
 * Items and tasks learn of disputes, workspaces of their limits and deadlines. What a ledger had flagged stays out of
 * collection as a whole; the next ledger that says so opens its dispute.
 */
export const disputesMigration: Migration = {
  to: 2,
  name: 'items, tasks and workspaces know of disputes',
  run: async ({ store, workspaces: ids }) => {
    for (const id of ids) {
      const workspace = store.workspace(id);
      await changeAll(workspace, items, (item) => completed(item, ITEM));
      await changeAll(workspace, tasks, (task) => completed(task, TASK));
      await changeAll(workspace, workspaces, withSettings);
    }
  },
};
