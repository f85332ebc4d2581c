import { setTimeout } from 'node:timers/promises';
import type { Id } from '#lib/domain/values.ts';
import type { App } from '../../app.ts';
import { erasures, notifications, type Erasure } from '../../store/kinds/disputes.ts';
import { documentHeads } from '../../store/kinds/workspace.ts';
import { StoreUnavailable, type WorkspaceStore } from '../../store/port.ts';
import { removeFiles } from '../attachments/remove-files.ts';
import { eventsHolding } from './held-in.ts';

/** How often, and after how long (ms), a reader that still looks at the old pages is waited for. */
const SCRUB = { tries: 40, everyMs: 250 } as const;

/**
 * Does all of an erasure that lies outside of its transaction: the parts of earlier events, bytes of files, notifications, history
 * of the documents, the store's own files. Each step can be done again; interrupted, it is taken up by the job.
 *
 * @throws StoreUnavailable when something could not be removed: it is not done then
 */
export async function finishErasure(app: App, workspaceId: Id, id: Id): Promise<void> {
  const store = app.store.workspace(workspaceId);
  const erasure = await store.docs(erasures).get(id);
  if (erasure === null || erasure.state === 'done') return;
  for (const { name, untilSeq } of erasure.streams)
    for await (const event of eventsHolding(store, name, untilSeq, erasure)) await store.journal.erase(event.id);
  await removeFiles(app, workspaceId, erasure.fileIds, { strict: true });
  await removeNotifications(store, erasure);
  for (const document of erasure.documents)
    if ((await store.docs(documentHeads).get(document)) !== null) await app.live.forget(workspaceId, document);
  await scrub(app);
  await store.transaction(async (tx) => {
    const now = await tx.docs(erasures).get(id);
    if (now?.state === 'running') await tx.docs(erasures).replace({ ...now, state: 'done', words: [] });
  });
}

/** Takes up erasures that were interrupted. */
export async function resumeErasures(app: App, workspaceId: Id, stopping: () => boolean): Promise<void> {
  const left = await app.store
    .workspace(workspaceId)
    .docs(erasures)
    .find({ state: 'running' }, { sort: ['startedAt'], limit: 50 });
  for (const { id } of left.docs) if (!stopping()) await finishErasure(app, workspaceId, id);
}

/** Nobody is sent to words that are not there any more. */
async function removeNotifications(store: WorkspaceStore, { accountId, messageIds }: Erasure): Promise<void> {
  if (messageIds.length === 0) return;
  const gone: Id[] = [];
  for await (const one of store.docs(notifications).each({ accountId }))
    if (one.messageId !== null && messageIds.includes(one.messageId)) gone.push(one.id);
  for (let at = 0; at < gone.length; at += 200)
    await store.transaction(async (tx) => {
      for (const one of await tx.docs(notifications).getMany(gone.slice(at, at + 200)))
        await tx.docs(notifications).remove(one.id, one.version);
    });
}

async function scrub(app: App): Promise<void> {
  for (let tries = 0; tries < SCRUB.tries; tries += 1) {
    if (await app.store.scrub()) return;
    await setTimeout(SCRUB.everyMs);
  }
  throw new StoreUnavailable('somebody is reading the store: the erasure is finished later');
}
