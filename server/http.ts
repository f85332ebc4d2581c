import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Config } from './config.ts';
import { isLoopbackHost } from './origin.ts';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Header by which the handler learns the scheme; whatever a client sends under this name is overwritten. */
export const SCHEME_HEADER = 'x-encours-scheme';

const SET_ORIGIN = `<!doctype html><meta charset="utf-8"><title>Encours</title>
<p>Encours is reached here under a name that it does not know. Start it with the setting <code>ORIGIN</code>, for example
<code>ORIGIN=https://encours.example.com</code>.</p>
<p lang="fr">Encours est joint ici sous un nom qu’il ne connaît pas. Démarrez-le avec le réglage <code>ORIGIN</code>, par exemple
<code>ORIGIN=https://encours.example.com</code>.</p>`;

/** The HTTP server around SvelteKit's handler: scheme and host are settled before it, never guessed from the client. */
export function createHttpServer(config: Config, handler: Handler): Server {
  const server = createServer((request, response) => {
    if (config.origin === null) {
      if (!isLoopbackHost(request.headers.host)) {
        response
          .writeHead(421, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' })
          .end(SET_ORIGIN);
        return;
      }
      request.headers[SCHEME_HEADER] = 'http';
    }
    handler(request, response);
  });
  server.headersTimeout = 20_000;
  server.requestTimeout = 300_000;
  server.keepAliveTimeout = 65_000;
  return server;
}
