import type { Actor } from '#lib/domain/member/member.ts';
import type { Attachment } from '#lib/domain/attachment/attachment.ts';
import { isOutward, type Audience } from '#lib/domain/thread/audience.ts';
import type { Body, Message } from '#lib/domain/thread/thread.ts';
import type { Id } from '#lib/domain/values.ts';
import type { CopyMessageInput } from '#lib/protocol/commands/thread.ts';
import { mentionText } from '#lib/protocol/editor-schema.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import type { App } from '../../app.ts';
import { newId } from '../../store/id.ts';
import { attachments } from '../../store/kinds/disputes.ts';
import type { Tx } from '../../store/port.ts';
import { accountEvent } from '../account-event.ts';
import { colleaguesOf, refuseField } from '../colleagues.ts';
import { command, type CommandMeta, type Now } from '../command.ts';
import { accessMessage, accessThread, refuseGone } from './access-thread.ts';
import { checkBody, mapBody, mentionOf } from './check-body.ts';
import { messageAnswer, type MessageAnswer } from './message-answer.ts';
import { postMessageIn } from './post-in.ts';

/** Whether what was written for one audience may be copied for the other: only for more readers, never for fewer. */
export const leadsOutward = (from: Audience, to: Audience): boolean =>
  from !== to && (isOutward(to) || (from === 'credit' && to === 'internal'));

/**
 * Copies a message for a wider audience: `body` and the files named are exactly what leaves, and it becomes a message of
 * its own there, by whoever copies. Mentions of members become their names. Where it came from is said only in the log of the team (in
 * the credit team's, when it came from there): nothing in the copy tells of the original.
 *
 * @throws AppError not_found; forbidden; message_gone; validation_failed at `audience` (`not_wider`) or
 *   `attachmentIds` (`unknown`), and as in postMessageIn
 */
export async function copyMessage(
  app: App,
  actor: Actor,
  input: CopyMessageInput,
  meta: CommandMeta,
): Promise<MessageAnswer> {
  const colleagues = await colleaguesOf(app, actor.workspaceId);
  return command(app, actor, meta, { name: 'message.copy', input }, async (tx, now) => {
    const { message } = await accessMessage(tx, actor, input.id, 'read');
    const { dispute, account, audience } = await accessThread(tx, actor, message.disputeId, input.audience, 'write');
    refuseGone(message);
    if (!leadsOutward(message.audience, audience)) refuseField('audience', 'not_wider');
    const attachmentIds = await copyFiles(tx, now, actor, message, audience, input.attachmentIds);
    const { body } = checkBody(input.body);
    const copy = await postMessageIn(tx, now, actor, {
      dispute,
      account,
      audience,
      body: namesOnly(body),
      attachmentIds,
      colleagues,
    });
    const log = message.audience === 'credit' ? 'credit' : 'internal';
    await tx.append(accountStream(account.id, log), [
      accountEvent(
        now,
        actor,
        'message.copied',
        {},
        {
          data: {
            disputeId: dispute.id,
            messageId: message.id,
            from: message.audience,
            audience,
            copyId: copy.id,
            copySeq: copy.seq,
          },
        },
      ),
    ]);
    return messageAnswer(copy);
  });
}

/** In a copy a member is a name, as whoever copies wrote it: nobody is told by being named. */
const namesOnly = (body: Body): Body =>
  mapBody(body, (node) =>
    mentionOf(node)?.kind === 'member'
      ? { type: 'text', text: mentionText(node.attrs), ...(node.marks !== undefined && { marks: node.marks }) }
      : node,
  );

/** Records of their own for the files that leave with it; the bytes are kept once. */
async function copyFiles(
  tx: Tx,
  now: Now,
  actor: Actor,
  message: Message,
  audience: Audience,
  ids: readonly Id[],
): Promise<Id[]> {
  const wanted = [...new Set(ids)];
  if (wanted.some((id) => !message.attachmentIds.includes(id))) refuseField('attachmentIds', 'unknown');
  const found = await tx.docs(attachments).getMany(wanted);
  if (found.length !== wanted.length || found.some(({ state }) => state !== 'posted'))
    refuseField('attachmentIds', 'unknown');
  const copies = found.map((one): Attachment => ({
    ...one,
    id: newId(now.ms),
    version: 1,
    audience,
    messageId: null,
    uploadedBy: actor.memberId,
    uploadedAt: now.at,
    day: now.today,
    state: 'draft',
  }));
  if (copies.length > 0) await tx.docs(attachments).insertMany(copies);
  return copies.map(({ id }) => id);
}
