import type { Account } from '#lib/domain/account/account.ts';
import type { Case } from '#lib/domain/case/case.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import { may } from '#lib/policies/may.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import type { App } from '../../app.ts';
import type { Tx } from '../../store/port.ts';
import { accessCase } from '../access-account.ts';
import { accountEvent } from '../account-event.ts';
import { colleaguesOf, mayOn, refuseField, type Colleagues } from '../colleagues.ts';
import { command, expectVersion, type CommandMeta, type Now } from '../command.ts';
import { notify } from '../notices.ts';
import { recordsOf, settleAccount, type Settled } from '../settle-account.ts';
import { caseAnswer } from './case-answer.ts';
import type { CaseAnswer } from '#lib/protocol/views/answers.ts';
import { freeClaim } from './claim.ts';
import { accessOf } from '#lib/domain/account/access.ts';

/**
 * Gives an account to another owner, or to nobody. The previous owner, the new one and whoever holds the case are told; a claim
 * survives unless its holder may not see the account any more: then it ends in the same transaction (rule OWN-6).
 *
 * @throws AppError version_conflict; validation_failed at ownerId: `unknown`, or `not_a_chaser`
 */
export async function reassignCase(
  app: App,
  actor: Actor,
  input: { id: Id; ownerId: Id | null; reason: string | null },
  meta: CommandMeta,
): Promise<CaseAnswer> {
  const colleagues = await colleaguesOf(app, actor.workspaceId);
  return command(app, actor, meta, { name: 'case.reassign', input }, async (tx, now) => {
    const found = await accessCase(tx, actor, input.id, 'case.reassign');
    expectVersion(meta, found.case);
    ensureOwner(colleagues, input.ownerId);
    if (found.account.ownerId === input.ownerId) return caseAnswer(found.case);
    const settled = await giveTo(tx, now, actor, colleagues, found, { ownerId: input.ownerId, reason: input.reason });
    await notify(tx, now, actor, [found.account.ownerId], {
      kind: 'case.reassigned',
      account: settled.account,
      data: { from: found.account.ownerId, to: input.ownerId, change: 'lost' },
      reason: input.reason,
    });
    await notify(tx, now, actor, [input.ownerId], {
      kind: 'case.reassigned',
      account: settled.account,
      data: { from: found.account.ownerId, to: input.ownerId, change: 'gained' },
      reason: input.reason,
    });
    return caseAnswer(settled.case);
  });
}

/** @throws AppError validation_failed at ownerId */
export function ensureOwner(colleagues: Colleagues, ownerId: Id | null): void {
  if (ownerId === null) return;
  const owner = colleagues.actor(ownerId);
  if (owner === null) refuseField('ownerId', 'unknown');
  if (!may(owner, 'case.claim')) refuseField('ownerId', 'not_a_chaser');
}

/** The change of owner itself, within a transaction; tells the holder of the claim, leaves the owners to the caller. */
export async function giveTo(
  tx: Tx,
  now: Now,
  actor: Actor,
  colleagues: Colleagues,
  found: { account: Account; case: Case },
  change: { ownerId: Id | null; reason: string | null },
): Promise<Settled> {
  const records = await recordsOf(tx, found.account.id);
  const account: Account = { ...found.account, ownerId: change.ownerId };
  const holderId = found.case.claimedBy;
  const access = accessOf(account, records.tasks, records.disputes);
  const cutOff = holderId !== null && !mayOn(colleagues.actor(holderId), 'account.read', access);
  const settled = await settleAccount(tx, now, {
    account,
    case: cutOff ? await freeClaim(tx, found.case) : found.case,
    records,
    touch: true,
  });
  const events = [
    accountEvent(now, actor, 'account.reassigned', settled.changed, {
      data: { from: found.account.ownerId, to: change.ownerId },
      personal: { reason: change.reason },
    }),
  ];
  if (cutOff)
    events.push(
      accountEvent(now, actor, 'case.released', { case: settled.case }, { data: { holderId, cause: 'rights_lost' } }),
    );
  await tx.append(accountStream(account.id), events);
  if (holderId !== found.account.ownerId && holderId !== change.ownerId)
    await notify(tx, now, actor, [holderId], {
      kind: 'case.reassigned',
      account: account,
      data: { from: found.account.ownerId, to: change.ownerId, change: 'held', released: cutOff },
      reason: change.reason,
    });
  return settled;
}
