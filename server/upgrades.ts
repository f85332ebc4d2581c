import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

/** Takes over a socket that asks to become a WebSocket. */
export type HandleUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/**
 * The one upgrade handler: each path has its owner, an unknown one is answered 404.
 *
 * @param shared true in development: unknown paths are left to Vite
 * @returns a function that stops listening
 */
export function dispatchUpgrades(
  server: Server,
  owners: { prefix: string; handle: HandleUpgrade }[],
  shared: boolean,
): () => void {
  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    // A socket without an error listener ends the process when its peer breaks it.
    socket.on('error', () => socket.destroy());
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    const owner = owners.find(({ prefix }) => path.startsWith(prefix));
    if (owner !== undefined) owner.handle(request, socket, head);
    else if (!shared) socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  };
  server.on('upgrade', onUpgrade);
  return () => server.off('upgrade', onUpgrade);
}
