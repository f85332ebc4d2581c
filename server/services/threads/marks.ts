import { markId, type ThreadMark } from '#lib/domain/thread/thread.ts';
import type { Id } from '#lib/domain/values.ts';
import { threadMarks } from '../../store/kinds/disputes.ts';
import type { Tx, TxDocs } from '../../store/port.ts';
import type { Audience } from '#lib/domain/thread/audience.ts';

/** A thread, as marks name it. */
export interface MarkedThread {
  disputeId: Id;
  accountId: Id;
  audience: Audience;
}

/** Changes a member's place in a thread, made when it is not there; answers it as stored, or null when it stands as it stood. */
export async function changeMark(
  tx: Tx,
  memberId: Id,
  thread: MarkedThread,
  change: { following?: boolean; readSeq?: number },
): Promise<ThreadMark | null> {
  const docs: TxDocs<ThreadMark> = tx.docs(threadMarks);
  const before = await docs.get(markId(memberId, thread));
  const { disputeId, accountId, audience } = thread;
  const mark: ThreadMark = before ?? {
    id: markId(memberId, thread),
    version: 1,
    memberId,
    disputeId,
    accountId,
    audience,
    following: false,
    readSeq: 0,
  };
  const following = change.following ?? mark.following;
  // Read marks only move on: two screens may tell of it in any order.
  const readSeq = Math.max(mark.readSeq, change.readSeq ?? 0);
  if (before === null) {
    const made = { ...mark, following, readSeq };
    await docs.insert(made);
    return made;
  }
  if (following === mark.following && readSeq === mark.readSeq) return null;
  return docs.replace({ ...mark, following, readSeq });
}

/** Makes members followers of a thread: those who posted there, were assigned or asked. */
export async function makeFollowers(tx: Tx, memberIds: Iterable<Id>, thread: MarkedThread): Promise<void> {
  for (const memberId of new Set(memberIds)) await changeMark(tx, memberId, thread, { following: true });
}

/** Members who follow a thread, whatever their rights have become. */
export async function followersOf(
  tx: Tx,
  { disputeId, audience }: Pick<MarkedThread, 'disputeId' | 'audience'>,
): Promise<Id[]> {
  const found: Id[] = [];
  for (let after: string | null = null; ;) {
    const page = await tx.docs(threadMarks).find({ disputeId, audience, following: true }, { limit: 500, after });
    found.push(...page.docs.map(({ memberId }) => memberId));
    if (page.next === null) return found;
    after = page.next;
  }
}
