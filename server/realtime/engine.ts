import { createServer, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { Server } from 'socket.io';
import type { ClientToServer, ServerToClient } from '#lib/protocol/realtime.ts';

/** Parts of Engine.IO that Socket.IO's types leave out. */
interface Connection {
  request: IncomingMessage;
  on(name: 'packet', listener: (packet: { data?: unknown }) => void): void;
  once(name: 'close', listener: () => void): void;
  close(): void;
}
export interface Engine {
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(): void;
}

export type Io = Server<ClientToServer, ServerToClient>;

const PATH = '/socket.io/';
const CLOSE_WAIT_MS = 1_000;

/**
 * Socket.IO over WebSocket alone, without an HTTP server of its own: the house has one, and only its upgrades come here.
 * No recovery of connection state (it skips the judgement of rights), no compression, nothing binary.
 *
 * @param rawOf the TCP stream of a request that was let in; undefined for any other, which is refused
 */
export function openEngine(
  messageBytes: number,
  rawOf: (request: IncomingMessage) => Duplex | undefined,
): { io: Io; engine: Engine } {
  const io: Io = new Server({
    path: PATH,
    transports: ['websocket'],
    serveClient: false,
    destroyUpgrade: false,
    perMessageDeflate: false,
    httpCompression: false,
    maxHttpBufferSize: messageBytes,
    connectTimeout: 10_000,
    pingInterval: 10_000,
    pingTimeout: 8_000,
    allowRequest: (request, decide) => decide(null, rawOf(request) !== undefined),
  });
  io.attach(createServer());
  io.engine.on('connection', (connection: Connection) => {
    const raw = rawOf(connection.request);
    // a client that never answers the closing handshake would keep its connection for 30 s
    connection.once('close', () => setTimeout(() => raw?.destroy(), CLOSE_WAIT_MS).unref());
    // nothing binary belongs here: it would wait in memory for the rest of its message
    connection.on('packet', (packet) => {
      if (packet.data !== undefined && typeof packet.data !== 'string') connection.close();
    });
  });
  return { io, engine: io.engine as unknown as Engine };
}
