import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import { AppError } from '#lib/protocol/errors.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import type { App } from '../../app.ts';
import { accessCase } from '../access-account.ts';
import { accountEvent } from '../account-event.ts';
import { command, type CommandMeta } from '../command.ts';
import { settleClaim } from '../settle-account.ts';
import { caseAnswer } from './case-answer.ts';
import type { CaseAnswer } from '#lib/protocol/views/answers.ts';
import { freeClaim, holderOf } from './claim.ts';

/**
 * Gives a case back to the queue.
 *
 * @throws AppError not_claimed_by_you, with holderId, holderName and until when somebody else holds it
 */
export function releaseCase(app: App, actor: Actor, input: { id: Id }, meta: CommandMeta): Promise<CaseAnswer> {
  return command(app, actor, meta, { name: 'case.release', input }, async (tx, now) => {
    const found = await accessCase(tx, actor, input.id, 'case.release');
    if (found.case.claimedBy !== actor.memberId) {
      const holder = await holderOf(tx, now, found.case);
      throw new AppError(
        'not_claimed_by_you',
        holder === null ? {} : { holderId: holder.memberId, until: holder.until },
      );
    }
    const freed = await freeClaim(tx, found.case);
    const settled = await settleClaim(tx, now, { account: found.account, case: freed });
    await tx.append(accountStream(input.id), [accountEvent(now, actor, 'case.released', settled.changed)]);
    return caseAnswer(settled.case);
  });
}
