import { answerDispute as decideAnswer } from '#lib/domain/dispute/rules.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { AnswerDisputeInput } from '#lib/protocol/commands/dispute.ts';
import { AppError } from '#lib/protocol/errors.ts';
import type { App } from '../../app.ts';
import { colleaguesOf } from '../colleagues.ts';
import { command, expectVersion, type CommandMeta } from '../command.ts';
import { accessDisputeCase } from './access-dispute.ts';
import { actOf } from './act.ts';
import { disputeAnswer, type DisputeAnswer } from './dispute-answer.ts';
import { followDispute, settles, tellDispute } from './dispute-people.ts';
import { endTasks, openTasksOf } from './dispute-tasks.ts';
import { refuseDispute } from './refuse-dispute.ts';
import { storeDispute } from './store-dispute.ts';

/**
 * What the owner department says of a claim, with the cause (rule DIS-5): for somebody of it or replacing there, the
 * dispute's person, a manager. The question that waited is answered with it; who asked is told.
 *
 * @throws AppError not_found; forbidden; version_conflict; dispute_state
 */
export async function answerDispute(
  app: App,
  actor: Actor,
  input: AnswerDisputeInput,
  meta: CommandMeta,
): Promise<DisputeAnswer> {
  const colleagues = await colleaguesOf(app, actor.workspaceId);
  return command(app, actor, meta, { name: 'dispute.answer', input }, async (tx, now) => {
    const found = await accessDisputeCase(tx, actor, input.id, 'dispute.answer');
    if (!settles(actor, found.dispute)) throw new AppError('forbidden', { action: 'dispute.answer' });
    expectVersion(meta, found.dispute);
    const { decision, rootCause } = input;
    const decided = decideAnswer(found.dispute, { decision, rootCause }, actOf(now, actor));
    if (!decided.ok) refuseDispute(decided);
    const asked = await openTasksOf(tx, input.id, ['answer_dispute']);
    const { dispute, account } = await storeDispute(tx, now, actor, found, decided.dispute, {
      name: 'dispute.answered',
      data: { decision, rootCause },
      personal: { text: input.text },
      tasks: await endTasks(tx, now, actor.memberId, asked, { state: 'done', answer: input.text }),
    });
    await followDispute(tx, dispute, [actor.memberId]);
    const to = [...asked.map((task) => task.createdBy), dispute.openedBy, account.ownerId];
    await tellDispute(tx, now, actor, { kind: 'dispute.answered', dispute, account, to, colleagues }, { decision });
    return disputeAnswer(dispute);
  });
}
