import { qualifyDispute as decideQualify } from '#lib/domain/dispute/rules.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { QualifyDisputeInput } from '#lib/protocol/commands/dispute.ts';
import type { App } from '../../app.ts';
import { colleaguesOf } from '../colleagues.ts';
import { command, expectVersion, type CommandMeta } from '../command.ts';
import { accessDisputeCase } from './access-dispute.ts';
import { actOf } from './act.ts';
import { disputeAnswer, type DisputeAnswer } from './dispute-answer.ts';
import { ensureSettler, followDispute } from './dispute-people.ts';
import { moveQuestions, openTasksOf } from './dispute-tasks.ts';
import { refuseDispute } from './refuse-dispute.ts';
import { storeDispute } from './store-dispute.ts';

/**
 * Says what a claim is about (rule DIS-2): its reason, and with it the department that owns it. Later in its life the
 * reason is corrected and the state stays.
 *
 * @throws AppError not_found; version_conflict; dispute_state; validation_failed at memberId
 */
export async function qualifyDispute(
  app: App,
  actor: Actor,
  input: QualifyDisputeInput,
  meta: CommandMeta,
): Promise<DisputeAnswer> {
  const colleagues = await colleaguesOf(app, actor.workspaceId);
  return command(app, actor, meta, { name: 'dispute.qualify', input }, async (tx, now) => {
    const found = await accessDisputeCase(tx, actor, input.id, 'dispute.qualify');
    expectVersion(meta, found.dispute);
    ensureSettler(colleagues, input.memberId);
    const { reason, department, memberId } = input;
    const decided = decideQualify(found.dispute, { reason, department, memberId }, actOf(now, actor));
    if (!decided.ok) refuseDispute(decided);
    const { department: to, memberId: person } = decided.dispute;
    const moved = to !== found.dispute.department || person !== found.dispute.memberId;
    const asked = moved ? await openTasksOf(tx, input.id, ['answer_dispute']) : [];
    const { dispute } = await storeDispute(tx, now, actor, found, decided.dispute, {
      name: 'dispute.qualified',
      data: { reason, department: to, memberId: person },
      tasks: await moveQuestions(tx, asked, decided.dispute),
    });
    await followDispute(tx, dispute, [actor.memberId, dispute.memberId]);
    return disputeAnswer(dispute);
  });
}
