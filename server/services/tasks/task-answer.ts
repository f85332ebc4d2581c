import type { Task } from '#lib/domain/task/task.ts';
import type { Id } from '#lib/domain/values.ts';
import type { Value } from '../../store/port.ts';

/** What the commands on tasks answer: no personal text, as it is kept with the idempotency key. */
export interface TaskAnswer {
  id: Id;
  version: number;
  accountId: Id;
  state: Task['state'];
}

export function taskAnswer(task: Task): TaskAnswer {
  return { id: task.id, version: task.version, accountId: task.accountId, state: task.state };
}

/** What an event says of a task openly; its words travel in the part that can be erased. */
export function taskFacts(task: Task): { [key: string]: Value } {
  const { id, kind, dueDay, memberId, department, state } = task;
  return { id, kind, dueDay, memberId, department, state };
}
