import type { Account } from '#lib/domain/account/account.ts';
import type { Dispute, DisputeReason, DisputeSource } from '#lib/domain/dispute/dispute.ts';
import type { AskedItem } from '#lib/domain/dispute/disputed-items.ts';
import { openDispute } from '#lib/domain/dispute/rules.ts';
import type { Department } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import { newId } from '../../store/id.ts';
import { counters, disputes } from '../../store/kinds/disputes.ts';
import { items } from '../../store/kinds/workspace.ts';
import { DuplicateKey, VersionConflict, type Tx } from '../../store/port.ts';
import { allOf } from '../all-of.ts';
import type { Now } from '../command.ts';
import { actOf } from './act.ts';
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
      number: await nextNumber(tx),
      account,
      items: asked.filter((one) => one.accountId === account.id),
      disputes: await disputesOf(tx, account.id),
    },
    input,
    actOf(now, actor),
  );
  if (!opened.ok) refuseDispute(opened);
  await tx.docs(disputes).insert(opened.dispute);
  return opened.dispute;
}

/** The account's disputes that are not closed. */
export function disputesOf(tx: Tx, accountId: Id): Promise<Dispute[]> {
  const state = { $in: ['open', 'qualified', 'assigned', 'waiting_customer', 'resolved'] };
  return allOf(tx.docs(disputes), { accountId, state }, ['state']);
}

/** 1, 2, 3… in the workspace; a number that is given and not used stays free, as the transaction goes back. */
async function nextNumber(tx: Tx): Promise<number> {
  const docs = tx.docs(counters);
  const known = await docs.get('dispute');
  if (known !== null) return (await docs.replace({ ...known, last: known.last + 1 })).last;
  try {
    await docs.insert({ id: 'dispute', version: 1, last: 1 });
  } catch (error) {
    // Two first disputes at once: the later one takes the next number.
    if (error instanceof DuplicateKey) throw new VersionConflict(counters.name, 'dispute');
    throw error;
  }
  return 1;
}
