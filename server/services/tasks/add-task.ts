import { taskAccessOf } from '#lib/domain/account/access.ts';
import type { Account } from '#lib/domain/account/account.ts';
import { usualDueDay } from '#lib/domain/task/task-rules.ts';
import type { Task } from '#lib/domain/task/task.ts';
import type { Day, Id } from '#lib/domain/values.ts';
import { newId } from '../../store/id.ts';
import { tasks } from '../../store/kinds/workspace.ts';
import type { Tx } from '../../store/port.ts';
import { mayOn, type Colleagues } from '../colleagues.ts';
import type { Now } from '../command.ts';
import { notifyAndStandIns, type Notice } from '../notices.ts';

/** What is asked, of whom, until when; the rest of a task follows. */
export type NewTask = Pick<Task, 'kind' | 'text' | 'memberId' | 'department' | 'disputeId' | 'itemIds'> &
  Pick<Task, 'blockedCents' | 'currency'> & { dueDay: Day | null };

/** Stores a new task within a transaction. The caller settles the account, says the event and tells (`tellTask`). */
export async function addTask(
  tx: Tx,
  now: Now,
  actor: { memberId: string },
  account: Account,
  asked: NewTask,
): Promise<Task> {
  const task: Task = {
    ...asked,
    id: newId(now.ms),
    version: 1,
    accountId: account.id,
    dueDay: asked.dueDay ?? usualDueDay(now.today, now.workspace.settings.disputes.answerDays),
    state: 'open',
    acceptedBy: null,
    escalatedOn: null,
    answer: null,
    createdBy: actor.memberId,
    createdAt: now.at,
    closedBy: null,
    closedAt: null,
    access: taskAccessOf(account.access, asked),
  };
  await tx.docs(tasks).insert(task);
  return task;
}

/** Tells whoever is asked: the member, or everybody of the department; and whoever stands for them. */
export async function tellTask(
  tx: Tx,
  now: Now,
  actor: { memberId: string },
  account: Account,
  task: Task,
  colleagues: Colleagues,
): Promise<void> {
  const asked = task.department === null ? [task.memberId] : colleagues.inDepartment(task.department);
  const notice: Notice = {
    kind: 'task.created',
    account,
    taskId: task.id,
    disputeId: task.disputeId,
    data: { taskKind: task.kind },
  };
  const reads = (id: Id): boolean => mayOn(colleagues.actor(id), 'task.read', account.access);
  await notifyAndStandIns(tx, now, actor, asked, notice, { colleagues, reads });
}

/** The tasks that an event carries: those that settling changed, and this one as it now stands. */
export function withTask(changed: readonly Task[] | undefined, task: Task): { tasks: Task[]; stored: Task } {
  const stored = changed?.find((one) => one.id === task.id) ?? task;
  return { tasks: [...(changed ?? []).filter((one) => one.id !== task.id), stored], stored };
}
