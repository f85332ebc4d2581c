import type { Actor } from '#lib/domain/member/member.ts';
import type { Audience } from '#lib/domain/thread/audience.ts';
import { threadId, type Message } from '#lib/domain/thread/thread.ts';
import type { Id } from '#lib/domain/values.ts';
import type { MessageListInput } from '#lib/protocol/commands/thread.ts';
import type { MessageList } from '#lib/protocol/views/dispute.ts';
import { storeOf, type App } from '../app.ts';
import { accessThread } from '../services/threads/access-thread.ts';
import { messages, threads } from '../store/kinds/disputes.ts';
import type { WorkspaceStore } from '../store/port.ts';

/**
 * Messages of a thread, ascending by `seq`: those after `after`, those before `before`, or the newest. Deleted and erased
 * ones are there, without their words.
 *
 * @throws AppError not_found for a dispute or an audience that is not for the actor
 */
export async function messageList(app: App, actor: Actor, input: MessageListInput): Promise<MessageList> {
  const store = storeOf(app, actor);
  const { dispute, audience } = await accessThread(store, actor, input.id, input.audience, 'read');
  const thread = await store.docs(threads).get(threadId(dispute.id, audience));
  const found = await readMessages(store, dispute.id, audience, input);
  return { audience, messages: found, lastSeq: thread?.lastSeq ?? 0 };
}

/** The same for a caller who has shown that the actor may read the thread. */
export async function readMessages(
  store: WorkspaceStore,
  disputeId: Id,
  audience: Audience,
  { after, before, limit }: Pick<MessageListInput, 'after' | 'before' | 'limit'>,
): Promise<Message[]> {
  const of = { disputeId, audience };
  const docs = store.docs(messages);
  if (after !== undefined) return (await docs.find({ ...of, seq: { $gt: after } }, { sort: ['seq'], limit })).docs;
  const within = before === undefined ? of : { ...of, seq: { $lt: before } };
  return (await docs.find(within, { sort: ['-seq'], limit })).docs.toReversed();
}
