import type { Actor } from '#lib/domain/member/member.ts';
import { DOCUMENT_DAYS } from '#lib/domain/task/pause-items.ts';
import { checkNewTask, usualDueDay } from '#lib/domain/task/task-rules.ts';
import type { Cents, Currency, Id } from '#lib/domain/values.ts';
import type { CreateTaskInput } from '#lib/protocol/commands/account.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import type { App } from '../../app.ts';
import { items } from '../../store/kinds/workspace.ts';
import type { Tx } from '../../store/port.ts';
import { accessCase } from '../access-account.ts';
import { accountEvent } from '../account-event.ts';
import { colleaguesOf, refuseField } from '../colleagues.ts';
import { command, type CommandMeta, type Now } from '../command.ts';
import { settleAccount } from '../settle-account.ts';
import { addTask, tellTask, withTask } from './add-task.ts';
import { taskAnswer, taskFacts, type TaskAnswer } from './task-answer.ts';

const FIELDS: { [code: string]: string } = { assignee_required: 'memberId', one_assignee: 'memberId' };

/**
 * Asks a member or a department for something, to be done before a day. Whoever is asked may see the account as long
 * as the task is open; they are told (rule TSK-4). Without a day it gets the usual one (rule TSK-9). Items for which a
 * document is asked are paused until then (rule TSK-11).
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
    const usual = input.kind === 'send_document' ? DOCUMENT_DAYS : now.workspace.settings.disputes.answerDays;
    const dueDay = input.dueDay ?? usualDueDay(now.today, usual);
    const refusal = checkNewTask({ ...input, dueDay }, now.today);
    if (refusal !== null) refuseField(FIELDS[refusal.code] ?? 'dueDay', refusal.code);
    const task = await addTask(tx, now, actor, found.account, {
      kind: input.kind,
      text: input.text,
      dueDay,
      memberId: input.memberId,
      department: input.department,
      disputeId: null,
      itemIds: input.itemIds,
      ...(await blockedBy(tx, now, input.accountId, input.itemIds)),
    });
    const settled = await settleAccount(tx, now, found);
    const { tasks, stored } = withTask(settled.changed.tasks, task);
    await tx.append(accountStream(input.accountId), [
      accountEvent(now, actor, 'task.created', { ...settled.changed, tasks }, { data: { task: taskFacts(stored) } }),
    ]);
    await tellTask(tx, now, actor, settled.account, stored, colleagues);
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
