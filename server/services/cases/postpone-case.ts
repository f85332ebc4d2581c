import { postponeCase as decidePostpone } from '#lib/domain/case/finish-case.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { PostponeCaseInput } from '#lib/protocol/commands/case.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import type { App } from '../../app.ts';
import { accessCase } from '../access-account.ts';
import { accountEvent } from '../account-event.ts';
import { command, expectVersion, type CommandMeta } from '../command.ts';
import { refusePlan } from '../plan-refusal.ts';
import { settleAccount } from '../settle-account.ts';
import { caseAnswer } from './case-answer.ts';
import type { CaseAnswer } from '#lib/protocol/views/answers.ts';
import { ensureFreeFor, removeLease } from './claim.ts';

/**
 * Parks the case until a later day, with a reason; its claim ends (rule CAS-10). For the holder, or anybody while it is
 * free.
 *
 * @throws AppError version_conflict; already_claimed; validation_failed at nextActionOn
 */
export function postponeCase(app: App, actor: Actor, input: PostponeCaseInput, meta: CommandMeta): Promise<CaseAnswer> {
  return command(app, actor, meta, { name: 'case.postpone', input }, async (tx, now) => {
    const found = await accessCase(tx, actor, input.id, 'case.postpone');
    expectVersion(meta, found.case);
    const free = await ensureFreeFor(tx, now, found.case, actor.memberId);
    const parked = decidePostpone(free, input.nextActionOn, input.reason, now.today);
    if (!parked.ok) refusePlan(parked);
    await removeLease(tx, input.id);
    const nextAction = input.nextAction ?? parked.case.nextAction;
    const settled = await settleAccount(tx, now, {
      account: found.account,
      case: { ...parked.case, nextAction },
    });
    await tx.append(accountStream(input.id), [
      accountEvent(now, actor, 'case.postponed', settled.changed, {
        data: { nextAction, nextActionOn: input.nextActionOn },
        personal: { reason: input.reason },
      }),
    ]);
    return caseAnswer(settled.case);
  });
}
