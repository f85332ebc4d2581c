import type { Account } from '#lib/domain/account/account.ts';
import type { Dispute } from '#lib/domain/dispute/dispute.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Audience } from '#lib/domain/thread/audience.ts';
import { markId, threadId } from '#lib/domain/thread/thread.ts';
import { mayWriteAudience, readableAudiences } from '#lib/policies/audience.ts';
import { noteText } from '#lib/protocol/editor-schema.ts';
import { accountStream, threadDocument } from '#lib/protocol/streams.ts';
import type { ThreadView } from '#lib/protocol/views/dispute.ts';
import { storeOf, type App } from '../app.ts';
import { threadMarks, threads } from '../store/kinds/disputes.ts';
import { documentHeads } from '../store/kinds/workspace.ts';
import { readMessages } from './message-list.ts';

/** Messages of each thread that a screen begins with. */
const FIRST = 50;
const FIRST_EPOCH = 1;

/**
 * A dispute's threads as its screen first shows them, the default one first: only those that the actor may read, so that
 * nothing tells of the others. For a caller who has reached the dispute by accessDispute.
 */
export function threadViews(app: App, actor: Actor, dispute: Dispute, account: Account): Promise<ThreadView[]> {
  return Promise.all(readableAudiences(actor).map((audience) => threadView(app, actor, dispute, account, audience)));
}

async function threadView(
  app: App,
  actor: Actor,
  dispute: Dispute,
  account: Pick<Account, 'id'>,
  audience: Audience,
): Promise<ThreadView> {
  const store = storeOf(app, actor);
  const stream = accountStream(account.id, audience);
  const document = threadDocument(dispute.id, audience);
  // The sequence first: what lands while the rest is read comes again through `watch` and changes nothing.
  const { seq } = await store.journal.head(stream);
  const thread = await store.docs(threads).get(threadId(dispute.id, audience));
  const mark = await store.docs(threadMarks).get(markId(actor.memberId, { disputeId: dispute.id, audience }));
  const head = await store.docs(documentHeads).get(document);
  // A document without a head was never written: nothing is to be read in it.
  const live = head === null ? null : await app.live.read(actor.workspaceId, document);
  return {
    audience,
    writable: mayWriteAudience(actor, audience),
    lastSeq: thread?.lastSeq ?? 0,
    messages: await readMessages(store, dispute.id, audience, { limit: FIRST }),
    following: mark?.following ?? false,
    readSeq: mark?.readSeq ?? 0,
    stream,
    seq,
    document,
    epoch: live?.epoch ?? head?.epoch ?? FIRST_EPOCH,
    note: live === null ? '' : noteText(live.note),
  };
}
