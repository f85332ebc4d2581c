import type { Id } from '#lib/domain/values.ts';
import type { App } from '../../app.ts';
import { attachments } from '../../store/kinds/disputes.ts';

/**
 * Removes the bytes that no attachment points at any more; several may share one file. What cannot be removed now is
 * found by the sweep.
 *
 * @param strict hear of a failure, where the caller promises that they are gone
 */
export async function removeFiles(
  app: App,
  workspaceId: Id,
  fileIds: Iterable<Id>,
  { strict = false }: { strict?: boolean } = {},
): Promise<void> {
  const store = app.store.workspace(workspaceId);
  for (const fileId of new Set(fileIds)) {
    try {
      const used = await store.docs(attachments).find({ fileId, state: { $in: ['draft', 'posted'] } }, { limit: 1 });
      if (used.docs.length === 0) await store.files.remove(fileId);
    } catch (error) {
      if (strict) throw error;
      app.log.warn({ err: error, workspaceId }, 'a file could not be removed');
    }
  }
}
