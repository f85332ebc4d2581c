import type { Actor } from '#lib/domain/member/member.ts';
import type { EinvoiceFileAnswer } from '#lib/protocol/views/einvoice.ts';
import type { App } from '../../app.ts';
import { authorize } from '../../services/authorize.ts';
import type { CommandMeta } from '../../services/command.ts';
import { receiveInvoice } from '../../services/einvoices/receive-invoice.ts';
import { receiveStatus } from '../../services/einvoices/receive-status.ts';
import { readFile } from './read-file.ts';
import { refuseFile } from './refused.ts';

/**
 * Takes in a file as it comes: a life-cycle message is applied, an invoice (XML, Factur-X PDF) is added or attached. What it is
 * is found by its content.
 *
 * @param given.only `status`: anything else is refused
 * @throws AppError forbidden; too_large; einvoice_unreadable, the rule says why
 */
export async function takeFile(
  app: App,
  actor: Actor,
  given: { name: string; only?: 'status' },
  bytes: Uint8Array,
  meta: CommandMeta,
): Promise<EinvoiceFileAnswer> {
  authorize(actor, 'einvoice.receive');
  const { timeZone } = await app.workspace(actor.workspaceId);
  const file = await readFile(bytes, timeZone);
  if (file.kind === 'status') return { kind: 'status', ...(await receiveStatus(app, actor, file.message, meta)) };
  if (given.only === 'status') refuseFile('not_a_status');
  const { document, type } = file;
  return {
    kind: 'invoice',
    result: await receiveInvoice(app, actor, { document, type, name: given.name, bytes }, meta),
  };
}
