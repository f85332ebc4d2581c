import type { Attachment } from '#lib/domain/attachment/attachment.ts';
import { cleanFileName } from '#lib/domain/attachment/file-name.ts';
import type { Id } from '#lib/domain/values.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import { newId } from '../../store/id.ts';
import { attachments } from '../../store/kinds/disputes.ts';
import type { Tx } from '../../store/port.ts';
import { accountEvent } from '../account-event.ts';
import type { Now } from '../command.ts';
import type { KeptFile } from './keep-file.ts';

/**
 * Gives an item its own document (the invoice's PDF or XML), within a caller's transaction; its bytes were kept before by
 * keepFile. The same content at the same item is there once. Says `attachment.added` in the account's internal stream.
 *
 * @returns the attachment, new or known; when it is known, the file just kept is for the caller to remove (removeFiles)
 */
export async function attachToItem(
  tx: Tx,
  now: Now,
  actor: { memberId: Id },
  given: { accountId: Id; itemId: Id; name: string; file: KeptFile },
): Promise<{ attachment: Attachment; known: boolean }> {
  const { accountId, itemId, file } = given;
  const docs = tx.docs(attachments);
  const there = (await docs.find({ itemId, state: 'posted' }, { limit: 200 })).docs;
  const same = there.find((one) => one.sha256 === file.sha256);
  if (same !== undefined) return { attachment: same, known: true };
  const attachment: Attachment = {
    id: newId(now.ms),
    version: 1,
    accountId,
    audience: 'internal',
    disputeId: null,
    itemId,
    messageId: null,
    name: cleanFileName(given.name),
    ...file,
    uploadedBy: actor.memberId,
    uploadedAt: now.at,
    day: now.today,
    state: 'posted',
  };
  await docs.insert(attachment);
  await tx.append(accountStream(accountId), [
    accountEvent(
      now,
      actor,
      'attachment.added',
      { attachments: [attachment] },
      { data: { attachmentId: attachment.id, itemId, disputeId: null, audience: 'internal' } },
    ),
  ]);
  return { attachment, known: false };
}
