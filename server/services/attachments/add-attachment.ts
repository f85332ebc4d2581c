import type { Attachment } from '#lib/domain/attachment/attachment.ts';
import { cleanFileName } from '#lib/domain/attachment/file-name.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { AddAttachmentInput } from '#lib/protocol/commands/thread.ts';
import { AppError } from '#lib/protocol/errors.ts';
import { storeOf, type App } from '../../app.ts';
import { newId } from '../../store/id.ts';
import { attachments } from '../../store/kinds/disputes.ts';
import type { Tx, WorkspaceStore } from '../../store/port.ts';
import { command, type CommandMeta } from '../command.ts';
import { accessThread, type ThreadPlace } from '../threads/access-thread.ts';
import { keepFile } from './keep-file.ts';
import { removeFiles } from './remove-files.ts';

/** Files of one person that wait for their messages in one thread: what others put there, or elsewhere, must not tell. */
const MOST_DRAFTS = 100;
const PAGE = 500;

/**
 * Takes in a file for a message to come: a draft that whoever writes in that thread sees, and that goes after a day if no
 * message took it along. Nobody is told. Rights are judged before a byte is read, and again when it is all there.
 *
 * @param bytes the raw body, taken as it comes
 * @throws AppError not_found; forbidden; too_large; unsupported_media; bad_request; conflict (rule `too_many_drafts`)
 */
export async function addAttachment(
  app: App,
  actor: Actor,
  input: AddAttachmentInput,
  bytes: AsyncIterable<Uint8Array>,
  meta: CommandMeta,
): Promise<Attachment> {
  const store = storeOf(app, actor);
  const first = await accessThread(store, actor, input.id, input.audience, 'write');
  await refuseTooMany(store, actor, first);
  const { type, ...file } = await keepFile(app, actor.workspaceId, bytes);
  const name = cleanFileName(input.name);
  const asked = { ...input, sha256: file.sha256 };
  const { id } = await command(app, actor, meta, { name: 'attachment.add', input: asked }, async (tx, now) => {
    const { dispute, account, audience } = await accessThread(tx, actor, input.id, input.audience, 'write');
    await refuseTooMany(tx, actor, { dispute, audience });
    const attachment: Attachment = {
      id: newId(now.ms),
      version: 1,
      accountId: account.id,
      audience,
      disputeId: dispute.id,
      itemId: null,
      messageId: null,
      name,
      type,
      ...file,
      uploadedBy: actor.memberId,
      uploadedAt: now.at,
      day: now.today,
      state: 'draft',
    };
    await tx.docs(attachments).insert(attachment);
    return { id: attachment.id };
  }).catch(async (error: unknown) => {
    await removeFiles(app, actor.workspaceId, [file.fileId]);
    throw error;
  });
  const attachment = await store.docs(attachments).get(id);
  if (attachment === null) throw new AppError('not_found');
  // The same key again: the first one's bytes are the ones kept.
  if (attachment.fileId !== file.fileId) await removeFiles(app, actor.workspaceId, [file.fileId]);
  return attachment;
}

async function refuseTooMany(
  reader: Tx | WorkspaceStore,
  actor: Actor,
  { dispute, audience }: Pick<ThreadPlace, 'dispute' | 'audience'>,
): Promise<void> {
  let waiting = 0;
  for (let after: string | null = null; ;) {
    const page = await reader.docs(attachments).find({ disputeId: dispute.id, state: 'draft' }, { limit: PAGE, after });
    waiting += page.docs.filter((one) => one.audience === audience && one.uploadedBy === actor.memberId).length;
    if (waiting >= MOST_DRAFTS) throw new AppError('conflict', { rule: 'too_many_drafts' });
    if (page.next === null) return;
    after = page.next;
  }
}
