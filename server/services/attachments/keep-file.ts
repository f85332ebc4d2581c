import { ATTACHMENT_BYTES, type AttachmentType } from '#lib/domain/attachment/attachment.ts';
import { fileTypeOf, HEAD_BYTES, TAIL_BYTES } from '#lib/domain/attachment/file-type.ts';
import type { Id } from '#lib/domain/values.ts';
import { AppError } from '#lib/protocol/errors.ts';
import type { App } from '../../app.ts';
import { FileTooLarge, type StoredFile } from '../../store/port.ts';

/** A file whose bytes are kept and whose type is known; no record points at it yet. */
export interface KeptFile extends StoredFile {
  type: AttachmentType;
}

/**
 * Keeps the bytes of a file as they come, in constant memory, and finds what it is by its content. Before the transaction that
 * makes its record: without one, the sweep takes it away.
 *
 * @throws AppError too_large as soon as there is one byte too many; unsupported_media for a type that is not kept;
 *   bad_request for an empty one; StoreUnavailable
 */
export async function keepFile(
  app: App,
  workspaceId: Id,
  source: AsyncIterable<Uint8Array>,
  limit: number = ATTACHMENT_BYTES,
): Promise<KeptFile> {
  const { files } = app.store.workspace(workspaceId);
  const ends = new Ends();
  const kept = await files.put(ends.watch(source), limit).catch((error: unknown) => {
    throw error instanceof FileTooLarge ? new AppError('too_large', { maxBytes: limit }) : error;
  });
  const type = fileTypeOf(ends.head, ends.tail);
  if (type !== null) return { ...kept, type };
  await files.remove(kept.fileId);
  if (kept.bytes === 0) throw new AppError('bad_request', { issues: [{ path: 'body', reason: 'empty' }] });
  throw new AppError('unsupported_media', { rule: 'file_type' });
}

/** The first and last bytes of what passes. */
class Ends {
  #head: Uint8Array[] = [];
  #headBytes = 0;
  #tail = new Uint8Array(0);

  get head(): Uint8Array {
    return Buffer.concat(this.#head);
  }
  get tail(): Uint8Array {
    return this.#tail;
  }

  async *watch(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      if (this.#headBytes < HEAD_BYTES) {
        const part = chunk.slice(0, HEAD_BYTES - this.#headBytes);
        this.#head.push(part);
        this.#headBytes += part.length;
      }
      this.#tail =
        chunk.length >= TAIL_BYTES
          ? chunk.slice(-TAIL_BYTES)
          : Buffer.concat([this.#tail.subarray(-(TAIL_BYTES - chunk.length)), chunk]);
      yield chunk;
    }
  }
}
