import type { ImportRun } from '#lib/domain/import/import.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import { stageImportInput } from '#lib/protocol/commands/import.ts';
import { AppError } from '#lib/protocol/errors.ts';
import type { App } from '../app.ts';
import { authorize } from '../services/authorize.ts';
import { stageImport } from '../import/stage-import.ts';
import { parseInput } from './run.ts';

/**
 * Stages a ledger file from a raw body. The mapping travels as JSON in the query.
 *
 * @param given the query's parameters: kind, asOf, fileName, mapping; `wait=0` answers before the dry run is done
 * @throws AppError forbidden, validation_failed, and whatever staging refuses
 */
export async function stageFile(
  app: App,
  actor: Actor,
  given: Record<string, string>,
  bytes: AsyncIterable<Uint8Array>,
  idempotencyKey: string | null,
): Promise<ImportRun> {
  authorize(actor, 'import.stage');
  const mapping = given.mapping === undefined || given.mapping === '' ? null : parseMapping(given.mapping);
  const input = parseInput(stageImportInput, { ...given, asOf: given.asOf ?? null, mapping });
  const options = given.wait === '0' ? { waitMs: 0 } : {};
  return stageImport(app, actor, input, bytes, { idempotencyKey, expectedVersion: null }, options);
}

function parseMapping(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new AppError('validation_failed', { issues: [{ path: 'mapping', reason: 'json' }] });
  }
}
