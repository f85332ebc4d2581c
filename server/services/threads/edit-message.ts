import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import { noteText } from '#lib/protocol/editor-schema.ts';
import { AppError } from '#lib/protocol/errors.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import type { App } from '../../app.ts';
import { messages } from '../../store/kinds/disputes.ts';
import { accountEvent } from '../account-event.ts';
import { colleaguesOf, refuseField } from '../colleagues.ts';
import { command, expectVersion, type CommandMeta } from '../command.ts';
import { notifyAndStandIns, type Notice } from '../notices.ts';
import { accessMessage, refuseGone } from './access-thread.ts';
import { checkBody, isEmptyText } from './check-body.ts';
import { judgeMentions, readsThere } from './judge-mentions.ts';
import { messageAnswer, type MessageAnswer } from './message-answer.ts';
import { placeOf } from './post-in.ts';

/**
 * Changes the words of a message; its author alone may. The words before stay in the timeline, for whoever may read the
 * thread. Whom it mentions newly is told.
 *
 * @throws AppError not_found; forbidden for another's message; message_gone; version_conflict; validation_failed as in
 *   postMessageIn
 */
export async function editMessage(
  app: App,
  actor: Actor,
  input: { id: Id; body: unknown },
  meta: CommandMeta,
): Promise<MessageAnswer> {
  const colleagues = await colleaguesOf(app, actor.workspaceId);
  return command(app, actor, meta, { name: 'message.edit', input }, async (tx, now) => {
    const { message, ...place } = await accessMessage(tx, actor, input.id, 'write');
    if (message.authorId !== actor.memberId) throw new AppError('forbidden', { action: 'message.edit' });
    refuseGone(message);
    expectVersion(meta, message);
    const checked = checkBody(input.body);
    if (isEmptyText(checked.text) && message.attachmentIds.length === 0) refuseField('body', 'empty');
    const body = await judgeMentions(tx, actor, place, colleagues, checked, message);
    const edited = await tx.docs(messages).replace({
      ...message,
      body,
      text: noteText(body),
      mentions: checked.mentions,
      editedAt: now.at,
      editedBy: actor.memberId,
    });
    await tx.append(accountStream(message.accountId, message.audience), [
      accountEvent(now, actor, 'message.edited', { messages: [edited] }, { data: placeOf(edited) }),
    ]);
    const fresh = edited.mentions.filter(
      (one) => !message.mentions.some((was) => was.kind === one.kind && was.id === one.id),
    );
    const reads = (id: Id): boolean => readsThere(colleagues, id, place);
    const told = fresh.flatMap(({ kind, id }) => (kind === 'member' && reads(id) ? [id] : []));
    const notice: Notice = {
      kind: 'message.mentioned',
      account: place.account,
      disputeId: message.disputeId,
      messageId: message.id,
      audience: message.audience,
    };
    await notifyAndStandIns(tx, now, actor, told, notice, { colleagues, reads });
    return messageAnswer(edited);
  });
}
