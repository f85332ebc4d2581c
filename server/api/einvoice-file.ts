import { EINVOICE_BYTES } from '#lib/domain/einvoice/document.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import { einvoiceFileInput } from '#lib/protocol/commands/einvoice.ts';
import { AppError } from '#lib/protocol/errors.ts';
import type { EinvoiceFileAnswer } from '#lib/protocol/views/einvoice.ts';
import type { App } from '../app.ts';
import { takeFile } from '../import/einvoice/take-file.ts';
import { authorize } from '../services/authorize.ts';
import { parseInput } from './run.ts';

/**
 * Takes in a file of an e-invoice or of a status from a raw body.
 *
 * @param given the query's `name`
 * @param only `status`: an invoice is refused
 * @throws AppError forbidden, validation_failed, too_large, einvoice_unreadable
 */
export async function receiveEinvoiceFile(
  app: App,
  actor: Actor,
  given: Record<string, string>,
  bytes: AsyncIterable<Uint8Array>,
  { idempotencyKey, only }: { idempotencyKey: string | null; only: 'status' | null },
): Promise<EinvoiceFileAnswer> {
  authorize(actor, 'einvoice.receive');
  const { name } = parseInput(einvoiceFileInput, given);
  const file = await whole(bytes);
  const meta = { idempotencyKey, expectedVersion: null };
  return takeFile(app, actor, only === null ? { name } : { name, only }, file, meta);
}

async function whole(bytes: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of bytes) {
    length += part.length;
    if (length > EINVOICE_BYTES) throw new AppError('too_large', { maxBytes: EINVOICE_BYTES });
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts, length));
}
