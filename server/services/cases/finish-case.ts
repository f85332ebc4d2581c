import { balancesOf } from '#lib/domain/balance/balances-of.ts';
import { finishCase as decideFinish } from '#lib/domain/case/finish-case.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { FinishCaseInput } from '#lib/protocol/commands/case.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import type { App } from '../../app.ts';
import { accessCase } from '../access-account.ts';
import { accountEvent } from '../account-event.ts';
import { command, expectVersion, type CommandMeta } from '../command.ts';
import { refusePlan } from '../plan-refusal.ts';
import { recordsOf, settleAccount } from '../settle-account.ts';
import { caseAnswer } from './case-answer.ts';
import type { CaseAnswer } from '#lib/protocol/views/answers.ts';
import { ensureFreeFor, removeLease } from './claim.ts';

/**
 * Done for today: the case leaves the list with its next action and day, and its claim ends (rules CAS-5, CAS-9). For
 * the holder, or anybody while it is free.
 *
 * @throws AppError version_conflict; already_claimed; validation_failed at nextAction or nextActionOn
 */
export function finishCase(app: App, actor: Actor, input: FinishCaseInput, meta: CommandMeta): Promise<CaseAnswer> {
  return command(app, actor, meta, { name: 'case.finish', input }, async (tx, now) => {
    const found = await accessCase(tx, actor, input.id, 'case.finish');
    expectVersion(meta, found.case);
    const free = await ensureFreeFor(tx, now, found.case, actor.memberId);
    const records = await recordsOf(tx, input.id);
    const finished = decideFinish(
      {
        case: free,
        balances: balancesOf(found.account, records.items, now.today),
        tasks: records.tasks,
        promises: records.promises,
        today: now.today,
      },
      { nextAction: input.nextAction, nextActionOn: input.nextActionOn },
    );
    if (!finished.ok) refusePlan(finished);
    await removeLease(tx, input.id);
    const settled = await settleAccount(tx, now, {
      account: found.account,
      case: { ...finished.case, doneBy: actor.memberId },
      records,
    });
    await tx.append(accountStream(input.id), [
      accountEvent(now, actor, 'case.finished', settled.changed, {
        data: { nextAction: input.nextAction, nextActionOn: input.nextActionOn },
      }),
    ]);
    return caseAnswer(settled.case);
  });
}
