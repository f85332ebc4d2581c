import { breakClaim as decideBreak } from '#lib/domain/case/claim.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import { AppError } from '#lib/protocol/errors.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import type { App } from '../../app.ts';
import { accessCase } from '../access-account.ts';
import { accountEvent } from '../account-event.ts';
import { command, type CommandMeta } from '../command.ts';
import { notify } from '../notices.ts';
import { settleClaim } from '../settle-account.ts';
import { caseAnswer } from './case-answer.ts';
import type { CaseAnswer } from '#lib/protocol/views/answers.ts';
import { removeLease } from './claim.ts';

/**
 * Ends somebody's claim, with a reason; the holder is told (rule CLM-6).
 *
 * @throws AppError conflict (rule CLM-6) when nobody holds the case
 */
export function breakClaim(
  app: App,
  actor: Actor,
  input: { id: Id; reason: string },
  meta: CommandMeta,
): Promise<CaseAnswer> {
  return command(app, actor, meta, { name: 'case.break_claim', input }, async (tx, now) => {
    const found = await accessCase(tx, actor, input.id, 'case.break_claim');
    const broken = decideBreak(found.case, input.reason);
    if (!broken.ok) throw new AppError('conflict', { rule: 'CLM-6' });
    await removeLease(tx, input.id);
    const settled = await settleClaim(tx, now, { account: found.account, case: broken.case });
    await tx.append(accountStream(input.id), [
      accountEvent(now, actor, 'case.claim_broken', settled.changed, {
        data: { holderId: broken.brokenFrom },
        personal: { reason: broken.reason },
      }),
    ]);
    await notify(tx, now, actor, [broken.brokenFrom], {
      kind: 'case.claim_broken',
      account: found.account,
      reason: broken.reason,
    });
    return caseAnswer(settled.case);
  });
}
