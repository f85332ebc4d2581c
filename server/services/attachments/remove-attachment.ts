import type { Attachment } from '#lib/domain/attachment/attachment.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import { AppError } from '#lib/protocol/errors.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import type { App } from '../../app.ts';
import { attachments } from '../../store/kinds/disputes.ts';
import { accountEvent } from '../account-event.ts';
import { command, type CommandMeta } from '../command.ts';
import { accessAttachment } from './access-attachment.ts';
import { removeFiles } from './remove-files.ts';

/**
 * Takes a file away: whoever uploaded it, or a manager. Of a posted one a record without a name stays, and the removal is said in its
 * stream; of a draft nothing.
 *
 * @throws AppError not_found; forbidden
 */
export async function removeAttachment(
  app: App,
  actor: Actor,
  input: { id: Id },
  meta: CommandMeta,
): Promise<{ id: Id; state: Attachment['state'] }> {
  const files: Id[] = [];
  const said = await command(app, actor, meta, { name: 'attachment.remove', input }, async (tx, now) => {
    files.length = 0;
    const { attachment, account } = await accessAttachment(tx, actor, input.id, 'write');
    if (attachment.uploadedBy !== actor.memberId && actor.role !== 'manager')
      throw new AppError('forbidden', { action: 'attachment.remove' });
    const docs = tx.docs(attachments);
    files.push(attachment.fileId);
    const answer = { id: attachment.id, state: 'deleted' as const };
    if (attachment.state === 'draft') {
      await docs.remove(attachment.id, attachment.version);
      return answer;
    }
    const gone = await docs.replace({ ...attachment, name: '', state: 'deleted' });
    const { disputeId, messageId, itemId, audience } = gone;
    await tx.append(accountStream(account.id, audience), [
      accountEvent(
        now,
        actor,
        'attachment.removed',
        { attachments: [gone] },
        { data: { disputeId, messageId, itemId, attachmentId: gone.id, audience } },
      ),
    ]);
    return answer;
  });
  await removeFiles(app, actor.workspaceId, files);
  return said;
}
