import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import type { App } from '../../app.ts';
import { command, type CommandMeta } from '../command.ts';
import { closeTask } from './close-task.ts';
import type { TaskAnswer } from './task-answer.ts';

/**
 * Gives a task back to whoever asked, with the reason: it is somebody else's, or lacks something (rule TSK-6).
 *
 * @throws AppError not_found; forbidden; version_conflict; task_closed
 */
export function returnTask(
  app: App,
  actor: Actor,
  input: { id: Id; reason: string },
  meta: CommandMeta,
): Promise<TaskAnswer> {
  return command(app, actor, meta, { name: 'task.return', input }, (tx, now) =>
    closeTask(tx, now, actor, meta, { id: input.id, state: 'returned', answer: input.reason }),
  );
}
