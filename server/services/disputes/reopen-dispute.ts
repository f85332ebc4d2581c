import { reopenDispute as decideReopen } from '#lib/domain/dispute/resolution.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import type { App } from '../../app.ts';
import { colleaguesOf } from '../colleagues.ts';
import { command, expectVersion, type CommandMeta } from '../command.ts';
import { accessDisputeCase } from './access-dispute.ts';
import { actOf } from './act.ts';
import { roomFor } from './change-dispute.ts';
import { disputeAnswer, type DisputeAnswer } from './dispute-answer.ts';
import { followDispute, tellDispute } from './dispute-people.ts';
import { endTasks, openTasksOf } from './dispute-tasks.ts';
import { refuseDispute } from './refuse-dispute.ts';
import { storeDispute } from './store-dispute.ts';

/**
 * Takes a resolved or closed dispute up again, with a reason (rule DIS-1): what was claimed and is still open is disputed
 * again. A credit note that was asked for and not made yet is not wanted any more.
 *
 * @throws AppError not_found; version_conflict; dispute_state; rule_refused `DIS-7` when nothing of it is open;
 *   validation_failed at reason
 */
export async function reopenDispute(
  app: App,
  actor: Actor,
  input: { id: Id; reason: string },
  meta: CommandMeta,
): Promise<DisputeAnswer> {
  const colleagues = await colleaguesOf(app, actor.workspaceId);
  return command(app, actor, meta, { name: 'dispute.reopen', input }, async (tx, now) => {
    const found = await accessDisputeCase(tx, actor, input.id, 'dispute.reopen');
    expectVersion(meta, found.dispute);
    const room = await roomFor(
      tx,
      found.account,
      found.dispute.items.map((one) => one.itemId),
    );
    const decided = decideReopen(found.dispute, { reason: input.reason }, room, actOf(now, actor));
    if (!decided.ok) refuseDispute(decided);
    const credits = await openTasksOf(tx, input.id, ['credit_note']);
    const { dispute, account } = await storeDispute(tx, now, actor, found, decided.dispute, {
      name: 'dispute.reopened',
      data: { from: found.dispute.state, times: decided.dispute.reopened },
      personal: { reason: input.reason },
      tasks: await endTasks(tx, now, actor.memberId, credits, { state: 'returned', answer: input.reason }),
    });
    await followDispute(tx, dispute, [actor.memberId]);
    const people = dispute.memberId === null ? colleagues.inDepartment(dispute.department) : [dispute.memberId];
    const to = [...people, account.ownerId, found.dispute.resolution?.by ?? null];
    await tellDispute(tx, now, actor, { kind: 'dispute.reopened', dispute, account, to, colleagues });
    return disputeAnswer(dispute);
  });
}
