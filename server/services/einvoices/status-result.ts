import type { EinvoiceStatus } from '#lib/domain/einvoice/status.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import { inScope } from '#lib/policies/in-scope.ts';
import type { EinvoiceResult } from '#lib/protocol/views/einvoice.ts';
import { accounts } from '../../store/kinds/workspace.ts';
import type { Tx } from '../../store/port.ts';

/** What is answered about a status; what lies outside the actor's rights, by what the account's are now, is not named. */
export async function statusResult(
  tx: Tx,
  actor: Actor,
  status: EinvoiceStatus,
  outcome: EinvoiceResult['outcome'],
): Promise<EinvoiceResult> {
  const { id, code, state, invoiceNumber } = status;
  const account = status.accountId === null ? null : await tx.docs(accounts).get(status.accountId);
  const seen = account !== null && inScope(actor.rights, account.access);
  return {
    id,
    code,
    state,
    invoiceNumber,
    outcome,
    itemId: seen ? status.itemId : null,
    accountId: seen ? status.accountId : null,
    disputeId: seen ? status.disputeId : null,
    taskId: seen ? status.taskId : null,
  };
}
