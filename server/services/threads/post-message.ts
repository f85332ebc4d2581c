import type { Actor } from '#lib/domain/member/member.ts';
import type { PostMessageInput } from '#lib/protocol/commands/thread.ts';
import { AppError } from '#lib/protocol/errors.ts';
import { storeOf, type App } from '../../app.ts';
import { colleaguesOf } from '../colleagues.ts';
import { command, type CommandMeta } from '../command.ts';
import { accessThread } from './access-thread.ts';
import { markPosted, postedOf, takeDraft, tidyDraft, type DraftPlace } from './drafts.ts';
import { messageAnswer, type MessageAnswer } from './message-answer.ts';
import { postMessageIn } from './post-in.ts';

/** How often a draft is read again when a colleague has posted it meanwhile. */
const MAX_READS = 3;

/**
 * Posts what is written in a draft, or a body that came with the command. A draft is read from the server's own live
 * document once that holds all that its author saw, and what was posted is taken out of it after the message is stored: whatever
 * fails in between leaves it there, and what was posted once is not posted again, whoever asks.
 *
 * @throws AppError not_found; forbidden; draft_behind; draft_empty; conflict (rule `draft_posted`, `messageId`) when all
 *   of it is posted already; validation_failed as in postMessageIn
 */
export async function postMessage(
  app: App,
  actor: Actor,
  input: PostMessageInput,
  meta: CommandMeta,
): Promise<MessageAnswer> {
  const { id, audience, draftId } = input;
  await accessThread(storeOf(app, actor), actor, id, audience, 'write');
  if (draftId === null) return postBody(app, actor, input, meta);
  const place = { workspaceId: actor.workspaceId, disputeId: id, audience, draftId };
  for (let read = 1; ; read += 1) {
    const said = await postDraft(app, actor, input, meta, place);
    if (said !== 'changed') return said;
    if (read === MAX_READS) throw new AppError('draft_behind', { retryAfter: 1 });
  }
}

const nameOf = ({ id, audience, draftId, replyTo, attachmentIds, body }: PostMessageInput) => ({
  name: 'message.post',
  input: { id, audience, draftId, replyTo, attachmentIds, body },
});

async function postBody(app: App, actor: Actor, input: PostMessageInput, meta: CommandMeta): Promise<MessageAnswer> {
  const { id, audience, replyTo, attachmentIds, body } = input;
  const colleagues = await colleaguesOf(app, actor.workspaceId);
  return command(app, actor, meta, nameOf(input), async (tx, now) => {
    const { dispute, account } = await accessThread(tx, actor, id, audience, 'write');
    const given = { dispute, account, audience, replyTo, attachmentIds, body, colleagues };
    return messageAnswer(await postMessageIn(tx, now, actor, given));
  });
}

/** `changed`: somebody posted from the draft since it was read. */
async function postDraft(
  app: App,
  actor: Actor,
  input: PostMessageInput,
  meta: CommandMeta,
  place: DraftPlace,
): Promise<MessageAnswer | 'changed'> {
  const { id, audience, replyTo, attachmentIds } = input;
  const colleagues = await colleaguesOf(app, actor.workspaceId);
  const draft = await takeDraft(app, place, input.stateVector);
  let lost = false;
  const said = await command(app, actor, meta, nameOf(input), async (tx, now) => {
    lost = false;
    const { dispute, account } = await accessThread(tx, actor, id, audience, 'write');
    if (draft.body === null) throw draft.refusal;
    if ((await postedOf(tx, place))?.version !== draft.posted?.version) {
      lost = true;
      throw new AppError('draft_behind', { retryAfter: 1 });
    }
    const given = { dispute, account, audience, replyTo, attachmentIds, colleagues };
    const { body, authors: coAuthorIds, taken } = draft;
    const message = await postMessageIn(tx, now, actor, { ...given, body, coAuthorIds });
    await markPosted(tx, now, place, { messageId: message.id, taken });
    return messageAnswer(message);
  }).catch((error: unknown) => {
    if (lost) return 'changed' as const;
    throw error;
  });
  if (said !== 'changed') await tidyDraft(app, place);
  return said;
}
