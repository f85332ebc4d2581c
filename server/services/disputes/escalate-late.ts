import { LIVE_STATES, type Dispute } from '#lib/domain/dispute/dispute.ts';
import { escalateDispute, resumeDispute } from '#lib/domain/dispute/rules.ts';
import { escalateTask } from '#lib/domain/task/task-rules.ts';
import type { Account } from '#lib/domain/account/account.ts';
import type { Case } from '#lib/domain/case/case.ts';
import type { Task } from '#lib/domain/task/task.ts';
import type { Id } from '#lib/domain/values.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import type { App } from '../../app.ts';
import { disputes } from '../../store/kinds/disputes.ts';
import { accounts, cases, tasks } from '../../store/kinds/workspace.ts';
import type { Docs, Filter, Tx, Versioned } from '../../store/port.ts';
import { accountEvent } from '../account-event.ts';
import { colleaguesOf, mayOn, type Colleagues } from '../colleagues.ts';
import { command, NO_META, nowIn } from '../command.ts';
import { notifyAndStandIns, type Notice } from '../notices.ts';
import { settleAccount } from '../settle-account.ts';
import { SYSTEM, systemActor } from '../system.ts';
import { withTask } from '../tasks/add-task.ts';
import { taskFacts } from '../tasks/task-answer.ts';
import { actOf } from './act.ts';
import { tellDispute } from './dispute-people.ts';
import { openTasksOf, redateQuestions } from './dispute-tasks.ts';
import { storeDispute } from './store-dispute.ts';

const PAGE = 200;

/**
 * At the day's start: takes up again the disputes whose day to ask the customer again has come (rule DIS-4), and tells
 * managers, once, of disputes whose step is late and of tasks of a department or a dispute that nobody did in time (rules
 * DIS-11, TSK-10). One transaction each; running it again tells nobody twice.
 *
 * @param onPage called after each page, to keep a lease
 * @returns how many were taken up or told of
 */
export async function escalateLate(
  app: App,
  workspaceId: Id,
  stopping: () => boolean = () => false,
  onPage: () => Promise<unknown> = () => Promise.resolve(),
): Promise<number> {
  const { today } = await nowIn(app, workspaceId);
  const store = app.store.workspace(workspaceId);
  const colleagues = await colleaguesOf(app, workspaceId);
  let told = 0;
  const each = async <T extends Versioned>(
    docs: Docs<T>,
    filter: Filter,
    work: (one: T) => Promise<boolean>,
  ): Promise<void> => {
    let after: string | null = null;
    do {
      const page: { docs: T[]; next: string | null } = await docs.find(filter, {
        sort: ['dueDay'],
        limit: PAGE,
        after,
      });
      for (const one of page.docs) {
        if (stopping()) return;
        if (await work(one)) told += 1;
      }
      after = page.next;
      await onPage();
    } while (after !== null);
  };
  await each(store.docs(disputes), { state: 'waiting_customer' }, (one) => takeUp(app, workspaceId, colleagues, one));
  const late = { state: { $in: [...LIVE_STATES] }, dueDay: { $lt: today } };
  await each(store.docs(disputes), late, (one) => escalate(app, workspaceId, colleagues, one));
  await each(store.docs(tasks), { state: 'open', dueDay: { $lt: today } }, (one) =>
    escalateLateTask(app, workspaceId, colleagues, one),
  );
  return told;
}

function managersOf(colleagues: Colleagues, access: readonly string[]): Id[] {
  return colleagues
    .all()
    .filter((id) => colleagues.actor(id)?.role === 'manager' && mayOn(colleagues.actor(id), 'dispute.read', access));
}

async function escalate(app: App, workspaceId: Id, colleagues: Colleagues, seen: Dispute): Promise<boolean> {
  if (seen.escalatedOn !== null) return false;
  const asked = { name: 'dispute.escalate', input: { id: seen.id } };
  return command(app, systemActor(workspaceId), NO_META, asked, async (tx, now) => {
    const dispute = await tx.docs(disputes).get(seen.id);
    const alarmed = dispute === null ? null : escalateDispute(dispute, now.today);
    if (alarmed === null) return false;
    const found = await foundOf(tx, alarmed.accountId);
    const stored = await storeDispute(tx, now, SYSTEM, found, alarmed, {
      name: 'dispute.escalated',
      data: { dueDay: alarmed.dueDay },
    });
    const to = [...managersOf(colleagues, stored.account.access), alarmed.memberId, stored.account.ownerId];
    const data = { dueDay: alarmed.dueDay, number: alarmed.number };
    await tellDispute(tx, now, SYSTEM, { kind: 'dispute.late', ...stored, to, colleagues }, data);
    return true;
  });
}

/** Lets the clock run again on the day that was set, and tells its person or department and the account's owner. */
async function takeUp(app: App, workspaceId: Id, colleagues: Colleagues, seen: Dispute): Promise<boolean> {
  const named = { name: 'dispute.take_up', input: { id: seen.id } };
  return command(app, systemActor(workspaceId), NO_META, named, async (tx, now) => {
    const dispute = await tx.docs(disputes).get(seen.id);
    const until = dispute?.waitingUntil ?? null;
    if (dispute === null || until === null || until > now.today) return false;
    const resumed = resumeDispute(dispute, actOf(now, SYSTEM));
    if (!resumed.ok) return false;
    const asked = await openTasksOf(tx, dispute.id, ['answer_dispute']);
    const stored = await storeDispute(tx, now, SYSTEM, await foundOf(tx, dispute.accountId), resumed.dispute, {
      name: 'dispute.resumed',
      data: { cause: 'day' },
      tasks: await redateQuestions(tx, asked, resumed.dispute.dueDay),
    });
    const { memberId, department } = stored.dispute;
    const people = memberId === null ? colleagues.inDepartment(department) : [memberId];
    const to = [...people, stored.account.ownerId];
    await tellDispute(tx, now, SYSTEM, { kind: 'dispute.resumed', ...stored, to, colleagues }, { until });
    return true;
  });
}

async function escalateLateTask(app: App, workspaceId: Id, colleagues: Colleagues, seen: Task): Promise<boolean> {
  if (seen.escalatedOn !== null || (seen.department === null && seen.disputeId === null)) return false;
  const asked = { name: 'task.escalate', input: { id: seen.id } };
  return command(app, systemActor(workspaceId), NO_META, asked, async (tx, now) => {
    const task = await tx.docs(tasks).get(seen.id);
    const alarmed = task === null ? null : escalateTask(task, now.today);
    if (alarmed === null) return false;
    const found = await foundOf(tx, alarmed.accountId);
    const replaced = await tx.docs(tasks).replace(alarmed);
    const settled = await settleAccount(tx, now, found);
    const { tasks: changed, stored } = withTask(settled.changed.tasks, replaced);
    await tx.append(accountStream(stored.accountId), [
      accountEvent(
        now,
        SYSTEM,
        'task.escalated',
        { ...settled.changed, tasks: changed },
        { data: { task: taskFacts(stored), disputeId: stored.disputeId } },
      ),
    ]);
    const to = [...managersOf(colleagues, settled.account.access), stored.createdBy];
    const { access } = settled.account;
    const notice: Notice = {
      kind: 'task.escalated',
      account: settled.account,
      taskId: stored.id,
      disputeId: stored.disputeId,
      data: { dueDay: stored.dueDay },
    };
    const reads = (id: Id): boolean => mayOn(colleagues.actor(id), 'task.read', access);
    await notifyAndStandIns(tx, now, SYSTEM, to, notice, { colleagues, reads });
    return true;
  });
}

async function foundOf(tx: Tx, accountId: Id): Promise<{ account: Account; case: Case }> {
  const account = await tx.docs(accounts).get(accountId);
  const work = await tx.docs(cases).get(accountId);
  if (account === null || work === null) throw new Error(`account ${accountId} is not whole`);
  return { account, case: work };
}
