import * as v from 'valibot';
import type { Actor } from '#lib/domain/member/member.ts';
import { AppError, type FieldIssue } from '#lib/protocol/errors.ts';
import type { App } from '../app.ts';
import { authorize } from '../services/authorize.ts';
import type { CommandMeta } from '../services/command.ts';
import type { Operation } from './operation.ts';

/**
 * Validates the input once, at the edge, asks whether the role may do it at all, and runs it.
 *
 * @throws AppError validation_failed with one issue per field; forbidden; whatever the service refuses
 */
export async function runOperation(
  app: App,
  actor: Actor,
  operation: Operation,
  input: unknown,
  meta: CommandMeta,
): Promise<unknown> {
  if (operation.action !== null) authorize(actor, operation.action);
  return operation.run(app, actor, parseInput(operation.input, input), meta);
}

/** @throws AppError validation_failed */
export function parseInput<S extends v.GenericSchema>(schema: S, input: unknown): v.InferOutput<S> {
  const result = v.safeParse(schema, input);
  if (result.success) return result.output;
  const issues: FieldIssue[] = result.issues.slice(0, 20).map((issue) => ({
    path: v.getDotPath(issue) ?? '',
    reason: issue.message.length > 40 ? issue.type : issue.message,
  }));
  throw new AppError('validation_failed', { issues });
}
