import { MongoError, MongoErrorLabel, MongoServerError } from 'mongodb';
import { DuplicateKey, StoreUnavailable } from '../port.ts';

const DUPLICATE = 11_000;

interface Duplicate {
  /** MongoDB's name of the index that refused. */
  index: string;
}

/** What a unique index refused, from a single write or from a bulk; null for any other error. */
export function duplicateOf(error: unknown): Duplicate | null {
  if (!(error instanceof MongoServerError) || error.code !== DUPLICATE) return null;
  const index = /index: (\S+?)(?: dup key|\s|$)/.exec(error.message)?.[1] ?? '';
  // Older servers name it with its database: `db.collection.$name`.
  return { index: index.split('$').at(-1) ?? index };
}

/** The port's error for a document's write; other errors are left as they are, so that the driver can see its labels. */
export function writeError(error: unknown, kind: string): unknown {
  const duplicate = duplicateOf(error);
  if (duplicate === null) return error;
  return new DuplicateKey(kind, duplicate.index === '_id_' ? 'id' : duplicate.index.replace(/^i_/, ''));
}

/** Makes the driver run the transaction again. */
export function tryAgain(error: unknown): unknown {
  if (error instanceof MongoError) error.addErrorLabel(MongoErrorLabel.TransientTransactionError);
  return error;
}

/** What a caller of the store hears: the port's own errors as they are, what the database cannot do now as StoreUnavailable. */
export function toPortError(error: unknown): unknown {
  return error instanceof MongoError ? new StoreUnavailable(error.message, { cause: error }) : error;
}

/** Runs an operation outside any transaction. */
export async function outside<R>(operation: () => Promise<R>): Promise<R> {
  try {
    return await operation();
  } catch (error) {
    throw toPortError(error);
  }
}
