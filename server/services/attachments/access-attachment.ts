import type { Account } from '#lib/domain/account/account.ts';
import type { Attachment } from '#lib/domain/attachment/attachment.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import { mayReadAudience, mayWriteAudience } from '#lib/policies/audience.ts';
import { AppError } from '#lib/protocol/errors.ts';
import { attachments } from '../../store/kinds/disputes.ts';
import type { Tx, WorkspaceStore } from '../../store/port.ts';
import { accessAccount } from '../access-account.ts';
import { accessThread } from '../threads/access-thread.ts';

/**
 * The only way to a file: through the thread that it belongs to, or the account of its item. A draft is for those who may
 * write there.
 *
 * @throws AppError not_found, alike, when it is unknown, deleted, out of scope, or for others to read; forbidden for
 *   somebody who reads the thread and wants to change it
 */
export async function accessAttachment(
  reader: Tx | WorkspaceStore,
  actor: Actor,
  id: Id,
  want: 'read' | 'write',
): Promise<{ attachment: Attachment; account: Account }> {
  const attachment = await reader.docs(attachments).get(id);
  if (attachment === null || attachment.state === 'deleted') throw new AppError('not_found');
  const { disputeId, audience, accountId, state } = attachment;
  if (disputeId === null) {
    if (!mayReadAudience(actor, audience)) throw new AppError('not_found');
    const account = await accessAccount(reader, actor, accountId, 'account.read');
    if (want === 'write' && !mayWriteAudience(actor, audience))
      throw new AppError('forbidden', { action: 'thread.write' });
    return { attachment, account };
  }
  const { account } = await accessThread(reader, actor, disputeId, audience, want);
  if (state === 'draft' && !mayWriteAudience(actor, audience)) throw new AppError('not_found');
  return { attachment, account };
}
