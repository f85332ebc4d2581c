import type { Account } from '#lib/domain/account/account.ts';
import type { Dispute, DisputeReason, DisputeSource } from '#lib/domain/dispute/dispute.ts';
import type { AskedItem } from '#lib/domain/dispute/disputed-items.ts';
import { openDispute } from '#lib/domain/dispute/rules.ts';
import type { Department } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import { newId } from '../../store/id.ts';
import { disputes } from '../../store/kinds/disputes.ts';
import { items } from '../../store/kinds/workspace.ts';
import type { Tx } from '../../store/port.ts';
import type { Now } from '../command.ts';
import { notClosed } from '../settle-account.ts';
import { actOf } from './act.ts';
import { nextDisputeNumber } from './dispute-numbers.ts';
import { refuseDispute } from './refuse-dispute.ts';

/** What a dispute is opened with. `items`: of this account, of one currency; cents null: all that is left of it. */
export interface Opening {
  account: Account;
  items: readonly AskedItem[];
  reason: DisputeReason;
  source: DisputeSource;
  detail: string | null;
  /** Null: the reason's usual owner. */
  department: Department | null;
  memberId: Id | null;
  requestedAction: string | null;
}

/**
 * Opens a dispute within a caller's transaction, whoever asks: a member, an import, a buyer's message. The caller settles
 * the account afterwards and says `dispute.opened` (`openedEvent`).
 *
 * @throws AppError validation_failed at items with `itemId` beside; already_disputed
 */
export async function openDisputeIn(tx: Tx, now: Now, actor: { memberId: string }, opening: Opening): Promise<Dispute> {
  const { account, ...input } = opening;
  const asked = await tx.docs(items).getMany(opening.items.map((one) => one.itemId));
  const opened = openDispute(
    {
      id: newId(now.ms),
      number: await nextDisputeNumber(tx),
      account,
      items: asked.filter((one) => one.accountId === account.id),
      disputes: await notClosed(tx, account.id),
    },
    input,
    actOf(now, actor),
  );
  if (!opened.ok) refuseDispute(opened);
  await tx.docs(disputes).insert(opened.dispute);
  return opened.dispute;
}
