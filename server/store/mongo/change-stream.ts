import type { ChangeStreamDocument, ChangeStreamOptions, Collection, Document } from 'mongodb';

/** How long (ms) before a stream that broke is opened again. */
export const REOPEN_MS = 500;

/**
 * Follows a collection's changes until that fails or is closed. The driver goes on by itself after most errors; what it
 * gives up is told once to `onEnd`, never after the close.
 *
 * @returns closes it
 */
export function follow<R extends Document>(
  collection: Collection<R>,
  match: Document,
  options: ChangeStreamOptions,
  on: (change: ChangeStreamDocument<R>) => void,
  onEnd: (error: unknown) => void,
): () => Promise<void> {
  // Said here because a stream takes the collection's read concern, and the server knows no other for streams.
  const stream = collection.watch([{ $match: match }], {
    readConcern: { level: 'majority' },
    maxAwaitTimeMS: 1_000,
    ...options,
  });
  let over = false;
  const close = async (): Promise<void> => {
    over = true;
    // Without listeners a resumption that is under way opens nothing.
    stream.removeAllListeners('change');
    await stream.close().catch(() => undefined);
  };
  const ended = (error: unknown): void => {
    if (over) return;
    void close();
    onEnd(error);
  };
  stream.on('change', (change) => {
    if (!over) on(change);
  });
  stream.on('error', ended);
  // Where a primary steps down, the driver may end a stream without an error; where it resumes, this comes too.
  stream.on('close', () => {
    setTimeout(() => {
      if (stream.closed) ended(new Error('the change stream was closed'));
    }, REOPEN_MS).unref();
  });
  return close;
}
