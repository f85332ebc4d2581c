import type { Dispute } from '#lib/domain/dispute/dispute.ts';
import { assignDispute as decideAssign } from '#lib/domain/dispute/rules.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Task } from '#lib/domain/task/task.ts';
import type { AssignDisputeInput } from '#lib/protocol/commands/dispute.ts';
import type { App } from '../../app.ts';
import type { Tx } from '../../store/port.ts';
import { colleaguesOf, type Colleagues } from '../colleagues.ts';
import { command, expectVersion, type CommandMeta, type Now } from '../command.ts';
import { notify } from '../notices.ts';
import { tellTask } from '../tasks/add-task.ts';
import { accessDisputeCase } from './access-dispute.ts';
import { actOf } from './act.ts';
import { disputeAnswer, type DisputeAnswer } from './dispute-answer.ts';
import { ensureSettler, followDispute, tellDispute } from './dispute-people.ts';
import { askForAnswer, endTasks, moveQuestions, openTasksOf, redateQuestions } from './dispute-tasks.ts';
import { refuseDispute } from './refuse-dispute.ts';
import { storeDispute, type StoredDispute } from './store-dispute.ts';

/**
 * Gives a dispute to a department, or to a person of it, or to others while they work on it (rule DIS-5). With `ask`
 * they get a task: accept or refuse, with the cause, before the day of the answer; without it, a question that waits
 * already goes along. Whoever had it and whoever gets it are told. Nothing of its threads is touched: who may not see
 * it any more keeps what they were typing until it is taken over (see collab).
 *
 * @throws AppError not_found; version_conflict; dispute_state; validation_failed at memberId
 */
export async function assignDispute(
  app: App,
  actor: Actor,
  input: AssignDisputeInput,
  meta: CommandMeta,
): Promise<DisputeAnswer> {
  const colleagues = await colleaguesOf(app, actor.workspaceId);
  return command(app, actor, meta, { name: 'dispute.assign', input }, async (tx, now) => {
    const found = await accessDisputeCase(tx, actor, input.id, 'dispute.assign');
    expectVersion(meta, found.dispute);
    ensureSettler(colleagues, input.memberId);
    const { department, memberId } = input;
    const decided = decideAssign(found.dispute, { department, memberId }, actOf(now, actor));
    if (!decided.ok) refuseDispute(decided);
    const { account, dispute: before } = found;
    const moved = department !== before.department || memberId !== before.memberId;
    const waiting = await openTasksOf(tx, input.id, ['answer_dispute']);
    const tasks: Task[] =
      input.ask === null
        ? moved
          ? await moveQuestions(tx, waiting, decided.dispute)
          : await redateQuestions(tx, before.stoppedOn === null ? [] : waiting, decided.dispute.dueDay)
        : [
            await askForAnswer(tx, now, actor, account, decided.dispute, input.ask),
            ...(await endTasks(tx, now, actor.memberId, waiting, { state: 'returned' })),
          ];
    const stored = await storeDispute(tx, now, actor, found, decided.dispute, {
      name: 'dispute.assigned',
      data: { from: before.memberId, fromDepartment: before.department, department, memberId },
      tasks,
    });
    await tellAssigned(tx, now, actor, colleagues, before, stored, input.ask !== null);
    await followDispute(tx, stored.dispute, [actor.memberId, memberId]);
    return disputeAnswer(stored.dispute);
  });
}

async function tellAssigned(
  tx: Tx,
  now: Now,
  actor: Actor,
  colleagues: Colleagues,
  before: Dispute,
  { dispute, account, tasks }: StoredDispute,
  asked: boolean,
): Promise<void> {
  const told = { kind: 'dispute.assigned' as const, account, disputeId: dispute.id };
  // Told even where the dispute is out of their sight now: they were working on it.
  if (before.memberId !== dispute.memberId)
    await notify(tx, now, actor, [before.memberId], { ...told, data: { change: 'lost', number: dispute.number } });
  const [question] = tasks;
  if (asked && question !== undefined) await tellTask(tx, now, actor, account, question, colleagues);
  const gained =
    dispute.memberId !== null
      ? before.memberId === dispute.memberId
        ? []
        : [dispute.memberId]
      : asked || (before.memberId === null && before.department === dispute.department && before.state === 'assigned')
        ? []
        : colleagues.inDepartment(dispute.department);
  const to = gained.filter((id) => id !== before.memberId);
  await tellDispute(tx, now, actor, { ...told, dispute, to, colleagues }, { change: 'gained', number: dispute.number });
}
