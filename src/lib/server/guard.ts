import { ATTACHMENT_BYTES } from '#lib/domain/attachment/attachment.ts';
import { EINVOICE_BYTES } from '#lib/domain/einvoice/document.ts';
import { AppError } from '#lib/protocol/errors.ts';
import type { Config } from '#server/config.ts';

/** Bodies of every route but those that take a file, in bytes. */
const BODY_LIMIT = 512 * 1_024;

const CHANGES = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/** Where a file may travel as a raw body, and how large; null elsewhere. */
function fileLimit(config: Config, path: string): number | null {
  if (path === '/api/v1/imports') return config.importMaxBytes;
  if (path === '/api/v1/einvoices' || path === '/api/v1/einvoice-statuses') return EINVOICE_BYTES;
  return /^\/api\/v1\/disputes\/[^/]+\/attachments$/.test(path) ? ATTACHMENT_BYTES : null;
}

function allowedOrigin(config: Config, url: URL): string {
  return config.origin ?? url.origin;
}

/**
 * What is settled before anybody is recognised: size, and where a changing request with a cookie comes from.
 * A program that sends no Origin is no browser; a page cannot leave it out.
 *
 * @throws AppError too_large, bad_request, foreign_origin
 */
export function guardRequest(config: Config, request: Request, url: URL): void {
  if (!CHANGES.has(request.method)) return;
  const origin = request.headers.get('origin');
  if (request.headers.has('cookie') || origin !== null) {
    if (origin !== null && origin !== allowedOrigin(config, url)) throw new AppError('foreign_origin');
    if (
      origin === null &&
      request.headers.get('sec-fetch-site') !== null &&
      request.headers.get('sec-fetch-site') !== 'same-origin'
    )
      throw new AppError('foreign_origin');
  }
  const length = request.headers.get('content-length');
  const ofFile = fileLimit(config, url.pathname);
  const limit = ofFile ?? BODY_LIMIT;
  if (length !== null && Number(length) > limit) throw new AppError('too_large', { limit });
  // Without a length the size would be known only once it is read.
  if (length === null && request.headers.has('transfer-encoding') && ofFile === null)
    throw new AppError('bad_request', { issues: [{ path: 'Content-Length', reason: 'missing' }] });
}
