import type { Attachment } from '#lib/domain/attachment/attachment.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import { addAttachmentInput } from '#lib/protocol/commands/thread.ts';
import { AppError } from '#lib/protocol/errors.ts';
import { storeOf, type App } from '../app.ts';
import { accessAttachment } from '../services/attachments/access-attachment.ts';
import { addAttachment } from '../services/attachments/add-attachment.ts';
import { authorize } from '../services/authorize.ts';
import { parseInput } from './run.ts';

/** Pictures that a screen may show as they are. */
const SHOWN: readonly string[] = ['image/jpeg', 'image/png', 'image/webp', 'image/gif'];

/**
 * Takes in a file from a raw body.
 *
 * @param given the dispute's `id`, and the query's `audience` and `name`
 * @throws AppError forbidden, validation_failed, and whatever addAttachment refuses
 */
export function receiveAttachment(
  app: App,
  actor: Actor,
  given: Record<string, string>,
  bytes: AsyncIterable<Uint8Array>,
  idempotencyKey: string | null,
): Promise<Attachment> {
  authorize(actor, 'thread.write');
  const input = parseInput(addAttachmentInput, given);
  return addAttachment(app, actor, input, bytes, { idempotencyKey, expectedVersion: null });
}

/**
 * A file's bytes, with the rights of this moment. Never as a page: always to be saved, in a sandbox without script should a
 * browser open it all the same.
 *
 * @param preview the bytes of a picture under its own type, or of a PDF for a program that draws it; anything else is
 *   not_found
 * @throws AppError not_found; forbidden
 */
export async function sendAttachment(
  app: App,
  actor: Actor,
  id: Id,
  { preview }: { preview: boolean },
): Promise<Response> {
  authorize(actor, 'thread.read');
  const store = storeOf(app, actor);
  const { attachment } = await accessAttachment(store, actor, id, 'read');
  const { name, type, bytes, fileId } = attachment;
  const shown = SHOWN.includes(type);
  if (preview && !shown && type !== 'application/pdf') throw new AppError('not_found');
  const content = await store.files.open(fileId);
  if (content === null) throw new AppError('not_found');
  const asType = preview ? (shown ? type : 'application/octet-stream') : type;
  return new Response(streamOf(content), {
    headers: {
      'content-type': asType.startsWith('text/') ? 'text/plain' : asType,
      'content-length': String(bytes),
      'content-disposition': `attachment; filename="${asciiName(name)}"; filename*=UTF-8''${encodeName(name)}`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'private, no-store',
    },
  });
}

const asciiName = (name: string): string => name.replace(/[^\x20-\x7e]|["\\%;]/g, '_');
const encodeName = (name: string): string =>
  encodeURIComponent(name).replace(/['()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

function streamOf(content: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = content[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const { done, value } = await iterator.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
      cancel: async () => {
        await iterator.return?.();
      },
    },
    { highWaterMark: 1 },
  );
}
