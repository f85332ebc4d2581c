import type { Actor } from '#lib/domain/member/member.ts';
import type { Message } from '#lib/domain/thread/thread.ts';
import type { Id } from '#lib/domain/values.ts';
import { AppError } from '#lib/protocol/errors.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import type { App } from '../../app.ts';
import { attachments, messages } from '../../store/kinds/disputes.ts';
import { accountEvent } from '../account-event.ts';
import { removeFiles } from '../attachments/remove-files.ts';
import { command, type CommandMeta } from '../command.ts';
import { accessMessage, refuseGone } from './access-thread.ts';
import { messageAnswer, type MessageAnswer } from './message-answer.ts';
import { placeOf } from './post-in.ts';

/** A message without its words and files; the marker keeps its place, its author and its number. */
export const emptied = (message: Message, state: 'deleted' | 'erased'): Message => ({
  ...message,
  body: null,
  text: '',
  mentions: [],
  reactions: {},
  state,
});

/**
 * Takes a message away: a marker stays in its place. Its author may, and a manager. What was posted stays in the
 * timeline's past (erasing is another command); its files are gone.
 *
 * @throws AppError not_found; forbidden; message_gone
 */
export async function deleteMessage(
  app: App,
  actor: Actor,
  input: { id: Id },
  meta: CommandMeta,
): Promise<MessageAnswer> {
  const files: Id[] = [];
  const said = await command(app, actor, meta, { name: 'message.delete', input }, async (tx, now) => {
    files.length = 0;
    const { message } = await accessMessage(tx, actor, input.id, 'write');
    if (message.authorId !== actor.memberId && actor.role !== 'manager')
      throw new AppError('forbidden', { action: 'message.delete' });
    refuseGone(message);
    const deleted = await tx.docs(messages).replace(emptied(message, 'deleted'));
    const carried = (await tx.docs(attachments).getMany(message.attachmentIds)).filter(
      ({ state }) => state === 'posted',
    );
    const gone = await tx.docs(attachments).replaceMany(carried.map((one) => ({ ...one, name: '', state: 'deleted' })));
    files.push(...gone.map(({ fileId }) => fileId));
    const changed = { messages: [deleted], ...(gone.length > 0 && { attachments: gone }) };
    await tx.append(accountStream(message.accountId, message.audience), [
      accountEvent(now, actor, 'message.deleted', changed, { data: placeOf(deleted) }),
    ]);
    return messageAnswer(deleted);
  });
  await removeFiles(app, actor.workspaceId, files);
  return said;
}
