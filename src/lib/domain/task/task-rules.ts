import { daysBetween, isDay } from '../calendar/calendar.ts';
import { addWorkingDays } from '../calendar/working-days.ts';
import type { Day, Id, Instant } from '../values.ts';
import type { Task } from './task.ts';

export type TaskRefusal = {
  ok: false;
  code:
    | 'task_closed'
    | 'task_accepted'
    | 'task_of_dispute'
    | 'reason_required'
    | 'day_unreadable'
    | 'day_in_past'
    | 'assignee_required'
    | 'one_assignee';
};

/** An open task whose day has come (rule TSK-1). */
export function isTaskDue(task: Pick<Task, 'state' | 'dueDay'>, today: Day): boolean {
  return task.state === 'open' && task.dueDay <= today;
}

/** An open task whose day has passed (rule TSK-1). */
export function isTaskOverdue(task: Pick<Task, 'state' | 'dueDay'>, today: Day): boolean {
  return task.state === 'open' && task.dueDay < today;
}

/** Days by which an open task is overdue, 0 when it is not. */
export function taskDaysOverdue(task: Pick<Task, 'state' | 'dueDay'>, today: Day): number {
  return isTaskOverdue(task, today) ? daysBetween(task.dueDay, today) : 0;
}

/** Checks a task to be made (rule TSK-2): a real day, not before today; a member or a department, not both. */
export function checkNewTask(task: Pick<Task, 'dueDay' | 'memberId' | 'department'>, today: Day): TaskRefusal | null {
  if (!isDay(task.dueDay)) return { ok: false, code: 'day_unreadable' };
  if (task.dueDay < today) return { ok: false, code: 'day_in_past' };
  if (task.memberId === null && task.department === null) return { ok: false, code: 'assignee_required' };
  return task.memberId !== null && task.department !== null ? { ok: false, code: 'one_assignee' } : null;
}

/**
 * Closes a task as done (rule TSK-3); the answer is optional. What a dispute waits for is answered on the dispute, with a
 * decision and a cause (rule TSK-8).
 */
export function completeTask(
  task: Task,
  by: Id,
  now: Instant,
  answer: string | null,
): { ok: true; task: Task } | TaskRefusal {
  if (task.state === 'open' && task.kind === 'answer_dispute') return { ok: false, code: 'task_of_dispute' };
  return close(task, 'done', by, now, answer);
}

/** Closes a task as declined (rule TSK-3); whoever asked is owed a reason. */
export function declineTask(task: Task, by: Id, now: Instant, reason: string): { ok: true; task: Task } | TaskRefusal {
  if (task.state === 'open' && reason.trim() === '') return { ok: false, code: 'reason_required' };
  return close(task, 'declined', by, now, reason);
}

/** Gives a task back to whoever asked for it (rule TSK-6): it is not for this department or person, or lacks something. */
export function returnTask(task: Task, by: Id, now: Instant, reason: string): { ok: true; task: Task } | TaskRefusal {
  if (task.state === 'open' && reason.trim() === '') return { ok: false, code: 'reason_required' };
  return close(task, 'returned', by, now, reason);
}

/** "I do it" (rule TSK-7): one person at a time, so that two of a department do not begin the same. */
export function acceptTask(task: Task, by: Id): { ok: true; task: Task } | TaskRefusal {
  if (task.state !== 'open') return { ok: false, code: 'task_closed' };
  if (task.acceptedBy !== null && task.acceptedBy !== by) return { ok: false, code: 'task_accepted' };
  return { ok: true, task: { ...task, acceptedBy: by } };
}

/** Overdue, and the manager was not told yet: the task with the day of the alarm on it; else null (rule TSK-10). */
export function escalateTask(task: Task, today: Day): Task | null {
  return isTaskOverdue(task, today) && task.escalatedOn === null ? { ...task, escalatedOn: today } : null;
}

/** Working days in which a task is to be done when nobody says until when (rule TSK-9), the day it is made not counted. */
export function usualDueDay(today: Day, workingDays: number): Day {
  return addWorkingDays(today, workingDays);
}

function close(
  task: Task,
  state: 'done' | 'declined' | 'returned',
  by: Id,
  now: Instant,
  answer: string | null,
): { ok: true; task: Task } | TaskRefusal {
  if (task.state !== 'open') return { ok: false, code: 'task_closed' };
  const text = answer?.trim() ?? '';
  return { ok: true, task: { ...task, state, answer: text === '' ? null : text, closedBy: by, closedAt: now } };
}
