import { handOver } from '#lib/domain/case/claim.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import { AppError } from '#lib/protocol/errors.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import type { App } from '../../app.ts';
import { leases } from '../../store/kinds/workspace.ts';
import { accessCase } from '../access-account.ts';
import { accountEvent } from '../account-event.ts';
import { colleaguesOf, mayOn, refuseField } from '../colleagues.ts';
import { command, type CommandMeta } from '../command.ts';
import { notify } from '../notices.ts';
import { settleClaim } from '../settle-account.ts';
import { caseAnswer } from './case-answer.ts';
import type { CaseAnswer } from '#lib/protocol/views/answers.ts';
import { ensureFreeFor, putLease } from './claim.ts';

/**
 * Passes a case that one holds, or a free one, to a named person, who is told and gets a full lease (rule CLM-5).
 *
 * @throws AppError already_claimed when somebody else holds it; validation_failed at memberId: `self`, `unknown`, or
 *   `no_access` for somebody who may not work this account
 */
export async function handOverCase(
  app: App,
  actor: Actor,
  input: { id: Id; memberId: Id },
  meta: CommandMeta,
): Promise<CaseAnswer> {
  const colleagues = await colleaguesOf(app, actor.workspaceId);
  return command(app, actor, meta, { name: 'case.hand_over', input }, async (tx, now) => {
    const found = await accessCase(tx, actor, input.id, 'case.hand_over');
    const receiver = colleagues.actor(input.memberId);
    if (input.memberId === actor.memberId) refuseField('memberId', 'self');
    if (receiver === null) refuseField('memberId', 'unknown');
    if (!mayOn(receiver, 'case.claim', found.account.access)) refuseField('memberId', 'no_access');
    const free = await ensureFreeFor(tx, now, found.case, actor.memberId);
    const lease = await tx.docs(leases).get(input.id);
    const passed = handOver(free, lease, actor.memberId, input.memberId, now.at);
    if (!passed.ok) throw new AppError('conflict', { rule: 'CLM-5' });
    await putLease(tx, lease, passed.lease);
    const settled = await settleClaim(tx, now, { account: found.account, case: passed.case });
    await tx.append(accountStream(input.id), [
      accountEvent(now, actor, 'case.handed_over', settled.changed, {
        data: { from: free.claimedBy, to: input.memberId, until: passed.lease.until },
      }),
    ]);
    await notify(tx, now, actor, [input.memberId], { kind: 'case.handed_over', account: found.account });
    return caseAnswer(settled.case, passed.lease.until);
  });
}
