import type { Account } from '#lib/domain/account/account.ts';
import type { Attachment } from '#lib/domain/attachment/attachment.ts';
import type { Dispute } from '#lib/domain/dispute/dispute.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Audience } from '#lib/domain/thread/audience.ts';
import { threadId, type Message, type Thread } from '#lib/domain/thread/thread.ts';
import type { Id, Instant } from '#lib/domain/values.ts';
import { noteText } from '#lib/protocol/editor-schema.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import { newId } from '../../store/id.ts';
import { attachments, messages, threads } from '../../store/kinds/disputes.ts';
import type { Tx, WorkspaceStore } from '../../store/port.ts';
import { accountEvent } from '../account-event.ts';
import { refuseField, type Colleagues } from '../colleagues.ts';
import type { Now } from '../command.ts';
import { notify, notifyAndStandIns } from '../notices.ts';
import { checkBody, isEmptyText } from './check-body.ts';
import { judgeMentions, readsThere } from './judge-mentions.ts';
import { changeMark, followersOf } from './marks.ts';

export { bodyOfText } from './check-body.ts';

/** A message to be posted. Whether the actor may write there is for the caller to have judged. */
export interface NewMessage {
  dispute: Dispute;
  account: Account;
  audience: Audience;
  /** prosemirror JSON, as it came: it is checked here. */
  body: unknown;
  /** Who else wrote parts of the draft. */
  coAuthorIds?: readonly Id[];
  replyTo?: Id | null;
  /** Drafts of this thread, uploaded by the author or a co-author. */
  attachmentIds?: readonly Id[];
  /** Read before the transaction began. */
  colleagues: Colleagues;
}

/**
 * Posts a message within a caller's transaction: checks the body, gives it the next number of its thread without gap, takes
 * its files along, says `message.posted` in the account's stream of that audience, tells whom it mentions and who follows
 * the thread (of those who may read it now). The author follows it from now on. Mentions change no owner.
 *
 * @throws AppError validation_failed at `body`, `body.mentions.<id>`, `replyTo` or `attachmentIds`
 */
export async function postMessageIn(tx: Tx, now: Now, actor: Actor, given: NewMessage): Promise<Message> {
  const { dispute, account, audience, colleagues, replyTo = null } = given;
  const checked = checkBody(given.body);
  const attachmentIds = [...new Set(given.attachmentIds ?? [])];
  if (isEmptyText(checked.text) && attachmentIds.length === 0) refuseField('body', 'empty');
  const body = await judgeMentions(tx, actor, { dispute, account, audience }, colleagues, checked);
  if (replyTo !== null) await checkReply(tx, dispute.id, audience, replyTo);
  const coAuthorIds = [...new Set(given.coAuthorIds ?? [])].filter((id) => id !== actor.memberId);
  const thread = await nextInThread(tx, now, actor, { dispute, audience });
  const message: Message = {
    id: newId(now.ms),
    version: 1,
    disputeId: dispute.id,
    accountId: account.id,
    audience,
    seq: thread.lastSeq,
    authorId: actor.memberId,
    coAuthorIds,
    postedAt: now.at,
    day: now.today,
    body,
    text: noteText(body),
    mentions: checked.mentions,
    attachmentIds,
    replyTo,
    reactions: {},
    editedAt: null,
    editedBy: null,
    state: 'posted',
  };
  await tx.docs(messages).insert(message);
  const taken = await takeAttachments(tx, message, [actor.memberId, ...coAuthorIds]);
  await tx.append(accountStream(account.id, audience), [
    accountEvent(
      now,
      actor,
      'message.posted',
      { messages: [message], ...(taken.length > 0 && { attachments: taken }) },
      { data: placeOf(message) },
    ),
  ]);
  await tell(tx, now, actor, message, given);
  return message;
}

/** What every `message.*` event carries in `data` beside its records. */
export const placeOf = ({ id, disputeId, audience, seq }: Message): { [key: string]: string | number } => ({
  disputeId,
  messageId: id,
  audience,
  seq,
});

async function checkReply(tx: Tx, disputeId: Id, audience: Audience, replyTo: Id): Promise<void> {
  const other = await tx.docs(messages).get(replyTo);
  if (other === null || other.disputeId !== disputeId || other.audience !== audience) refuseField('replyTo', 'unknown');
}

async function nextInThread(
  tx: Tx,
  now: Now,
  actor: Actor,
  { dispute, audience }: { dispute: Dispute; audience: Audience },
): Promise<Thread> {
  const docs = tx.docs(threads);
  const known = await docs.get(threadId(dispute.id, audience));
  const last = { lastAt: now.at, lastAuthorId: actor.memberId };
  if (known !== null) return docs.replace({ ...known, ...last, lastSeq: known.lastSeq + 1 });
  const { id: disputeId, accountId } = dispute;
  const thread = { id: threadId(disputeId, audience), version: 1, disputeId, accountId, audience, lastSeq: 1, ...last };
  await docs.insert(thread);
  return thread;
}

/** Files uploaded for this message become its own; somebody else's, or another thread's, do not. */
async function takeAttachments(tx: Tx, message: Message, authors: readonly Id[]): Promise<Attachment[]> {
  if (message.attachmentIds.length === 0) return [];
  const found = await tx.docs(attachments).getMany(message.attachmentIds);
  const fits = (one: Attachment): boolean =>
    one.state === 'draft' &&
    one.disputeId === message.disputeId &&
    one.audience === message.audience &&
    authors.includes(one.uploadedBy);
  if (found.length !== message.attachmentIds.length || !found.every(fits)) refuseField('attachmentIds', 'unknown');
  return tx.docs(attachments).replaceMany(found.map((one) => ({ ...one, state: 'posted', messageId: message.id })));
}

async function tell(tx: Tx, now: Now, actor: Actor, message: Message, given: NewMessage): Promise<void> {
  const { account, colleagues } = given;
  const thread = { disputeId: message.disputeId, accountId: account.id, audience: message.audience };
  const notice = { account, disputeId: message.disputeId, messageId: message.id, audience: message.audience };
  const followers = await followersOf(tx, thread);
  if (colleagues.actor(actor.memberId) !== null)
    await changeMark(tx, actor.memberId, thread, { following: true, readSeq: message.seq });
  const reads = (id: Id): boolean => readsThere(colleagues, id, given);
  const mentioned = message.mentions.flatMap(({ kind, id }) => (kind === 'member' && reads(id) ? [id] : []));
  await notifyAndStandIns(tx, now, actor, mentioned, { kind: 'message.mentioned', ...notice }, { colleagues, reads });
  const others = followers.filter((id) => !mentioned.includes(id) && reads(id));
  await notify(tx, now, actor, others, { kind: 'message.posted', ...notice });
}

/**
 * Whether the customer was written to since an instant: a message in the customer's thread that still stands.
 *
 * @param since as in `openedAt`, or the instant of the last reopening
 */
export async function hasAnswered(reader: Tx | WorkspaceStore, disputeId: Id, since: Instant): Promise<boolean> {
  const page = await reader.docs(messages).find({ disputeId, audience: 'customer' }, { sort: ['-seq'], limit: 200 });
  return page.docs.some(({ state, postedAt }) => state === 'posted' && postedAt >= since);
}
