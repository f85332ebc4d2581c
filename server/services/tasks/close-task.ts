import type { Account } from '#lib/domain/account/account.ts';
import type { Case } from '#lib/domain/case/case.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import { completeTask, declineTask, returnTask, type TaskRefusal } from '#lib/domain/task/task-rules.ts';
import type { Task } from '#lib/domain/task/task.ts';
import type { Id } from '#lib/domain/values.ts';
import { AppError } from '#lib/protocol/errors.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import { tasks } from '../../store/kinds/workspace.ts';
import type { Tx } from '../../store/port.ts';
import { accessCase } from '../access-account.ts';
import { accountEvent } from '../account-event.ts';
import { refuseField } from '../colleagues.ts';
import { expectVersion, type CommandMeta, type Now } from '../command.ts';
import { notify } from '../notices.ts';
import { settleAccount } from '../settle-account.ts';
import { withTask } from './add-task.ts';
import { taskAnswer, taskFacts, type TaskAnswer } from './task-answer.ts';

type Closing = { id: Id; state: 'done' | 'declined' | 'returned'; answer: string | null };

/**
 * Closes an open task, done, declined or given back, within a transaction. For whoever was asked (or replaces them),
 * their department, the one who asked, a manager (rule TSK-5). Whoever asked is told, and whoever had taken it.
 *
 * @throws AppError not_found; forbidden; version_conflict with the task's version; task_closed; rule_refused for a
 *   dispute's question that is not answered on the dispute
 */
export async function closeTask(
  tx: Tx,
  now: Now,
  actor: Actor,
  meta: CommandMeta,
  closing: Closing,
): Promise<TaskAnswer> {
  const { task, found } = await accessTask(tx, actor, closing.id);
  expectVersion(meta, task);
  const decided = decide(task, closing, actor, now);
  if (!decided.ok) refuseTask(decided.code, task);
  const closed = await tx.docs(tasks).replace(decided.task);
  const settled = await settleAccount(tx, now, found);
  const { tasks: changed, stored } = withTask(settled.changed.tasks, closed);
  await tx.append(accountStream(task.accountId), [
    accountEvent(
      now,
      actor,
      `task.${closing.state}`,
      { ...settled.changed, tasks: changed },
      {
        data: { task: taskFacts(stored), disputeId: stored.disputeId },
      },
    ),
  ]);
  await notify(tx, now, actor, [task.createdBy, task.acceptedBy], {
    kind: `task.${closing.state}`,
    account: settled.account,
    taskId: task.id,
    disputeId: task.disputeId,
  });
  return taskAnswer(stored);
}

/**
 * A task that concerns the actor, with its account and case.
 *
 * @throws AppError not_found, alike, when it is unknown or out of scope; forbidden when it concerns others
 */
export async function accessTask(
  tx: Tx,
  actor: Actor,
  taskId: Id,
): Promise<{ task: Task; found: { account: Account; case: Case } }> {
  const task = await tx.docs(tasks).get(taskId);
  if (task === null) throw new AppError('not_found');
  const found = await accessCase(tx, actor, task.accountId, 'task.close');
  if (!concerns(task, actor)) throw new AppError('forbidden', { action: 'task.close' });
  return { task, found };
}

/** @throws AppError for what a rule on tasks refuses */
export function refuseTask(code: TaskRefusal['code'], task: Task): never {
  if (code === 'reason_required') refuseField('reason', code);
  if (code === 'task_of_dispute') throw new AppError('rule_refused', { rule: 'TSK-8' });
  if (code === 'task_accepted') throw new AppError('conflict', { rule: 'TSK-7', holderId: task.acceptedBy ?? '' });
  throw new AppError('task_closed');
}

function decide(task: Task, closing: Closing, actor: Actor, now: Now): ReturnType<typeof completeTask> {
  if (closing.state === 'done') return completeTask(task, actor.memberId, now.at, closing.answer);
  const close = closing.state === 'declined' ? declineTask : returnTask;
  return close(task, actor.memberId, now.at, closing.answer ?? '');
}

function concerns(task: Task, actor: Actor): boolean {
  return (
    actor.role === 'manager' ||
    task.createdBy === actor.memberId ||
    (task.memberId !== null && actor.owners.includes(task.memberId)) ||
    (task.department !== null && actor.departments.includes(task.department))
  );
}
