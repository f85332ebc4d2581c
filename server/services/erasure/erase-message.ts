import type { Actor } from '#lib/domain/member/member.ts';
import type { Audience } from '#lib/domain/thread/audience.ts';
import type { Message } from '#lib/domain/thread/thread.ts';
import type { Id } from '#lib/domain/values.ts';
import { accountStream, threadDocument } from '#lib/protocol/streams.ts';
import { storeOf, type App } from '../../app.ts';
import { newId } from '../../store/id.ts';
import { attachments, erasures, messages } from '../../store/kinds/disputes.ts';
import type { StoredEvent, Tx, WorkspaceStore } from '../../store/port.ts';
import { accountEvent } from '../account-event.ts';
import { authorize } from '../authorize.ts';
import { command, type CommandMeta, type Now } from '../command.ts';
import { accessMessage } from '../threads/access-thread.ts';
import { emptied } from '../threads/delete-message.ts';
import { messageAnswer, type MessageAnswer } from '../threads/message-answer.ts';
import { placeOf } from '../threads/post-in.ts';
import { finishErasure } from './finish-erasure.ts';

/**
 * Forgets the words of a message for good, and of what was copied from it: records, the parts of events that can be erased, files,
 * what its thread's document remembers. A marker stays; the chains still verify; that it was done, by whom and when, is logged. It
 * answers once all of it is gone; done again it finishes what was interrupted.
 *
 * @throws AppError forbidden; not_found for a thread that the actor may not read
 */
export async function eraseMessage(
  app: App,
  actor: Actor,
  input: { id: Id },
  meta: CommandMeta,
): Promise<MessageAnswer> {
  authorize(actor, 'text.erase');
  const store = storeOf(app, actor);
  const first = await accessMessage(store, actor, input.id, 'read');
  const copies = await copiesOf(store, first.account.id, input.id);
  const said = await command(app, actor, meta, { name: 'message.erase', input }, async (tx, now) => {
    const { message } = await accessMessage(tx, actor, input.id, 'read');
    const all = [message, ...(await tx.docs(messages).getMany(copies))].filter(({ state }) => state !== 'erased');
    if (all.length > 0) await eraseIn(tx, now, actor, message, all);
    return messageAnswer((await tx.docs(messages).get(input.id)) ?? message);
  });
  const waiting = await store
    .docs(erasures)
    .find({ accountId: first.account.id }, { sort: ['startedAt'], limit: 1_000 });
  for (const { id, state, messageIds } of waiting.docs)
    if (state === 'running' && messageIds.includes(input.id)) await finishErasure(app, actor.workspaceId, id);
  return said;
}

async function eraseIn(tx: Tx, now: Now, actor: Actor, source: Message, all: readonly Message[]): Promise<void> {
  const untilSeq = new Map<string, number>();
  const fileIds: Id[] = [];
  for (const message of all) {
    const erased = await tx.docs(messages).replace(emptied(message, 'erased'));
    const carried = await tx.docs(attachments).getMany(message.attachmentIds);
    fileIds.push(...carried.map(({ fileId }) => fileId));
    const standing = carried.filter(({ state }) => state !== 'deleted');
    const gone = await tx
      .docs(attachments)
      .replaceMany(standing.map((one) => ({ ...one, name: '', state: 'deleted' })));
    const stream = accountStream(message.accountId, message.audience);
    const changed = { messages: [erased], ...(gone.length > 0 && { attachments: gone }) };
    const [said] = await tx.append(stream, [
      accountEvent(now, actor, 'message.erased', changed, { data: placeOf(erased) }),
    ]);
    untilSeq.set(stream, (said as StoredEvent).seq - 1);
  }
  const log: Audience = source.audience === 'credit' ? 'credit' : 'internal';
  const what = { kind: 'message', disputeId: source.disputeId, messageId: source.id, audience: source.audience };
  await tx.append(accountStream(source.accountId, log), [accountEvent(now, actor, 'text.erased', {}, { data: what })]);
  await tx.docs(erasures).insert({
    id: newId(now.ms),
    version: 1,
    state: 'running',
    startedAt: now.at,
    accountId: source.accountId,
    streams: [...untilSeq].map(([name, seq]) => ({ name, untilSeq: seq })),
    messageIds: all.map(({ id }) => id),
    contactId: null,
    fileIds: [...new Set(fileIds)],
    documents: [...new Set(all.map(({ disputeId, audience }) => threadDocument(disputeId, audience)))],
  });
}

/** Messages that were copied from this one, and from those: the log of the team says so. */
async function copiesOf(store: WorkspaceStore, accountId: Id, messageId: Id): Promise<Id[]> {
  const streams = [accountStream(accountId, 'internal'), accountStream(accountId, 'credit')];
  const copied = new Map<Id, Id[]>();
  for (let before: { at: string; id: Id } | null = null; ;) {
    const page: StoredEvent[] = await store.journal.page(streams, { names: ['message.copied'], before, limit: 500 });
    for (const { data } of page) {
      const from = String(data.messageId);
      copied.set(from, [...(copied.get(from) ?? []), String(data.copyId)]);
    }
    const last = page.at(-1);
    if (last === undefined || page.length < 500) break;
    before = { at: last.at, id: last.id };
  }
  const found = new Set<Id>();
  const follow = (id: Id): void => {
    for (const copy of copied.get(id) ?? []) {
      if (found.has(copy)) continue;
      found.add(copy);
      follow(copy);
    }
  };
  follow(messageId);
  return [...found];
}
