import type { Actor } from '#lib/domain/member/member.ts';
import type { OpenDisputeInput } from '#lib/protocol/commands/dispute.ts';
import type { App } from '../../app.ts';
import { accessCase } from '../access-account.ts';
import { colleaguesOf } from '../colleagues.ts';
import { command, type CommandMeta } from '../command.ts';
import { disputeAnswer, type DisputeAnswer } from './dispute-answer.ts';
import { ensureSettler, followDispute, tellDispute } from './dispute-people.ts';
import { openDisputeIn } from './open-in.ts';
import { storeDispute } from './store-dispute.ts';

/**
 * Opens a dispute on items of one account and currency, whole or in part (rules DIS-1, DIS-2, DIS-7). Only what is
 * contested leaves collection. The account's owner, its sales rep and the dispute's person are told.
 *
 * @throws AppError not_found; validation_failed at items or memberId; already_disputed
 */
export async function openDispute(
  app: App,
  actor: Actor,
  input: OpenDisputeInput,
  meta: CommandMeta,
): Promise<DisputeAnswer> {
  const colleagues = await colleaguesOf(app, actor.workspaceId);
  return command(app, actor, meta, { name: 'dispute.open', input }, async (tx, now) => {
    const found = await accessCase(tx, actor, input.accountId, 'dispute.open');
    ensureSettler(colleagues, input.memberId);
    const opened = await openDisputeIn(tx, now, actor, {
      account: found.account,
      items: input.items,
      reason: input.reason,
      source: 'member',
      detail: input.detail,
      department: input.department,
      memberId: input.memberId,
      requestedAction: null,
    });
    const { dispute, account } = await storeDispute(tx, now, actor, found, opened, { name: 'dispute.opened' });
    await followDispute(tx, dispute, [actor.memberId, dispute.memberId]);
    const to = [account.ownerId, account.salesRepId, dispute.memberId];
    await tellDispute(tx, now, actor, { kind: 'dispute.opened', dispute, account, to, colleagues });
    return disputeAnswer(dispute);
  });
}
