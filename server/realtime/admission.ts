import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Actor } from '#lib/domain/member/member.ts';
import { ERRORS, type ErrorCode } from '#lib/protocol/errors.ts';
import type { App } from '../app.ts';
import { isOriginAllowed } from '../origin.ts';

export type Authenticate = (
  app: App,
  credentials: { cookie: string | undefined; authorization: string | undefined },
) => Promise<{ actor: Actor } | null>;

const REASONS: { [status: number]: string } = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  429: 'Too Many Requests',
  503: 'Service Unavailable',
};

/**
 * Who asks for the upgrade, or the code of the refusal. Judged before any library sees the request: CORS does not stop a
 * WebSocket from a foreign page, its Origin header does.
 */
export async function admit(
  app: App,
  request: IncomingMessage,
  authenticate: Authenticate,
): Promise<Actor | ErrorCode> {
  const { origin, host, cookie, authorization } = request.headers;
  if (!isOriginAllowed(app.config, origin, host)) return 'foreign_origin';
  const query = new URL(request.url ?? '/', 'http://localhost').searchParams;
  // a session identifier of Engine.IO would join an existing connection without its rights being judged
  if (query.get('transport') !== 'websocket' || query.has('sid')) return 'bad_request';
  try {
    return (await authenticate(app, { cookie, authorization }))?.actor ?? 'unauthenticated';
  } catch (error) {
    app.log.error({ err: error }, 'a connection could not be judged');
    return 'store_unavailable';
  }
}

/** Answers an upgrade with a plain HTTP refusal. */
export function refuse(socket: Duplex, code: ErrorCode): void {
  const { status } = ERRORS[code];
  const body = JSON.stringify({ type: 'about:blank', title: REASONS[status] ?? code, status, code });
  socket.end(
    `HTTP/1.1 ${status} ${REASONS[status] ?? 'Refused'}\r\nConnection: close\r\n` +
      `Content-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}
