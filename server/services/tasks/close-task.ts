import type { Actor } from '#lib/domain/member/member.ts';
import { completeTask, declineTask } from '#lib/domain/task/task-rules.ts';
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
import { settleAccount } from '../settle-account.ts';
import { taskAnswer, taskFacts, type TaskAnswer } from './task-answer.ts';

/**
 * Closes an open task, done or declined, within a transaction. For whoever was asked (or replaces them), their
 * department, the one who asked, a manager (rule TSK-5).
 *
 * @throws AppError not_found; forbidden; version_conflict with the task's version; task_closed
 */
export async function closeTask(
  tx: Tx,
  now: Now,
  actor: Actor,
  meta: CommandMeta,
  closing: { id: Id; state: 'done' | 'declined'; answer: string | null },
): Promise<TaskAnswer> {
  const task = await tx.docs(tasks).get(closing.id);
  if (task === null) throw new AppError('not_found');
  const found = await accessCase(tx, actor, task.accountId, 'task.close');
  if (!concerns(task, actor)) throw new AppError('forbidden', { action: 'task.close' });
  expectVersion(meta, task);
  const decided =
    closing.state === 'done'
      ? completeTask(task, actor.memberId, now.at, closing.answer)
      : declineTask(task, actor.memberId, now.at, closing.answer ?? '');
  if (!decided.ok && decided.code === 'reason_required') refuseField('reason', decided.code);
  if (!decided.ok) throw new AppError('task_closed');
  const closed = await tx.docs(tasks).replace(decided.task);
  const settled = await settleAccount(tx, now, found);
  const others = (settled.changed.tasks ?? []).filter((one) => one.id !== closed.id);
  const stored = settled.changed.tasks?.find((one) => one.id === closed.id) ?? closed;
  await tx.append(accountStream(task.accountId), [
    accountEvent(
      now,
      actor,
      closing.state === 'done' ? 'task.done' : 'task.declined',
      { ...settled.changed, tasks: [...others, stored] },
      { data: { task: taskFacts(stored) } },
    ),
  ]);
  return taskAnswer(stored);
}

function concerns(task: Task, actor: Actor): boolean {
  return (
    actor.role === 'manager' ||
    task.createdBy === actor.memberId ||
    (task.memberId !== null && actor.owners.includes(task.memberId)) ||
    (task.department !== null && actor.departments.includes(task.department))
  );
}
