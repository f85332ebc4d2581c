import type { Actor } from '#lib/domain/member/member.ts';
import type { Reaction } from '#lib/domain/thread/thread.ts';
import type { Id } from '#lib/domain/values.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import type { App } from '../../app.ts';
import { messages } from '../../store/kinds/disputes.ts';
import { accountEvent } from '../account-event.ts';
import { colleaguesOf } from '../colleagues.ts';
import { command, type CommandMeta } from '../command.ts';
import { notify } from '../notices.ts';
import { accessMessage, refuseGone } from './access-thread.ts';
import { readsThere } from './judge-mentions.ts';
import { messageAnswer, type MessageAnswer } from './message-answer.ts';
import { placeOf } from './post-in.ts';

/**
 * Puts one's own reaction to a message, or takes it back; the same twice changes nothing.
 *
 * @throws AppError not_found; forbidden for somebody who only reads the thread; message_gone
 */
export async function react(
  app: App,
  actor: Actor,
  input: { id: Id; reaction: Reaction; on: boolean },
  meta: CommandMeta,
): Promise<MessageAnswer> {
  const { reaction, on } = input;
  const colleagues = await colleaguesOf(app, actor.workspaceId);
  return command(app, actor, meta, { name: 'message.react', input }, async (tx, now) => {
    const { message, ...place } = await accessMessage(tx, actor, input.id, 'write');
    refuseGone(message);
    const before = message.reactions[reaction] ?? [];
    if (before.includes(actor.memberId) === on) return messageAnswer(message);
    const who = on ? [...before, actor.memberId] : before.filter((id) => id !== actor.memberId);
    const { [reaction]: _, ...others } = message.reactions;
    const reactions = who.length === 0 ? others : { ...others, [reaction]: who };
    const changed = await tx.docs(messages).replace({ ...message, reactions });
    await tx.append(accountStream(message.accountId, message.audience), [
      accountEvent(
        now,
        actor,
        'message.reacted',
        { messages: [changed] },
        { data: { ...placeOf(changed), reaction, on } },
      ),
    ]);
    if (on && readsThere(colleagues, message.authorId, place))
      await notify(tx, now, actor, [message.authorId], {
        kind: 'message.reacted',
        account: place.account,
        disputeId: message.disputeId,
        messageId: message.id,
        audience: message.audience,
        data: { reaction },
      });
    return messageAnswer(changed);
  });
}
