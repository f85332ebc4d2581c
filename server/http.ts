import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Config } from './config.ts';
import { isLoopbackHost } from './origin.ts';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Headers by which the handler learns scheme and address; whatever a client sends under these names is overwritten. */
export const SCHEME_HEADER = 'x-encours-scheme';
export const ADDRESS_HEADER = 'x-encours-address';

const SET_ORIGIN = `<!doctype html><meta charset="utf-8"><title>Encours</title>
<p>Encours is reached here under a name that it does not know. Start it with the setting <code>ORIGIN</code>, for example
<code>ORIGIN=https://encours.example.com</code>.</p>
<p lang="fr">Encours est joint ici sous un nom qu’il ne connaît pas. Démarrez-le avec le réglage <code>ORIGIN</code>, par exemple
<code>ORIGIN=https://encours.example.com</code>.</p>`;

/** How long a connection may take to send the head of a request, and how often that is looked at; ms. */
const HEAD_MS = 8_000;
const LOOK_MS = 1_000;
/** How long a body that nobody reads is taken after the answer (ms). */
const LINGER_MS = 3_000;

/** The HTTP server around SvelteKit's handler: scheme, host and address are settled before it, never guessed from the client. */
export function createHttpServer(config: Config, handler: Handler): Server {
  const server = createServer(
    { connectionsCheckingInterval: LOOK_MS, headersTimeout: HEAD_MS },
    (request, response) => {
      response.setHeader('x-content-type-options', 'nosniff');
      response.once('finish', () => letGo(request));
      if (config.origin === null) {
        if (!isLoopbackHost(request.headers.host)) {
          response
            .writeHead(421, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' })
            .end(SET_ORIGIN);
          return;
        }
        request.headers[SCHEME_HEADER] = 'http';
      }
      request.headers[ADDRESS_HEADER] = addressOf(config, request);
      // The handler takes a body without a type for no body at all: a command would run on nothing.
      if (carriesBody(request)) request.headers['content-type'] ??= 'application/octet-stream';
      handler(request, response);
    },
  );
  server.requestTimeout = 300_000;
  server.keepAliveTimeout = 65_000;
  return server;
}

/** Who is at the other end: behind a proxy of ours, the last address that it wrote; what stands before may be invented. */
function addressOf({ trustedProxy }: Config, { headers, socket }: IncomingMessage): string {
  const direct = socket.remoteAddress ?? '';
  if (!trustedProxy) return direct;
  const forwarded = headers['x-forwarded-for'];
  const last = (Array.isArray(forwarded) ? forwarded.join(',') : (forwarded ?? '')).split(',').at(-1)?.trim() ?? '';
  return last === '' ? direct : last;
}

/**
 * A request that is answered before its body was read (too large, not allowed) would keep its connection waiting for ever: what
 * still comes is read and dropped for a while, so that the client gets to its answer and the connection can be used again.
 */
function letGo(request: IncomingMessage): void {
  if (request.complete && request.readableEnded) return;
  request.removeAllListeners('data');
  request.resume();
  const end = setTimeout(() => request.socket.destroy(), LINGER_MS).unref();
  request.once('close', () => clearTimeout(end));
  request.once('end', () => clearTimeout(end));
}

const carriesBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

/** Follows the server's requests; the answer waits until all that are under way are answered, so many ms at most. */
export function followRequests(server: Server): (ms: number) => Promise<void> {
  const underWay = new Set<ServerResponse>();
  server.on('request', (_, response: ServerResponse) => {
    underWay.add(response);
    response.once('close', () => underWay.delete(response));
  });
  return (ms) =>
    new Promise((resolve) => {
      const end = setTimeout(resolve, ms);
      const look = (): void => {
        if (underWay.size > 0) return;
        clearTimeout(end);
        resolve();
      };
      for (const response of underWay) response.once('close', look);
      look();
    });
}
