import { createServer } from 'node:http';
import { connect as connectTcp, type AddressInfo, type Socket as NetSocket } from 'node:net';
import { io, type Socket } from 'socket.io-client';
import type { Member } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import type { Workspace } from '#lib/domain/workspace/workspace.ts';
import type { WireEvent } from '#lib/protocol/events.ts';
import type { Ack } from '#lib/protocol/realtime.ts';
import { actorFor, authenticate } from '#server/auth/authenticate.ts';
import { sessionCookieName } from '#server/auth/cookies.ts';
import { sessionsOf } from '#server/auth/lucia.ts';
import { digestOf } from '#server/auth/secrets.ts';
import { createGateway, type Gateway, type GatewayDeps } from '#server/realtime/gateway.ts';
import { renewLease } from '#server/services/cases/renew-lease.ts';
import { newId } from '#server/store/id.ts';
import { dispatchUpgrades } from '#server/upgrades.ts';
import { buildApp, type BuildOptions, type TestApp } from './app.ts';
import { buildMember, buildWorkspace } from './factories.ts';

/** A signed-in browser. */
export interface SignedIn {
  member: Member;
  cookie: string;
  sessionId: Id;
}

/** Everything one client was told, in order, with a way to wait for more. */
export interface TestClient {
  socket: Socket;
  heard: { name: string; message: unknown }[];
  events(): WireEvent[];
  /** Sends and answers the acknowledgement. */
  ask<T = unknown>(name: string, message: unknown): Promise<Ack<T>>;
  /** Waits until something that was heard satisfies the condition; what was heard before counts. */
  hears(name: string, condition?: (message: never) => boolean): Promise<unknown>;
  /** Settles when the socket is closed, with the reason. */
  closed: Promise<string>;
  close(): void;
}

export interface RealtimeHouse {
  app: TestApp;
  workspace: Workspace;
  readonly gateway: Gateway;
  port: number;
  url: string;
  signIn(member: Member): Promise<SignedIn>;
  /** A member of the workspace, signed in. */
  person(overrides?: Partial<Member>): Promise<SignedIn>;
  /** Stops the gateway and puts another in its place, as a restart does. */
  restart(): Promise<void>;
  /** Cuts every connection under way, as a network does. */
  cut(): void;
  /** Connects and waits for `hello`. */
  connect(who: SignedIn): Promise<TestClient>;
  connectWith(headers: Record<string, string>): Promise<TestClient>;
  /** Asks for the upgrade alone; answers the HTTP status. */
  tryConnect(cookie: string, options?: { origin?: string | null; query?: string }): Promise<number>;
  close(): Promise<void>;
}

/** A real HTTP server on a port of its own, with the gateway on a real store. Close it after the test. */
export async function openRealtime(
  options: BuildOptions & { deps?: Partial<GatewayDeps>; app?: TestApp; workspace?: Workspace } = {},
): Promise<RealtimeHouse> {
  // sessions are judged by the machine's clock: the app's must stand there
  const app = options.app ?? (await buildApp({ at: new Date().toISOString(), ...options }));
  const workspace = options.workspace ?? (await buildWorkspace(app));
  const openGateway = (): Gateway =>
    createGateway(app, { authenticate, actorFor, renewLease, sweepMs: 50, ...options.deps });
  let gateway = openGateway();
  const server = createServer((_, response) => response.writeHead(404).end());
  dispatchUpgrades(
    server,
    [{ prefix: '/socket.io/', handle: (...upgrade) => gateway.handleUpgrade(...upgrade) }],
    false,
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const clients = new Set<TestClient>();
  const sockets = new Set<NetSocket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });

  const signIn = async (member: Member): Promise<SignedIn> => {
    const token = `${newId()}-${newId()}`;
    const sessionId = digestOf(token);
    const absoluteExpiresAt = new Date(app.clock.ms() + 30 * 86_400_000).toISOString();
    await sessionsOf(app).createSession(
      member.id,
      { workspaceId: member.workspaceId, absoluteExpiresAt, replaces: null },
      { sessionId },
    );
    return { member, cookie: `${sessionCookieName(app.config)}=${token}`, sessionId };
  };

  const connectWith = async (headers: Record<string, string>): Promise<TestClient> => {
    const client = openClient(url, headers);
    clients.add(client);
    await client.hears('hello');
    return client;
  };

  return {
    app,
    workspace,
    get gateway() {
      return gateway;
    },
    port,
    url,
    signIn,
    person: async (overrides = {}) => signIn(await buildMember(app, workspace, overrides)),
    restart: async () => {
      await gateway.close();
      gateway = openGateway();
    },
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
    connect: (who) => connectWith({ cookie: who.cookie, origin: url }),
    connectWith,
    tryConnect: (cookie, { origin = url, query = '' } = {}) => askUpgrade(port, cookie, origin, query),
    close: async () => {
      for (const client of clients) client.close();
      await gateway.close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      if (options.app === undefined) await app.close();
    },
  };
}

/** A client that notes all it hears from its first message on. */
export function openClient(url: string, headers: Record<string, string>): TestClient {
  const socket = io(url, {
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
    extraHeaders: headers,
  });
  const heard: TestClient['heard'] = [];
  const waiting = new Set<() => void>();
  socket.onAny((name: string, message: unknown) => {
    heard.push({ name, message });
    for (const look of [...waiting]) look();
  });
  let isClosed: string | null = null;
  const closed = new Promise<string>((resolve) => {
    const end = (reason: string): void => {
      isClosed ??= reason;
      resolve(reason);
      for (const look of [...waiting]) look();
    };
    socket.on('disconnect', end);
    socket.on('connect_error', (error) => end(error.message));
  });
  return {
    socket,
    heard,
    closed,
    events: () => heard.filter(({ name }) => name === 'event').map(({ message }) => message as WireEvent),
    ask: (name, message) =>
      new Promise((resolve, reject) => {
        socket.timeout(10_000).emit(name, message, (error: Error | null, answer: never) => {
          if (error === null) resolve(answer);
          else reject(new Error(`no answer to ${name}`));
        });
      }),
    hears: (name, condition = () => true) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = heard.find((one) => one.name === name && condition(one.message as never));
          if (found === undefined && isClosed === null) return;
          waiting.delete(look);
          clearTimeout(timer);
          if (found === undefined) reject(new Error(`closed (${isClosed}) before ${name}`));
          else resolve(found.message);
        };
        const timer = setTimeout(() => {
          waiting.delete(look);
          reject(new Error(`${name} was not heard; heard: ${heard.map((one) => one.name).join(' ')}`));
        }, 10_000);
        waiting.add(look);
        look();
      }),
    close: () => socket.disconnect(),
  };
}

/** Waits until the condition holds, looking again each turn of a short timer; fails after `ms`. */
export async function until(condition: () => boolean | Promise<boolean>, what: string, ms = 10_000): Promise<void> {
  const end = performance.now() + ms;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A bare upgrade request over TCP, as any program could send it. */
function askUpgrade(port: number, cookie: string, origin: string | null, query: string): Promise<number> {
  const transport = query.includes('transport=') ? '' : '&transport=websocket';
  const lines = [
    `GET /socket.io/?EIO=4${transport}${query} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    ...(origin === null ? [] : [`Origin: ${origin}`]),
    ...(cookie === '' ? [] : [`Cookie: ${cookie}`]),
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  ];
  return new Promise((resolve, reject) => {
    const socket = connectTcp(port, '127.0.0.1', () => socket.write(`${lines.join('\r\n')}\r\n\r\n`));
    socket.once('error', reject);
    socket.once('data', (data) => {
      resolve(Number(data.toString('latin1').slice(9, 12)));
      socket.destroy();
    });
  });
}
