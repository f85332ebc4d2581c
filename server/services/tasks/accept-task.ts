import type { Actor } from '#lib/domain/member/member.ts';
import { acceptTask as decideAccept } from '#lib/domain/task/task-rules.ts';
import type { Id } from '#lib/domain/values.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import type { App } from '../../app.ts';
import { tasks } from '../../store/kinds/workspace.ts';
import { accountEvent } from '../account-event.ts';
import { command, expectVersion, type CommandMeta } from '../command.ts';
import { notify } from '../notices.ts';
import { settleAccount } from '../settle-account.ts';
import { makeFollowers } from '../threads/marks.ts';
import { withTask } from './add-task.ts';
import { accessTask, refuseTask } from './close-task.ts';
import { taskAnswer, taskFacts, type TaskAnswer } from './task-answer.ts';

/**
 * Takes a task on: "I do it". Whoever asked is told (rule TSK-7); who takes on a dispute's follows it. Again by the same person: nothing changes.
 *
 * @throws AppError not_found; forbidden; version_conflict; task_closed; conflict with holderId when a colleague has it
 */
export function acceptTask(app: App, actor: Actor, input: { id: Id }, meta: CommandMeta): Promise<TaskAnswer> {
  return command(app, actor, meta, { name: 'task.accept', input }, async (tx, now) => {
    const { task, found } = await accessTask(tx, actor, input.id);
    expectVersion(meta, task);
    const decided = decideAccept(task, actor.memberId);
    if (!decided.ok) refuseTask(decided.code, task);
    if (task.acceptedBy === actor.memberId) return taskAnswer(task);
    const accepted = await tx.docs(tasks).replace(decided.task);
    const settled = await settleAccount(tx, now, found);
    const { tasks: changed, stored } = withTask(settled.changed.tasks, accepted);
    await tx.append(accountStream(task.accountId), [
      accountEvent(
        now,
        actor,
        'task.accepted',
        { ...settled.changed, tasks: changed },
        {
          data: { task: taskFacts(stored), disputeId: stored.disputeId },
        },
      ),
    ]);
    if (task.disputeId !== null)
      await makeFollowers(tx, [actor.memberId], {
        disputeId: task.disputeId,
        accountId: task.accountId,
        audience: 'internal',
      });
    await notify(tx, now, actor, [task.createdBy], {
      kind: 'task.accepted',
      account: settled.account,
      taskId: task.id,
      disputeId: task.disputeId,
    });
    return taskAnswer(stored);
  });
}
