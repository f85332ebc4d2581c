import { touchCase } from '#lib/domain/case/finish-case.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import type { App } from '../../app.ts';
import { accessCase } from '../access-account.ts';
import { accountEvent } from '../account-event.ts';
import { caseAnswer } from '../cases/case-answer.ts';
import type { CaseAnswer } from '#lib/protocol/views/answers.ts';
import { takeClaim } from '../cases/claim.ts';
import { command, type CommandMeta } from '../command.ts';
import { settleAccount } from '../settle-account.ts';
import { contactOf } from './contact-of.ts';

/**
 * Starts an outgoing call: takes the case if it is free (rule CLM-8).
 *
 * @throws AppError already_claimed with holderId, holderName and until; not_found for a contact of another account
 */
export function startCall(
  app: App,
  actor: Actor,
  input: { id: Id; contactId: Id | null },
  meta: CommandMeta,
): Promise<CaseAnswer> {
  return command(app, actor, meta, { name: 'call.start', input }, async (tx, now) => {
    const found = await accessCase(tx, actor, input.id, 'call.start');
    if (input.contactId !== null) await contactOf(tx, input.id, input.contactId);
    const claim = await takeClaim(tx, now, found.case, actor.memberId);
    const settled = await settleAccount(tx, now, { account: found.account, case: touchCase(claim.case, now.today) });
    const started = accountEvent(now, actor, 'call.started', settled.changed, { data: { contactId: input.contactId } });
    const claimed = accountEvent(now, actor, 'case.claimed', settled.changed, { data: { until: claim.until } });
    await tx.append(accountStream(input.id), claim.taken ? [claimed, started] : [started]);
    return caseAnswer(settled.case, claim.until);
  });
}
