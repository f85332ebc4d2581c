import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface Receiver {
  url: string;
  received: Received[];
  /** Status that it answers with, and headers beside. */
  answer: { status: number; headers?: Record<string, string>; afterMs?: number };
  close(): Promise<void>;
}

/** A real HTTP server on the loopback address that keeps what is posted to it. */
export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const state: Receiver['answer'][] = [{ status: 204 }];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request
      .on('data', (part: Buffer) => parts.push(part))
      .on('end', () => {
        received.push({
          path: request.url ?? '',
          headers: request.headers,
          body: Buffer.concat(parts).toString('utf8'),
        });
        const { status, headers = {}, afterMs = 0 } = state[0] ?? { status: 204 };
        const answer = (): void => void response.writeHead(status, headers).end();
        if (afterMs > 0) setTimeout(answer, afterMs);
        else answer();
      });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    received,
    get answer() {
      return state[0] ?? { status: 204 };
    },
    set answer(next) {
      state[0] = next;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
