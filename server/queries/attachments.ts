import type { Attachment } from '#lib/domain/attachment/attachment.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Audience } from '#lib/domain/thread/audience.ts';
import type { Id } from '#lib/domain/values.ts';
import { mayReadAudience, mayWriteAudience } from '#lib/policies/audience.ts';
import { AppError } from '#lib/protocol/errors.ts';
import { storeOf, type App } from '../app.ts';
import { accessAccount } from '../services/access-account.ts';
import { accessDispute } from '../services/disputes/access-dispute.ts';
import { accessThread } from '../services/threads/access-thread.ts';
import { attachments } from '../store/kinds/disputes.ts';
import { items } from '../store/kinds/workspace.ts';
import type { Page, WorkspaceStore } from '../store/port.ts';

const MOST = 500;

/**
 * Files of a dispute's threads that the actor may read, oldest first; drafts only for those who may write there.
 *
 * @throws AppError not_found for a dispute, or an audience named, that is not for the actor
 */
export async function attachmentList(
  app: App,
  actor: Actor,
  input: { id: Id; audience?: Audience | undefined },
): Promise<{ attachments: Attachment[] }> {
  const store = storeOf(app, actor);
  if (input.audience === undefined) await accessDispute(store, actor, input.id, 'dispute.read');
  else await accessThread(store, actor, input.id, input.audience, 'read');
  const all = await attachmentsOf(store, actor, input.id);
  return { attachments: all.filter(({ audience }) => input.audience === undefined || audience === input.audience) };
}

/** The same for a caller who has reached the dispute by accessDispute. */
export async function attachmentsOf(store: WorkspaceStore, actor: Actor, disputeId: Id): Promise<Attachment[]> {
  const found: Attachment[] = [];
  for (const state of ['posted', 'draft'] as const) {
    const may = state === 'draft' ? mayWriteAudience : mayReadAudience;
    const shown: Attachment[] = [];
    // What is for others to read takes no place in the list.
    for (let after: string | null = null; shown.length < MOST;) {
      const page: Page<Attachment> = await store.docs(attachments).find({ disputeId, state }, { limit: MOST, after });
      shown.push(...page.docs.filter(({ audience }) => may(actor, audience)));
      after = page.next;
      if (after === null) break;
    }
    found.push(...shown.slice(0, MOST));
  }
  return found.sort((a, b) => (a.uploadedAt + a.id < b.uploadedAt + b.id ? -1 : 1));
}

/**
 * The documents of an item: the invoice's PDF or XML.
 *
 * @throws AppError not_found for an item whose account is not for the actor
 */
export async function itemAttachments(
  app: App,
  actor: Actor,
  input: { id: Id },
): Promise<{ attachments: Attachment[] }> {
  const store = storeOf(app, actor);
  const item = await store.docs(items).get(input.id);
  if (item === null) throw new AppError('not_found');
  await accessAccount(store, actor, item.accountId, 'account.read');
  const page = await store.docs(attachments).find({ itemId: item.id, state: 'posted' }, { limit: MOST });
  return { attachments: page.docs.filter(({ audience }) => mayReadAudience(actor, audience)) };
}
