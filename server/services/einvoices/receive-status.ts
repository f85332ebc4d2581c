import { hash } from 'node:crypto';
import { detailOf } from '#lib/domain/einvoice/detail.ts';
import { stateOfCode } from '#lib/domain/einvoice/codes.ts';
import {
  amountOf,
  announcedDayOf,
  approvedOf,
  type Statement,
  type StatusMessage,
} from '#lib/domain/einvoice/statement.ts';
import type { EinvoiceStatus } from '#lib/domain/einvoice/status.ts';
import { departmentToken } from '#lib/domain/account/access.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import type { EinvoiceResult } from '#lib/protocol/views/einvoice.ts';
import type { App } from '../../app.ts';
import { einvoiceStatuses } from '../../store/kinds/disputes.ts';
import type { Tx } from '../../store/port.ts';
import { authorize } from '../authorize.ts';
import { colleaguesOf, type Colleagues } from '../colleagues.ts';
import { command, type CommandMeta, type Now } from '../command.ts';
import { applyStatus } from './apply-status.ts';
import { findInvoice } from './find-invoice.ts';
import { statusResult } from './status-result.ts';

/**
 * Id of what a message says of one document: the same message sent twice is one (rule EIN-2). Senders number their messages
 * each in their own way, so its issuer and what it speaks of belong to it.
 */
export function statusId(message: Pick<StatusMessage, 'messageId' | 'issuer'>, statement: Statement): Id {
  const parts = [
    message.messageId,
    message.issuer,
    statement.sellerId,
    statement.invoiceNumber,
    statement.invoiceDay,
    statement.documentType,
    statement.code,
  ];
  return `es-${hash('sha256', JSON.stringify(parts), 'hex').slice(0, 40)}`;
}

function statusOf(message: StatusMessage, statement: Statement, actor: Actor, at: string): EinvoiceStatus {
  const amount = amountOf(statement);
  return {
    id: statusId(message, statement),
    version: 1,
    messageId: message.messageId,
    code: statement.code,
    state: stateOfCode(statement.code),
    invoiceNumber: statement.invoiceNumber,
    invoiceDay: statement.invoiceDay,
    documentType: statement.documentType,
    statedAt: statement.statedAt,
    receivedAt: at,
    reasons: statement.reasons.slice(0, 20),
    actions: statement.actions.slice(0, 20),
    detail: detailOf(statement, actor.locale),
    cents: amount?.cents ?? null,
    approvedCents: approvedOf(statement),
    currency: amount?.currency ?? null,
    announcedDay: announcedDayOf(statement),
    buyerId: statement.buyerId,
    buyerName: statement.buyerName,
    itemId: null,
    accountId: null,
    disputeId: null,
    taskId: null,
    outcome: 'unmatched',
    access: [departmentToken('adv')],
  };
}

/**
 * Takes in a life-cycle message of the buyer's platform: for each document that it speaks of the invoice is found, its state
 * set, and what follows is done (rules EIN-1 to EIN-8). Repeated, late and unknown ones do no harm; one whose invoice is not
 * known waits for it. One transaction a document.
 *
 * @returns one result a document, in the message's order
 * @throws AppError forbidden
 */
export async function receiveStatus(
  app: App,
  actor: Actor,
  message: StatusMessage,
  meta: CommandMeta,
): Promise<{ messageId: string; results: EinvoiceResult[] }> {
  authorize(actor, 'einvoice.receive');
  const colleagues = await colleaguesOf(app, actor.workspaceId);
  const results: EinvoiceResult[] = [];
  for (const [index, statement] of message.statements.entries()) {
    const key = meta.idempotencyKey === null ? null : `${meta.idempotencyKey}${index === 0 ? '' : `:${index}`}`;
    const asked = { name: 'einvoice.receive', input: { id: statusId(message, statement), statement } };
    results.push(
      await command(app, actor, { idempotencyKey: key, expectedVersion: null }, asked, (tx, now) =>
        receiveOne(tx, now, actor, colleagues, { message, statement }),
      ),
    );
  }
  return { messageId: message.messageId, results };
}

async function receiveOne(
  tx: Tx,
  now: Now,
  actor: Actor,
  colleagues: Colleagues,
  { message, statement }: { message: StatusMessage; statement: Statement },
): Promise<EinvoiceResult> {
  const status = statusOf(message, statement, actor, now.at);
  const known = await tx.docs(einvoiceStatuses).get(status.id);
  if (known !== null) return statusResult(tx, actor, known, known.outcome === 'unmatched' ? 'unmatched' : 'known');
  const found = await findInvoice(tx, status);
  const applied = found === null ? status : await applyStatus(tx, now, actor, colleagues, { status, ...found });
  await tx.docs(einvoiceStatuses).insert(applied);
  return statusResult(tx, actor, applied, applied.outcome);
}
