import type { Actor } from '#lib/domain/member/member.ts';
import type { SetEinvoiceAsideInput } from '#lib/protocol/commands/einvoice.ts';
import { AppError } from '#lib/protocol/errors.ts';
import { workspaceStream } from '#lib/protocol/streams.ts';
import type { EinvoiceResult } from '#lib/protocol/views/einvoice.ts';
import type { App } from '../../app.ts';
import { einvoiceStatuses } from '../../store/kinds/disputes.ts';
import { eventOf } from '../account-event.ts';
import { command, type CommandMeta } from '../command.ts';
import { accessStatus } from './access-status.ts';
import { statusResult } from './status-result.ts';

/**
 * Puts a status away that waits for an invoice which will not come: it is not applied by itself any more; a person can still join
 * it to an invoice (rule EIN-16). The reason stays with it; the workspace's stream says who and when.
 *
 * @throws AppError forbidden; not_found; einvoice_matched when it has found its invoice meanwhile
 */
export async function setStatusAside(
  app: App,
  actor: Actor,
  input: SetEinvoiceAsideInput,
  meta: CommandMeta,
): Promise<EinvoiceResult> {
  return command(app, actor, meta, { name: 'einvoice.set_aside', input }, async (tx, now) => {
    const status = await accessStatus(tx, actor, input.id, 'einvoice.match');
    if (status.accountId !== null) throw new AppError('einvoice_matched');
    if (status.outcome === 'set_aside') return statusResult(tx, actor, status, 'set_aside');
    const judged = { by: actor.memberId, at: now.at, reason: input.reason };
    const stored = await tx.docs(einvoiceStatuses).replace({ ...status, outcome: 'set_aside', judged });
    const { id: statusId, code, invoiceNumber } = status;
    await tx.append(workspaceStream(actor.workspaceId), [
      eventOf(now, actor, 'einvoice.set_aside', { statusId, code, invoiceNumber }),
    ]);
    return statusResult(tx, actor, stored, 'set_aside');
  });
}
