import { closeDispute as decideClose } from '#lib/domain/dispute/resolution.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import { AppError } from '#lib/protocol/errors.ts';
import type { App } from '../../app.ts';
import { command, expectVersion, type CommandMeta } from '../command.ts';
import { accessDisputeCase } from './access-dispute.ts';
import { actOf } from './act.ts';
import { disputeAnswer, type DisputeAnswer } from './dispute-answer.ts';
import { endTasks, openTasksOf } from './dispute-tasks.ts';
import { refuseDispute } from './refuse-dispute.ts';
import { storeDispute } from './store-dispute.ts';

/**
 * Ends a resolved dispute of which nothing is awaited any more, or with a reason one that was opened by mistake (rule
 * DIS-1). What was still asked about it ends too.
 *
 * @throws AppError not_found; version_conflict; dispute_state; approval_needed while a resolution waits; rule_refused `DIS-9` while a credit note is awaited;
 *   validation_failed at reason
 */
export function closeDispute(
  app: App,
  actor: Actor,
  input: { id: Id; reason: string | null },
  meta: CommandMeta,
): Promise<DisputeAnswer> {
  return command(app, actor, meta, { name: 'dispute.close', input }, async (tx, now) => {
    const found = await accessDisputeCase(tx, actor, input.id, 'dispute.close');
    expectVersion(meta, found.dispute);
    if (found.dispute.approval !== null) throw new AppError('approval_needed', { rule: 'DIS-6' });
    const decided = decideClose(found.dispute, { reason: input.reason }, actOf(now, actor));
    if (!decided.ok) refuseDispute(decided);
    const left = await openTasksOf(tx, input.id);
    const { dispute } = await storeDispute(tx, now, actor, found, decided.dispute, {
      name: 'dispute.closed',
      data: { from: found.dispute.state },
      personal: { reason: input.reason },
      tasks: await endTasks(tx, now, actor.memberId, left, { state: 'done' }),
    });
    return disputeAnswer(dispute);
  });
}
