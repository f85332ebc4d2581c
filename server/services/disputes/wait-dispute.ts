import { waitForCustomer } from '#lib/domain/dispute/rules.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Day, Id } from '#lib/domain/values.ts';
import type { App } from '../../app.ts';
import { command, expectVersion, type CommandMeta } from '../command.ts';
import { accessDisputeCase } from './access-dispute.ts';
import { actOf } from './act.ts';
import { disputeAnswer, type DisputeAnswer } from './dispute-answer.ts';
import { openTasksOf, redateQuestions } from './dispute-tasks.ts';
import { refuseDispute } from './refuse-dispute.ts';
import { storeDispute } from './store-dispute.ts';

/**
 * Waits for the customer, clock stopped, and looks again on a day (rule DIS-4). A question to the
 * department is not late meanwhile.
 *
 * @throws AppError not_found; version_conflict; dispute_state; validation_failed at until
 */
export function waitDispute(
  app: App,
  actor: Actor,
  input: { id: Id; until: Day; reason: string | null },
  meta: CommandMeta,
): Promise<DisputeAnswer> {
  return command(app, actor, meta, { name: 'dispute.wait', input }, async (tx, now) => {
    const found = await accessDisputeCase(tx, actor, input.id, 'dispute.wait');
    expectVersion(meta, found.dispute);
    const decided = waitForCustomer(found.dispute, { until: input.until }, actOf(now, actor));
    if (!decided.ok) refuseDispute(decided);
    const asked = await openTasksOf(tx, input.id, ['answer_dispute']);
    const early = asked.filter((task) => task.dueDay < input.until);
    const { dispute } = await storeDispute(tx, now, actor, found, decided.dispute, {
      name: 'dispute.waiting',
      data: { until: input.until },
      personal: { reason: input.reason },
      tasks: await redateQuestions(tx, early, input.until),
    });
    return disputeAnswer(dispute);
  });
}
