import type { EinvoiceStatus } from '#lib/domain/einvoice/status.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import type { Action } from '#lib/policies/actions.ts';
import { inScope } from '#lib/policies/in-scope.ts';
import { AppError } from '#lib/protocol/errors.ts';
import { einvoiceStatuses } from '../../store/kinds/disputes.ts';
import { accounts } from '../../store/kinds/workspace.ts';
import type { Tx, WorkspaceStore } from '../../store/port.ts';
import { authorize } from '../authorize.ts';

/**
 * The only way to get a received status on behalf of somebody (rule EIN-15).
 *
 * @throws AppError forbidden when the role may not; not_found, alike, when it is unknown or out of scope
 */
export async function accessStatus(
  reader: Tx | WorkspaceStore,
  actor: Actor,
  statusId: Id,
  action: Action,
): Promise<EinvoiceStatus> {
  authorize(actor, action);
  const status = await reader.docs(einvoiceStatuses).get(statusId);
  if (status === null) throw new AppError('not_found');
  const account = status.accountId === null ? null : await reader.docs(accounts).get(status.accountId);
  const access = status.accountId === null ? status.access : account?.access;
  if (access === undefined || !inScope(actor.rights, access)) throw new AppError('not_found');
  return status;
}
