import type { Id } from '#lib/domain/values.ts';
import type { App } from '../../app.ts';
import { attachments } from '../../store/kinds/disputes.ts';
import { removeFiles } from './remove-files.ts';

/** How long a file waits for its message (ms). */
export const DRAFT_MS = 24 * 3_600_000;
const PAGE = 200;

/**
 * Takes away drafts that no message took along within a day, and bytes that no record points at (of an upload or a
 * removal that was interrupted). Answers how many of each.
 */
export async function sweepAttachments(app: App, workspaceId: Id): Promise<{ drafts: number; files: number }> {
  const store = app.store.workspace(workspaceId);
  const before = app.clock.ms() - DRAFT_MS;
  const swept = { drafts: 0, files: 0 };
  for (;;) {
    const old = { state: 'draft', uploadedAt: { $lt: new Date(before).toISOString() } };
    const page = await store.docs(attachments).find(old, { sort: ['uploadedAt'], limit: PAGE });
    if (page.docs.length === 0) break;
    await store.transaction(async (tx) => {
      for (const { id } of page.docs) {
        const draft = await tx.docs(attachments).get(id);
        if (draft?.state === 'draft') await tx.docs(attachments).remove(id, draft.version);
      }
    });
    swept.drafts += page.docs.length;
    await removeFiles(
      app,
      workspaceId,
      page.docs.map(({ fileId }) => fileId),
    );
  }
  for await (const { fileId, storedAt } of store.files.list()) {
    // One that is being uploaded has no record yet.
    if (storedAt > Date.now() - DRAFT_MS) continue;
    const used = await store.docs(attachments).find({ fileId, state: { $in: ['draft', 'posted'] } }, { limit: 1 });
    if (used.docs.length > 0) continue;
    await store.files.remove(fileId);
    swept.files += 1;
  }
  return swept;
}
