import type { Account } from '#lib/domain/account/account.ts';
import type { Dispute } from '#lib/domain/dispute/dispute.ts';
import { changeDispute as decideChange } from '#lib/domain/dispute/rules.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { ChangeDisputeInput } from '#lib/protocol/commands/dispute.ts';
import type { App } from '../../app.ts';
import { items } from '../../store/kinds/workspace.ts';
import type { Tx } from '../../store/port.ts';
import { command, expectVersion, type CommandMeta } from '../command.ts';
import { notClosed } from '../settle-account.ts';
import { accessDisputeCase } from './access-dispute.ts';
import { disputeAnswer, type DisputeAnswer } from './dispute-answer.ts';
import { refuseDispute } from './refuse-dispute.ts';
import { storeDispute } from './store-dispute.ts';

/**
 * Corrects the items, the amounts or the words of a live dispute (rule DIS-7); what is left out stays.
 *
 * @throws AppError not_found; version_conflict; dispute_state; validation_failed at items; already_disputed
 */
export function changeDispute(
  app: App,
  actor: Actor,
  input: ChangeDisputeInput,
  meta: CommandMeta,
): Promise<DisputeAnswer> {
  return command(app, actor, meta, { name: 'dispute.change', input }, async (tx, now) => {
    const found = await accessDisputeCase(tx, actor, input.id, 'dispute.open');
    expectVersion(meta, found.dispute);
    const asked = input.items?.map((one) => one.itemId) ?? [];
    const room = await roomFor(tx, found.account, asked);
    const decided = decideChange(found.dispute, input, { ...room, account: found.account });
    if (!decided.ok) refuseDispute(decided);
    const { dispute } = await storeDispute(tx, now, actor, found, decided.dispute, {
      name: 'dispute.changed',
      data: { from: found.dispute.disputedCents, to: decided.dispute.disputedCents },
    });
    return disputeAnswer(dispute);
  });
}

/** What the rules look at when items are disputed: those of the account, settled ones too, and its other disputes. */
export async function roomFor(
  tx: Tx,
  account: Pick<Account, 'id'>,
  itemIds: readonly string[],
): Promise<{ items: Awaited<ReturnType<typeof itemsOf>>; disputes: Dispute[] }> {
  return { items: await itemsOf(tx, account, itemIds), disputes: await notClosed(tx, account.id) };
}

async function itemsOf(tx: Tx, account: Pick<Account, 'id'>, ids: readonly string[]) {
  const found = ids.length === 0 ? [] : await tx.docs(items).getMany(ids);
  return found.filter((one) => one.accountId === account.id);
}
