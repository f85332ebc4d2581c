import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import type { App } from '../../app.ts';
import { command, type CommandMeta } from '../command.ts';
import { closeTask } from './close-task.ts';
import type { TaskAnswer } from './task-answer.ts';

/**
 * Closes a task as done, with an answer if there is one to give.
 *
 * @throws AppError not_found; forbidden; version_conflict; task_closed
 */
export function completeTask(
  app: App,
  actor: Actor,
  input: { id: Id; answer: string | null },
  meta: CommandMeta,
): Promise<TaskAnswer> {
  return command(app, actor, meta, { name: 'task.done', input }, (tx, now) =>
    closeTask(tx, now, actor, meta, { id: input.id, state: 'done', answer: input.answer }),
  );
}
