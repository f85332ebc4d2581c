import { ACCOUNT_OPERATIONS } from './account-operations.ts';
import { CASE_OPERATIONS } from './case-operations.ts';
import { DISPUTE_OPERATIONS } from './dispute-operations.ts';
import { EINVOICE_OPERATIONS } from './einvoice-operations.ts';
import { INBOX_OPERATIONS } from './inbox-operations.ts';
import type { Operation } from './operation.ts';
import { THREAD_OPERATIONS } from './thread-operations.ts';
import { WEBHOOK_OPERATIONS } from './webhook-operations.ts';
import { WORKSPACE_OPERATIONS } from './workspace-operations.ts';

/** Everything that can be asked of Encours. A path with a fixed word stands before one with a parameter in its place. */
export const OPERATIONS: readonly Operation[] = [
  ...CASE_OPERATIONS,
  ...ACCOUNT_OPERATIONS,
  ...DISPUTE_OPERATIONS,
  ...EINVOICE_OPERATIONS,
  ...INBOX_OPERATIONS,
  ...WEBHOOK_OPERATIONS,
  ...THREAD_OPERATIONS,
  ...WORKSPACE_OPERATIONS,
];

const byId = new Map(OPERATIONS.map((operation) => [operation.id, operation]));

/** The operation of this name. @throws Error for a name that is not declared: a bug in the caller */
export function operationOf(id: string): Operation {
  const operation = byId.get(id);
  if (operation === undefined) throw new Error(`no operation ${id}`);
  return operation;
}
