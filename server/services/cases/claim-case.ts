import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import type { App } from '../../app.ts';
import type { Tx } from '../../store/port.ts';
import { accessCase } from '../access-account.ts';
import { accountEvent } from '../account-event.ts';
import { command, type CommandMeta, type Now } from '../command.ts';
import { settleClaim } from '../settle-account.ts';
import { caseAnswer } from './case-answer.ts';
import type { CaseAnswer } from '#lib/protocol/views/answers.ts';
import { takeClaim } from './claim.ts';

/**
 * Takes a case for ten minutes. Whoever holds it already has the lease prolonged, without an event.
 *
 * @throws AppError already_claimed with holderId, holderName and until
 */
export function claimCase(app: App, actor: Actor, input: { id: Id }, meta: CommandMeta): Promise<CaseAnswer> {
  return command(app, actor, meta, { name: 'case.claim', input }, (tx, now) => claimWithin(tx, now, actor, input.id));
}

/** The same inside another command's transaction. */
export async function claimWithin(tx: Tx, now: Now, actor: Actor, accountId: Id): Promise<CaseAnswer> {
  const found = await accessCase(tx, actor, accountId, 'case.claim');
  const claim = await takeClaim(tx, now, found.case, actor.memberId);
  if (!claim.taken) return caseAnswer(claim.case, claim.until);
  const settled = await settleClaim(tx, now, { account: found.account, case: claim.case });
  await tx.append(accountStream(accountId), [
    accountEvent(now, actor, 'case.claimed', settled.changed, { data: { until: claim.until } }),
  ]);
  return caseAnswer(settled.case, claim.until);
}
