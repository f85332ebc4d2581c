import { taskAccessOf } from '#lib/domain/account/access.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import { checkNewTask } from '#lib/domain/task/task-rules.ts';
import type { Task } from '#lib/domain/task/task.ts';
import type { Cents, Currency, Id } from '#lib/domain/values.ts';
import type { CreateTaskInput } from '#lib/protocol/commands/account.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import type { App } from '../../app.ts';
import { newId } from '../../store/id.ts';
import { items, tasks } from '../../store/kinds/workspace.ts';
import type { Tx } from '../../store/port.ts';
import { accessCase } from '../access-account.ts';
import { accountEvent } from '../account-event.ts';
import { colleaguesOf, refuseField } from '../colleagues.ts';
import { command, type CommandMeta, type Now } from '../command.ts';
import { notify } from '../notices.ts';
import { settleAccount } from '../settle-account.ts';
import { taskAnswer, taskFacts, type TaskAnswer } from './task-answer.ts';

const FIELDS: { [code: string]: string } = { assignee_required: 'memberId', one_assignee: 'memberId' };

/**
 * Asks a member or a department for something, to be done before a day. Whoever is asked may see the account as long
 * as the task is open; a member is told (rule TSK-4).
 *
 * @throws AppError validation_failed at memberId (`unknown`), dueDay (`day_in_past`), itemIds (`unknown`, `currencies`)
 */
export async function createTask(
  app: App,
  actor: Actor,
  input: CreateTaskInput,
  meta: CommandMeta,
): Promise<TaskAnswer> {
  const colleagues = await colleaguesOf(app, actor.workspaceId);
  return command(app, actor, meta, { name: 'task.create', input }, async (tx, now) => {
    const found = await accessCase(tx, actor, input.accountId, 'task.create');
    if (input.memberId !== null && colleagues.actor(input.memberId) === null) refuseField('memberId', 'unknown');
    const refusal = checkNewTask(input, now.today);
    if (refusal !== null) refuseField(FIELDS[refusal.code] ?? 'dueDay', refusal.code);
    const task: Task = {
      id: newId(now.ms),
      version: 1,
      accountId: input.accountId,
      kind: input.kind,
      text: input.text,
      dueDay: input.dueDay,
      memberId: input.memberId,
      department: input.department,
      state: 'open',
      disputeId: null,
      acceptedBy: null,
      escalatedOn: null,
      answer: null,
      createdBy: actor.memberId,
      createdAt: now.at,
      closedBy: null,
      closedAt: null,
      itemIds: input.itemIds,
      ...(await blockedBy(tx, now, input.accountId, input.itemIds)),
      access: taskAccessOf(found.account.access, input),
    };
    await tx.docs(tasks).insert(task);
    const settled = await settleAccount(tx, now, found);
    const changed = settled.changed.tasks ?? [];
    const stored = changed.find((one) => one.id === task.id) ?? task;
    const others = changed.filter((one) => one.id !== task.id);
    await tx.append(accountStream(input.accountId), [
      accountEvent(
        now,
        actor,
        'task.created',
        { ...settled.changed, tasks: [...others, stored] },
        { data: { task: taskFacts(stored) } },
      ),
    ]);
    await notify(tx, now, actor, [task.memberId], {
      kind: 'task.created',
      account: settled.account,
      taskId: task.id,
    });
    return taskAnswer(stored);
  });
}

/** What is open on the items that wait for the task; they must be of this account and of one currency. */
async function blockedBy(
  tx: Tx,
  now: Now,
  accountId: Id,
  itemIds: readonly Id[],
): Promise<{ blockedCents: Cents; currency: Currency }> {
  if (itemIds.length === 0) return { blockedCents: 0, currency: now.workspace.currency };
  const asked = await tx.docs(items).getMany(itemIds);
  if (asked.length !== new Set(itemIds).size || asked.some((one) => one.accountId !== accountId))
    refuseField('itemIds', 'unknown');
  const currency = asked[0]?.currency ?? now.workspace.currency;
  if (asked.some((one) => one.currency !== currency)) refuseField('itemIds', 'currencies');
  return { blockedCents: asked.reduce((sum, one) => sum + one.openCents, 0), currency };
}
