import type { Actor } from '#lib/domain/member/member.ts';
import { LIVE_STATES, type Dispute } from '#lib/domain/dispute/dispute.ts';
import type { Id } from '#lib/domain/values.ts';
import { mayReadAudience } from '#lib/policies/audience.ts';
import { inScope } from '#lib/policies/in-scope.ts';
import { may } from '#lib/policies/may.ts';
import type { FollowedThread, InboxApproval, InboxTask, InboxView } from '#lib/protocol/views/inbox.ts';
import { storeOf, type App } from '../app.ts';
import { disputes, notifications, threadMarks, threads } from '../store/kinds/disputes.ts';
import { briefOf } from './notifications.ts';
import { taskList } from './task-list.ts';

const TASKS = 200;
const THREADS = 50;
const MARKS = 500;
const ASKED = 100;

/** What waits for the actor, and the threads that they follow: the screen /inbox but for its notifications. */
export async function inbox(app: App, actor: Actor): Promise<InboxView> {
  const workspace = await app.workspace(actor.workspaceId);
  const [tasks, approvals, followed] = await Promise.all([
    waitingTasks(app, actor),
    may(actor, 'dispute.approve') ? waitingApprovals(app, actor) : [],
    followedThreads(app, actor),
  ]);
  return { tasks, approvals, threads: followed, today: app.clock.today(workspace.timeZone) };
}

async function waitingTasks(app: App, actor: Actor): Promise<InboxTask[]> {
  const page = await taskList(app, actor, { whose: 'mine', state: 'open', limit: TASKS });
  const ids = [...new Set(page.tasks.map(({ task }) => task.disputeId).filter((id) => id !== null))];
  const found = ids.length === 0 ? [] : await storeOf(app, actor).docs(disputes).getMany(ids);
  const of = new Map(found.map((one) => [one.id, one]));
  return page.tasks.map((row) => {
    const dispute = row.task.disputeId === null ? undefined : of.get(row.task.disputeId);
    return { ...row, dispute: dispute === undefined || !may(actor, 'dispute.read') ? null : briefOf(dispute) };
  });
}

/** Resolutions that the actor was asked to agree to and that still wait; never one's own. */
async function waitingApprovals(app: App, actor: Actor): Promise<InboxApproval[]> {
  const store = storeOf(app, actor);
  const asked = await store
    .docs(notifications)
    .find({ memberId: actor.memberId, kind: 'dispute.approval_asked' }, { sort: ['-at'], limit: ASKED });
  const ids = [...new Set(asked.docs.map((one) => one.disputeId).filter((id) => id !== null))];
  const found = (await visible(app, actor, ids)).filter((one) => LIVE_STATES.some((state) => state === one.state));
  return found.flatMap((dispute) =>
    dispute.approval === null || dispute.approval.askedBy === actor.memberId
      ? []
      : [{ dispute: briefOf(dispute), approval: dispute.approval }],
  );
}

async function followedThreads(app: App, actor: Actor): Promise<FollowedThread[]> {
  const store = storeOf(app, actor);
  const marks = (
    await store.docs(threadMarks).find({ memberId: actor.memberId, following: true }, { limit: MARKS })
  ).docs.filter((mark) => mayReadAudience(actor, mark.audience));
  const found = await store.docs(threads).getMany(marks.map((mark) => `${mark.disputeId}:${mark.audience}`));
  const of = new Map(
    (await visible(app, actor, [...new Set(found.map((one) => one.disputeId))])).map((d) => [d.id, d]),
  );
  const readSeq = new Map(marks.map((mark) => [`${mark.disputeId}:${mark.audience}`, mark.readSeq]));
  const rows = found.flatMap((thread): FollowedThread[] => {
    const dispute = of.get(thread.disputeId);
    if (dispute === undefined) return [];
    const unread = Math.max(0, thread.lastSeq - (readSeq.get(thread.id) ?? 0));
    const { audience, lastSeq, lastAt, lastAuthorId } = thread;
    return [{ dispute: briefOf(dispute), audience, unread, lastSeq, lastAt, lastAuthorId }];
  });
  return rows
    .sort((a, b) => Number(b.unread > 0) - Number(a.unread > 0) || (a.lastAt < b.lastAt ? 1 : -1))
    .slice(0, THREADS);
}

/** Those of the disputes that the actor may see. */
async function visible(app: App, actor: Actor, ids: readonly Id[]): Promise<Dispute[]> {
  if (ids.length === 0 || !may(actor, 'dispute.read')) return [];
  const found = await storeOf(app, actor).docs(disputes).getMany(ids);
  return found.filter((one) => inScope(actor.rights, one.access));
}
