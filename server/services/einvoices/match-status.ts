import { canBeTold, instalmentsOf } from '#lib/domain/einvoice/match-by-hand.ts';
import type { EinvoiceStatus } from '#lib/domain/einvoice/status.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import { AppError } from '#lib/protocol/errors.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import type { MatchEinvoiceInput } from '#lib/protocol/commands/einvoice.ts';
import type { EinvoiceResult } from '#lib/protocol/views/einvoice.ts';
import type { App } from '../../app.ts';
import { einvoiceStatuses } from '../../store/kinds/disputes.ts';
import { items } from '../../store/kinds/workspace.ts';
import type { Tx, WorkspaceStore } from '../../store/port.ts';
import { accessAccount } from '../access-account.ts';
import { accountEvent } from '../account-event.ts';
import { allOf } from '../all-of.ts';
import { authorize } from '../authorize.ts';
import { colleaguesOf, refuseField, type Colleagues } from '../colleagues.ts';
import { command, type CommandMeta, type Now } from '../command.ts';
import { accessStatus } from './access-status.ts';
import { applyStatus, type MatchedStatus } from './apply-status.ts';
import { statusResult } from './status-result.ts';

/**
 * Joins a status that waits, or was set aside, to the invoice that a person chose, and does what it would have done had it found
 * it by itself (rule EIN-16). Done again with the same invoice it changes nothing.
 *
 * @throws AppError forbidden; not_found for a status or an item out of reach; validation_failed (`not_an_invoice`);
 *   einvoice_matched when it has found another invoice meanwhile
 */
export async function matchStatus(
  app: App,
  actor: Actor,
  input: MatchEinvoiceInput,
  meta: CommandMeta,
): Promise<EinvoiceResult> {
  authorize(actor, 'einvoice.match');
  const colleagues = await colleaguesOf(app, actor.workspaceId);
  return command(app, actor, meta, { name: 'einvoice.match', input }, async (tx, now) => {
    const status = await accessStatus(tx, actor, input.id, 'einvoice.match');
    const chosen = await chosenInvoice(tx, actor, input);
    if (status.accountId === null) {
      const stored = await joinStatus(tx, now, actor, colleagues, { status, ...chosen });
      return statusResult(tx, actor, stored, stored.outcome);
    }
    if (chosen.items.every((item) => item.id !== status.itemId)) throw new AppError('einvoice_matched');
    return statusResult(tx, actor, status, 'known');
  });
}

/** The invoice of which an instalment was chosen. @throws AppError not_found; validation_failed */
export async function chosenInvoice(
  reader: Tx | WorkspaceStore,
  actor: Actor,
  { itemId }: MatchEinvoiceInput,
): Promise<Pick<MatchedStatus, 'account' | 'items'>> {
  const item = await reader.docs(items).get(itemId);
  if (item === null) throw new AppError('not_found');
  const account = await accessAccount(reader, actor, item.accountId, 'account.read');
  if (!canBeTold(item)) refuseField('itemId', 'not_an_invoice');
  const alike = await allOf(reader.docs(items), { number: item.number, accountId: account.id });
  return { account, items: instalmentsOf(item, alike) };
}

/** Does it within a transaction, and says who chose. Answers the status as stored. */
export async function joinStatus(
  tx: Tx,
  now: Now,
  actor: Actor,
  colleagues: Colleagues,
  { status, account, items: chosen }: MatchedStatus,
): Promise<EinvoiceStatus> {
  const [first] = chosen;
  if (first === undefined) throw new AppError('not_found');
  const { id: statusId, code, state, invoiceNumber } = status;
  const data = { statusId, code, state, itemId: first.id, itemNumber: first.number, toldNumber: invoiceNumber };
  await tx.append(accountStream(account.id), [accountEvent(now, actor, 'einvoice.matched', {}, { data })]);
  const applied = await applyStatus(tx, now, actor, colleagues, { status, account, items: chosen });
  const judged = { by: actor.memberId, at: now.at, reason: null };
  return tx.docs(einvoiceStatuses).replace({ ...applied, judged });
}
