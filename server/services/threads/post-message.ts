import { hash } from 'node:crypto';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Body } from '#lib/domain/thread/thread.ts';
import type { Id } from '#lib/domain/values.ts';
import type { PostMessageInput } from '#lib/protocol/commands/thread.ts';
import { AppError } from '#lib/protocol/errors.ts';
import { threadDocument } from '#lib/protocol/streams.ts';
import { storeOf, type App } from '../../app.ts';
import { canonicalJson } from '../../store/chain.ts';
import { idempotency } from '../../store/kinds/workspace.ts';
import type { Tx, Value } from '../../store/port.ts';
import { colleaguesOf } from '../colleagues.ts';
import { command, type CommandMeta, type Now } from '../command.ts';
import { accessThread } from './access-thread.ts';
import { liveOf } from './live.ts';
import { messageAnswer, type MessageAnswer } from './message-answer.ts';
import { postMessageIn } from './post-in.ts';

/** How long posting waits for what its author typed last to arrive over the other line (ms). */
const DRAFT_WAIT_MS = 2_000;

type Draft = { body: Body; authors: Id[]; taken: string };

/**
 * Posts what is written in a draft, or a body that came with the command. A draft is read from the server's own live
 * document once that holds all that its author saw; it is taken out of the document after the message is stored, so that
 * whatever fails in between leaves it there. A draft that was posted is not posted again as it stands, whoever asks.
 *
 * @throws AppError not_found; forbidden; draft_behind; draft_empty; conflict (rule `draft_posted`, `messageId`) for a
 *   draft that somebody else has posted just now; validation_failed as in postMessageIn
 */
export async function postMessage(
  app: App,
  actor: Actor,
  input: PostMessageInput,
  meta: CommandMeta,
): Promise<MessageAnswer> {
  const { id, audience, draftId, replyTo, attachmentIds } = input;
  const store = storeOf(app, actor);
  await accessThread(store, actor, id, audience, 'write');
  const asked = { id, audience, draftId, replyTo, attachmentIds, body: input.body };
  const colleagues = await colleaguesOf(app, actor.workspaceId);
  const draft = draftId === null ? null : await readDraft(app, actor, input, meta);
  const said = await command(app, actor, meta, { name: 'message.post', input: asked }, async (tx, now) => {
    const { dispute, account } = await accessThread(tx, actor, id, audience, 'write');
    const given = { dispute, account, audience, replyTo, attachmentIds, colleagues };
    if (draftId === null) return messageAnswer(await postMessageIn(tx, now, actor, { ...given, body: input.body }));
    if (draft === null) throw new AppError('draft_empty');
    const posted = await postedBefore(tx, draftMark(id, audience, draftId));
    if (posted?.digest === digestOf(draft.body))
      throw new AppError('conflict', { rule: 'draft_posted', messageId: posted.messageId });
    const { body, authors } = draft;
    const message = await postMessageIn(tx, now, actor, { ...given, body, coAuthorIds: authors });
    await markPosted(tx, now, draftMark(id, audience, draftId), message.id, digestOf(body));
    return messageAnswer(message);
  }).catch(async (error: unknown) => {
    if (error instanceof AppError && error.details.rule === 'draft_posted') await removeDraft(app, actor, input, draft);
    throw error;
  });
  await removeDraft(app, actor, input, draft);
  return said;
}

/** The draft; null when the key's answer is known already, as the draft may be gone by then. */
async function readDraft(app: App, actor: Actor, input: PostMessageInput, meta: CommandMeta): Promise<Draft | null> {
  const { id, audience, draftId, stateVector } = input;
  if (draftId === null) return null;
  if (meta.idempotencyKey !== null) {
    const known = await storeOf(app, actor).docs(idempotency).get(`${actor.memberId}:${meta.idempotencyKey}`);
    if (known !== null) return null;
  }
  const live = liveOf(app);
  if (live === null) throw new AppError('draft_empty');
  const doc = threadDocument(id, audience);
  const draft = await live.takeDraft(actor.workspaceId, doc, draftId, stateVector, DRAFT_WAIT_MS);
  if (draft === 'behind') throw new AppError('draft_behind', { retryAfter: 1 });
  if (draft === 'empty') throw new AppError('draft_empty');
  return draft;
}

/** The message is stored: a draft that stays for want of the store is taken out by the next attempt, or by its writer. */
async function removeDraft(app: App, actor: Actor, input: PostMessageInput, draft: Draft | null): Promise<void> {
  const live = liveOf(app);
  if (input.draftId === null || live === null) return;
  try {
    const doc = threadDocument(input.id, input.audience);
    await live.removeDraft(actor.workspaceId, doc, input.draftId, draft?.taken ?? input.stateVector);
  } catch (error) {
    app.log.warn({ err: error, disputeId: input.id }, 'a posted draft could not be taken out of its document');
  }
}

const draftMark = (disputeId: Id, audience: string, draftId: Id): string => `draft:${disputeId}:${audience}:${draftId}`;
const digestOf = (body: Body): string => hash('sha256', canonicalJson(body as unknown as Value), 'hex');

/** What was posted from a draft lies with the idempotency keys: a digest of it, and the message's id. */
async function postedBefore(tx: Tx, mark: string): Promise<{ digest: string; messageId: Id } | null> {
  const known = await tx.docs(idempotency).get(mark);
  return known === null ? null : { digest: known.inputDigest, messageId: String(known.answer) };
}

async function markPosted(tx: Tx, now: Now, mark: string, messageId: Id, digest: string): Promise<void> {
  const docs = tx.docs(idempotency);
  const known = await docs.get(mark);
  const record = { operation: 'message.post', inputDigest: digest, answer: messageId, createdAt: now.at };
  if (known === null) await docs.insert({ id: mark, version: 1, ...record });
  else await docs.replace({ ...known, ...record });
}
