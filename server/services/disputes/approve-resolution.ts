import { approveResolution as decideApprove } from '#lib/domain/dispute/resolution.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import type { App } from '../../app.ts';
import { colleaguesOf } from '../colleagues.ts';
import { command, expectVersion, type CommandMeta } from '../command.ts';
import { accessDisputeCase } from './access-dispute.ts';
import { actOf } from './act.ts';
import { disputeAnswer, type DisputeAnswer } from './dispute-answer.ts';
import { tellDispute } from './dispute-people.ts';
import { refuseDispute } from './refuse-dispute.ts';
import { answerCustomer, storeResolved } from './resolve-dispute.ts';
import { storeDispute } from './store-dispute.ts';

/**
 * A second person agrees to the resolution that waits, or does not (rule DIS-6): never the one who asked. The answer that
 * was written for the customer is posted then, in the name of whoever wrote it.
 *
 * @throws AppError not_found; version_conflict; dispute_state when nothing waits any more; rule_refused `DIS-6`
 */
export async function approveResolution(
  app: App,
  actor: Actor,
  input: { id: Id; agree: boolean; reason: string | null },
  meta: CommandMeta,
): Promise<DisputeAnswer> {
  const colleagues = await colleaguesOf(app, actor.workspaceId);
  return command(app, actor, meta, { name: 'dispute.approve', input }, async (tx, now) => {
    const found = await accessDisputeCase(tx, actor, input.id, 'dispute.approve');
    expectVersion(meta, found.dispute);
    const decided = decideApprove(found.dispute, { agree: input.agree, role: actor.role }, actOf(now, actor));
    if (!decided.ok) refuseDispute(decided);
    const asked = found.dispute.approval;
    if (input.agree) {
      const stored = await storeResolved(tx, now, actor, found, decided.dispute, colleagues);
      const author = colleagues.actor(asked?.askedBy ?? '') ?? actor;
      const answer = asked?.answer ?? null;
      if (answer !== null) await answerCustomer(tx, now, author, stored, answer, colleagues);
      return disputeAnswer(stored.dispute);
    }
    const { dispute, account } = await storeDispute(tx, now, actor, found, decided.dispute, {
      name: 'dispute.approval_refused',
      data: { askedBy: asked?.askedBy ?? null },
      personal: { reason: input.reason },
    });
    const to = [asked?.askedBy ?? null];
    await tellDispute(tx, now, actor, { kind: 'dispute.approval_refused', dispute, account, to, colleagues });
    return disputeAnswer(dispute);
  });
}
