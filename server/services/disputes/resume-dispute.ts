import { resumeDispute as decideResume } from '#lib/domain/dispute/rules.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import type { App } from '../../app.ts';
import { command, expectVersion, type CommandMeta } from '../command.ts';
import { accessDisputeCase } from './access-dispute.ts';
import { actOf } from './act.ts';
import { disputeAnswer, type DisputeAnswer } from './dispute-answer.ts';
import { openTasksOf, redateQuestions } from './dispute-tasks.ts';
import { refuseDispute } from './refuse-dispute.ts';
import { storeDispute } from './store-dispute.ts';

/**
 * The customer has answered: the clock runs again, with as many working days as were left (rule DIS-4).
 *
 * @throws AppError not_found; version_conflict; dispute_state
 */
export function resumeDispute(app: App, actor: Actor, input: { id: Id }, meta: CommandMeta): Promise<DisputeAnswer> {
  return command(app, actor, meta, { name: 'dispute.resume', input }, async (tx, now) => {
    const found = await accessDisputeCase(tx, actor, input.id, 'dispute.wait');
    expectVersion(meta, found.dispute);
    const decided = decideResume(found.dispute, actOf(now, actor));
    if (!decided.ok) refuseDispute(decided);
    const asked = await openTasksOf(tx, input.id, ['answer_dispute']);
    const { dispute } = await storeDispute(tx, now, actor, found, decided.dispute, {
      name: 'dispute.resumed',
      tasks: await redateQuestions(tx, asked, decided.dispute.dueDay),
    });
    return disputeAnswer(dispute);
  });
}
