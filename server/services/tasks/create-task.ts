import type { Dispute } from '#lib/domain/dispute/dispute.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import { DOCUMENT_DAYS } from '#lib/domain/task/pause-items.ts';
import { checkNewTask, usualDueDay } from '#lib/domain/task/task-rules.ts';
import type { Cents, Currency, Day, Id } from '#lib/domain/values.ts';
import type { CreateTaskInput } from '#lib/protocol/commands/account.ts';
import { AppError } from '#lib/protocol/errors.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import type { App } from '../../app.ts';
import { items } from '../../store/kinds/workspace.ts';
import type { Tx } from '../../store/port.ts';
import { accessCase } from '../access-account.ts';
import { accountEvent } from '../account-event.ts';
import { colleaguesOf, refuseField } from '../colleagues.ts';
import { command, type CommandMeta, type Now } from '../command.ts';
import { accessDispute } from '../disputes/access-dispute.ts';
import { followDispute } from '../disputes/dispute-people.ts';
import { ofDispute } from '../disputes/dispute-tasks.ts';
import { settleAccount } from '../settle-account.ts';
import { addTask, tellTask, withTask } from './add-task.ts';
import { taskAnswer, taskFacts, type TaskAnswer } from './task-answer.ts';

const FIELDS: { [code: string]: string } = { assignee_required: 'memberId', one_assignee: 'memberId' };

/**
 * Asks a member or a department for something, to be done before a day. Whoever is asked may see the account as long
 * as the task is open; they are told (rule TSK-4). Without a day it gets the usual one (rule TSK-9). Items for which a
 * document is asked are paused until then (rule TSK-11). With a dispute, what is asked helps to settle it: the dispute stays
 * with whom it is, and shows it (rule TSK-12).
 *
 * @throws AppError validation_failed at memberId (`unknown`), dueDay (`day_in_past`), itemIds (`unknown`, `currencies`),
 *   disputeId (`unknown`); not_found; dispute_state for a closed dispute
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
    const { disputeId = null } = input;
    const dispute = disputeId === null ? null : await liveDispute(tx, actor, disputeId, input.accountId);
    const { answerDays } = now.workspace.settings.disputes;
    const usual = usualDueDay(now.today, input.kind === 'send_document' ? DOCUMENT_DAYS : answerDays);
    const dueDay = input.dueDay ?? (dispute === null ? usual : withinDispute(dispute, usual, now.today));
    const refusal = checkNewTask({ ...input, dueDay }, now.today);
    if (refusal !== null) refuseField(FIELDS[refusal.code] ?? 'dueDay', refusal.code);
    const task = await addTask(tx, now, actor, found.account, {
      kind: input.kind,
      text: input.text,
      dueDay,
      memberId: input.memberId,
      department: input.department,
      disputeId,
      ...(dispute === null
        ? { itemIds: input.itemIds, ...(await blockedBy(tx, now, input.accountId, input.itemIds)) }
        : ofDispute(dispute)),
    });
    const settled = await settleAccount(tx, now, found);
    const { tasks, stored } = withTask(settled.changed.tasks, task);
    await tx.append(accountStream(input.accountId), [
      accountEvent(
        now,
        actor,
        'task.created',
        { ...settled.changed, tasks },
        { data: { task: taskFacts(stored), disputeId: stored.disputeId } },
      ),
    ]);
    await tellTask(tx, now, actor, settled.account, stored, colleagues);
    if (dispute !== null) await followDispute(tx, dispute, [actor.memberId, stored.memberId]);
    return taskAnswer(stored);
  });
}

/** The dispute that something is asked for: of this account, in sight, and not over. */
async function liveDispute(tx: Tx, actor: Actor, disputeId: Id, accountId: Id): Promise<Dispute> {
  const { dispute } = await accessDispute(tx, actor, disputeId, 'dispute.read');
  if (dispute.accountId !== accountId) refuseField('disputeId', 'unknown');
  if (dispute.state === 'closed') throw new AppError('dispute_state', { rule: 'TSK-12' });
  return dispute;
}

/** No later than the dispute itself is to be resolved, while that lies ahead and its clock runs. */
function withinDispute({ resolveBy, stoppedOn, state }: Dispute, usual: Day, today: Day): Day {
  return stoppedOn !== null || state === 'resolved' || resolveBy >= usual || resolveBy < today ? usual : resolveBy;
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
