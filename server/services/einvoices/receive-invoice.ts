import { differencesOf, itemLineOf, type EinvoiceDocument } from '#lib/domain/einvoice/document.ts';
import { firmName, type DocumentReference } from '#lib/domain/einvoice/match-invoice.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Entity, Workspace } from '#lib/domain/workspace/workspace.ts';
import { inScope } from '#lib/policies/in-scope.ts';
import type { InvoiceResult } from '#lib/protocol/views/einvoice.ts';
import type { App } from '../../app.ts';
import { DuplicateKey, VersionConflict, type Tx } from '../../store/port.ts';
import { attachToItem } from '../attachments/attach-to-item.ts';
import type { KeptFile } from '../attachments/keep-file.ts';
import { removeFiles } from '../attachments/remove-files.ts';
import { authorize } from '../authorize.ts';
import { command, type CommandMeta, type Now } from '../command.ts';
import { settleEntities } from '../imports/ledger-day.ts';
import { addInvoice } from './add-invoice.ts';
import { applyUnmatched } from './apply-unmatched.ts';
import { findInvoice } from './find-invoice.ts';

/** An invoice's file as received: what it says, and the file itself. */
export interface InvoiceFile {
  document: EinvoiceDocument;
  name: string;
  bytes: Uint8Array;
  /** Found by reading it. */
  type: 'application/xml' | 'application/pdf';
}

/** What the file says of itself, as a message would. */
const referenceOf = ({ number, issueDay, typeCode, buyer }: EinvoiceDocument): DocumentReference => ({
  invoiceNumber: number,
  invoiceDay: issueDay,
  documentType: typeCode,
  buyerId: buyer.siren ?? buyer.vatNumber ?? buyer.customerNumber,
  buyerName: buyer.name,
});

/** The seller's legal entity: by name, else the first one. */
function entityOf(workspace: Pick<Workspace, 'entities'>, seller: string | null): Entity | undefined {
  const name = firmName(seller ?? '');
  return workspace.entities.find((one) => name !== '' && firmName(one.name) === name) ?? workspace.entities[0];
}

async function entityFor(app: App, actor: Actor, document: EinvoiceDocument): Promise<Entity> {
  const workspace = await app.workspace(actor.workspaceId);
  const known = entityOf(workspace, document.seller.name);
  if (known !== undefined) return known;
  const made = await settleEntities(app, actor.workspaceId, { startedBy: actor.memberId, entityCodes: [''] });
  return { id: made.get('') ?? '', code: '', name: workspace.name };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}

/**
 * Takes in an invoice or credit note as a file. Where the ledger knows it the file is attached to it and what differs is said;
 * the ledger's amounts stay (rule EIN-12). Where not, the item is made, and the buyer's account if need be. Statuses that
 * had been waiting for it are applied. The same file again changes nothing.
 *
 * @throws AppError forbidden; einvoice_unreadable (buyer_several, field_missing)
 */
export async function receiveInvoice(
  app: App,
  actor: Actor,
  file: InvoiceFile,
  meta: CommandMeta,
): Promise<InvoiceResult> {
  authorize(actor, 'einvoice.receive');
  const { document, bytes, type, name } = file;
  const entity = await entityFor(app, actor, document);
  const kept: KeptFile = {
    ...(await app.store.workspace(actor.workspaceId).files.put(once(bytes), bytes.length)),
    type,
  };
  const asked = { name: 'einvoice.invoice', input: { sha256: kept.sha256, name } };
  let result: InvoiceResult;
  try {
    result = await command(app, actor, meta, asked, (tx, now) =>
      takeInvoice(tx, now, actor, { document, entity, kept, name }),
    );
  } finally {
    // Bytes that no attachment points at: the same file was there, or nothing came of it.
    await removeFiles(app, actor.workspaceId, [kept.fileId]);
  }
  if (result.outcome !== 'created') return result;
  return { ...result, statuses: await applyUnmatched(app, actor.workspaceId, [document.number]) };
}

async function takeInvoice(
  tx: Tx,
  now: Now,
  actor: Actor,
  { document, entity, kept, name }: { document: EinvoiceDocument; entity: Entity; kept: KeptFile; name: string },
): Promise<InvoiceResult> {
  const line = itemLineOf(document);
  const reference = { ...referenceOf(document), documentType: line.kind === 'credit_note' ? '381' : document.typeCode };
  const found = await findInvoice(tx, reference);
  const made = found === null ? await added(tx, now, actor, document, entity) : null;
  const account = made?.account ?? found?.account;
  const item = made?.item ?? found?.items[0];
  if (account === undefined || item === undefined) throw new Error('an invoice has its account and item');
  const attached = await attachToItem(tx, now, actor, { accountId: account.id, itemId: item.id, name, file: kept });
  const seen = inScope(actor.rights, account.access);
  return {
    invoiceNumber: document.number,
    outcome: made?.created === true ? 'created' : attached.known ? 'known' : 'attached',
    itemId: seen ? item.id : null,
    accountId: seen ? account.id : null,
    accountCreated: made?.accountCreated ?? false,
    differences: seen && made?.created !== true ? differencesOf(found?.items ?? [item], document) : [],
    statuses: 0,
  };
}

/** Somebody else brought the same invoice, or its account, a moment ago: the work is run again on what stands there now. */
async function added(...given: Parameters<typeof addInvoice>): ReturnType<typeof addInvoice> {
  try {
    return await addInvoice(...given);
  } catch (error) {
    if (error instanceof DuplicateKey) throw new VersionConflict(error.kind, error.index);
    throw error;
  }
}
