import type { Actor } from '#lib/domain/member/member.ts';
import type { Audience } from '#lib/domain/thread/audience.ts';
import { markId, threadId, type ThreadMark } from '#lib/domain/thread/thread.ts';
import type { Id } from '#lib/domain/values.ts';
import { memberStream } from '#lib/protocol/streams.ts';
import type { App } from '../../app.ts';
import { threadMarks, threads } from '../../store/kinds/disputes.ts';
import type { Tx } from '../../store/port.ts';
import { eventOf } from '../account-event.ts';
import { command, type CommandMeta, type Now } from '../command.ts';
import { readOfThread } from '../notifications/read-notifications.ts';
import { accessThread } from './access-thread.ts';
import { changeMark } from './marks.ts';

/** Where a member stands in a thread. */
export interface MarkAnswer {
  disputeId: Id;
  audience: Audience;
  following: boolean;
  readSeq: number;
}

/**
 * Follows a thread, or stops. Whoever follows is told of what is posted there, as long as they may read it.
 *
 * @throws AppError not_found
 */
export function followThread(
  app: App,
  actor: Actor,
  input: { id: Id; audience: Audience; following: boolean },
  meta: CommandMeta,
): Promise<MarkAnswer> {
  return command(app, actor, meta, { name: 'thread.follow', input }, async (tx, now) => {
    const { dispute, account, audience } = await accessThread(tx, actor, input.id, input.audience, 'read');
    const thread = { disputeId: dispute.id, accountId: account.id, audience };
    const { following } = input;
    return told(tx, now, actor, thread, await changeMark(tx, actor.memberId, thread, { following }));
  });
}

/**
 * Notes how far a member has read a thread, on all their screens; read marks only move on. Once all is read, what they
 * were told of the thread counts as read too.
 *
 * @throws AppError not_found
 */
export function readThread(
  app: App,
  actor: Actor,
  input: { id: Id; audience: Audience; seq: number },
  meta: CommandMeta,
): Promise<MarkAnswer> {
  return command(app, actor, meta, { name: 'thread.read', input }, async (tx, now) => {
    const { dispute, account, audience } = await accessThread(tx, actor, input.id, input.audience, 'read');
    const thread = { disputeId: dispute.id, accountId: account.id, audience };
    const lastSeq = (await tx.docs(threads).get(threadId(dispute.id, audience)))?.lastSeq ?? 0;
    const readSeq = Math.min(input.seq, lastSeq);
    if (readSeq === lastSeq) await readOfThread(tx, now, actor, dispute.id, audience);
    return told(tx, now, actor, thread, await changeMark(tx, actor.memberId, thread, { readSeq }));
  });
}

async function told(
  tx: Tx,
  now: Now,
  actor: Actor,
  thread: { disputeId: Id; accountId: Id; audience: Audience },
  changed: ThreadMark | null,
): Promise<MarkAnswer> {
  const mark = changed ?? (await tx.docs(threadMarks).get(markId(actor.memberId, thread)));
  const { disputeId, audience } = thread;
  const answer = { disputeId, audience, following: mark?.following ?? false, readSeq: mark?.readSeq ?? 0 };
  if (changed !== null) {
    const { following, readSeq } = answer;
    await tx.append(memberStream(actor.memberId), [
      eventOf(now, actor, 'notice.read', { ids: [], ...thread, following, readSeq }),
    ]);
  }
  return answer;
}
