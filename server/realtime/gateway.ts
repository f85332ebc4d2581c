import { createServer, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { Server, type Socket } from 'socket.io';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Day, Id, Instant } from '#lib/domain/values.ts';
import { inScope } from '#lib/policies/in-scope.ts';
import { AppError, type ErrorCode } from '#lib/protocol/errors.ts';
import type { Ack, ClientToServer, ServerToClient } from '#lib/protocol/realtime.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import { PROTOCOL_VERSION } from '#lib/protocol/version.ts';
import type { App } from '../app.ts';
import { newId } from '../store/id.ts';
import { StoreUnavailable } from '../store/port.ts';
import { AccountAccess } from './access.ts';
import { admit, refuse, type Authenticate } from './admission.ts';
import { encode, type Frame } from './frame.ts';
import { HANDLERS, type HandlerParts } from './handlers.ts';
import { isTooComplex, RateLimit, REALTIME_LIMITS, type RealtimeLimits } from './limits.ts';
import { realtimeMetrics, type RealtimeMetrics } from './metrics.ts';
import { isStalled, type Peer } from './peer.ts';
import { Presence } from './presence.ts';
import { Progress } from './progress.ts';
import { Rooms } from './rooms.ts';
import { Teller } from './tell.ts';

/** What the gateway needs from the rest of the house. */
export interface GatewayDeps {
  authenticate: Authenticate;
  /** The member with the rights of this moment; null when the member or the credential is not valid any more. */
  actorFor(app: App, memberId: Id, credentialId: string): Promise<Actor | null>;
  /** Renews the lease of the case that the actor holds on this account; null when the actor holds none. */
  renewLease(app: App, actor: Actor, accountId: Id): Promise<Instant | null>;
  metrics?: RealtimeMetrics;
  limits?: Partial<RealtimeLimits>;
  /** How often places that nobody renews, and the day, are looked at; ms. */
  sweepMs?: number;
}

/** The Socket.IO side of the house. */
export interface Gateway {
  /** Takes a request for `/socket.io/` off the HTTP server's `upgrade` event, or answers its refusal. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Sockets connected now. */
  connections(): number;
  /** For tests and metrics: what is kept in memory per socket, room and place. */
  sizes(): { peers: number; rooms: number; places: number; buckets: number; waitingBytes: number };
  /** Says `bye`, with a pause that differs per client, and closes every socket. */
  close(): Promise<void>;
}

const PATH = '/socket.io/';
const SWEEP_MS = 5_000;
const RIGHTS_WAIT_MS = 50;
const CLOSE_WAIT_MS = 1_000;
/** Rights that time takes away (a session's end, the last day of an absence) are seen at the latest after this. */
const REVIEW_MS = 60_000;
const MAX_VALUES = 1_000;
const MAX_DEPTH = 8;
/** Refused one after another, they are a flood. */
const MAX_REFUSED_IN_A_ROW = 5_000;

/** Builds the gateway and begins to listen to the journal. */
export function createGateway(app: App, deps: GatewayDeps): Gateway {
  const limits = { ...REALTIME_LIMITS, ...deps.limits };
  const metrics = deps.metrics ?? realtimeMetrics(null);
  const rooms = new Rooms();
  const access = new AccountAccess(app);
  const rates = new RateLimit(limits.messagesPerSecond, limits.burst);
  const peers = new Map<string, Peer>();
  const admitted = new WeakMap<IncomingMessage, { actor: Actor; raw: Duplex }>();
  const presenceDue = new Map<string, { workspaceId: Id; accountId: Id }>();
  const days = new Map<Id, Day>();
  let closing = false;

  const io = new Server<ClientToServer, ServerToClient>({
    path: PATH,
    transports: ['websocket'],
    serveClient: false,
    destroyUpgrade: false,
    perMessageDeflate: false,
    httpCompression: false,
    maxHttpBufferSize: limits.messageBytes,
    connectTimeout: 10_000,
    pingInterval: 10_000,
    pingTimeout: 8_000,
    allowRequest: (request, decide) => decide(null, admitted.has(request)),
  });
  // never listens: the house has one HTTP server, and only its upgrades come here
  io.attach(createServer());

  const send = (peer: Peer, frame: Frame): void => {
    if (peer.gone) return;
    if (isStalled(peer, limits.waitingBytes)) {
      drop(peer, 'stalled');
      return;
    }
    peer.raw.write(frame);
    metrics.deliveries.inc();
  };

  const forget = (peer: Peer): void => {
    if (peer.gone) return;
    peer.gone = true;
    peers.delete(peer.id);
    rooms.exit(peer);
    presence.remove(peer.id);
    metrics.connections.set(peers.size);
    metrics.rooms.set(rooms.size);
  };

  /** Ends a connection without waiting for its client. */
  const drop = (peer: Peer, reason: string): void => {
    if (peer.gone) return;
    metrics.dropped.inc({ reason });
    forget(peer);
    peer.raw.destroy();
  };

  /** Signed out: the client must not come back by itself. */
  const signOut = (peer: Peer, reason: string): void => {
    if (peer.gone) return;
    send(peer, encode('rights', { reason: 'signed_out' }));
    metrics.dropped.inc({ reason });
    forget(peer);
    peer.socket.disconnect(true);
  };

  /** Tells once, shortly after, that something may not be seen any more. */
  const lost = (peer: Peer, reason: string): void => {
    if (peer.rightsDue) return;
    peer.rightsDue = true;
    setTimeout(() => {
      peer.rightsDue = false;
      send(peer, encode('rights', { reason }));
    }, RIGHTS_WAIT_MS).unref();
  };

  /** Takes every room away at once, then asks who the member is now; the client asks again for what it had open. */
  const judge = (peer: Peer, reason: string): void => {
    peer.epoch += 1;
    const epoch = peer.epoch;
    rooms.clear(peer);
    presence.remove(peer.id);
    peer.judging = deps.actorFor(app, peer.actor.memberId, peer.actor.credentialId).then(
      (actor) => {
        if (peer.gone || peer.epoch !== epoch) return;
        peer.judging = null;
        if (actor === null) return signOut(peer, 'signed_out');
        peer.actor = actor;
        send(peer, encode('rights', { reason }));
      },
      (error: unknown) => {
        app.log.error({ err: error }, 'rights could not be judged: the socket is closed');
        drop(peer, 'unjudged');
      },
    );
  };

  const presence = new Presence(app, newId(), (workspaceId, accountId) => {
    if (presenceDue.size === 0) setImmediate(tellPresence);
    presenceDue.set(`${workspaceId}:${accountId}`, { workspaceId, accountId });
  });

  const tellPresence = (): void => {
    const due = [...presenceDue.values()];
    presenceDue.clear();
    for (const { workspaceId, accountId } of due) {
      const known = access.peek(workspaceId, accountId);
      if (known !== null) tellPresenceOn(workspaceId, accountId, known);
      else
        access.read(workspaceId, accountId).then(
          (tokens) => tokens !== null && tellPresenceOn(workspaceId, accountId, tokens),
          (error: unknown) => app.log.warn({ err: error }, 'presence could not be told'),
        );
    }
  };

  const tellPresenceOn = (workspaceId: Id, accountId: Id, tokens: readonly string[]): void => {
    const readers = new Set([
      ...rooms.watchers(workspaceId, accountStream(accountId)),
      ...rooms.queue(workspaceId, tokens),
    ]);
    if (readers.size === 0) return;
    const frame = encode('presence', { accountId, entries: presence.on(workspaceId, accountId) });
    for (const peer of readers) send(peer, frame);
  };

  const progress = new Progress(
    app,
    (workspaceId, message, startedBy) => {
      const frame = encode('progress', message);
      const readers = new Set(rooms.followers(workspaceId, 'imports'));
      if (message.kind === 'bulk') for (const peer of rooms.ofMember(startedBy)) readers.add(peer);
      for (const peer of readers) send(peer, frame);
    },
    (workspaceId) => rooms.followers(workspaceId, 'imports').size > 0,
  );

  const teller = new Teller(app, rooms, access, {
    send,
    lost: (peer, reason) => {
      presence.leaveUnseen(peer.id, (accountId) => {
        const tokens = access.peek(peer.actor.workspaceId, accountId);
        return tokens !== null && inScope(peer.actor.rights, tokens);
      });
      lost(peer, reason);
    },
    judgeAgain: (memberId, reason) => {
      for (const peer of rooms.ofMember(memberId)) judge(peer, reason);
    },
    end: (memberId, credentialIds) => {
      for (const peer of [...rooms.ofMember(memberId)])
        if (credentialIds.includes(peer.actor.credentialId)) signOut(peer, 'signed_out');
    },
    progress: (workspaceId) => progress.poke(workspaceId),
  });

  const parts: HandlerParts = {
    app,
    rooms,
    access,
    presence,
    progress,
    renewLease: (peer, accountId) => deps.renewLease(app, peer.actor, accountId),
  };

  const answer = async (peer: Peer, name: string, message: unknown): Promise<Ack<unknown>> => {
    try {
      const handler = HANDLERS.get(name);
      if (handler === undefined) throw new AppError('bad_request');
      if (isTooComplex(message, MAX_VALUES, MAX_DEPTH)) throw new AppError('too_large');
      while (peer.judging !== null) await peer.judging;
      if (peer.gone) throw new AppError('unauthenticated');
      return { ok: true, value: await handler(parts, peer, message) };
    } catch (error) {
      const code = codeOf(app, error);
      metrics.refused.inc({ code });
      return { ok: false, code };
    }
  };

  const receive = (peer: Peer, refused: { inARow: number }, name: string, args: unknown[]): void => {
    if (peer.gone) return;
    if (isStalled(peer, limits.waitingBytes)) return drop(peer, 'stalled');
    const last = args.at(-1);
    const ack = typeof last === 'function' ? (last as (answer: Ack<unknown>) => void) : null;
    if (!rates.take(peer.actor.memberId, performance.now())) {
      refused.inARow += 1;
      metrics.refused.inc({ code: 'too_many_requests' });
      if (refused.inARow > MAX_REFUSED_IN_A_ROW) return drop(peer, 'flood');
      ack?.({ ok: false, code: 'too_many_requests' });
      return;
    }
    refused.inARow = 0;
    void answer(peer, name, ack === null || args.length > 1 ? args[0] : null).then((reply) => {
      if (!peer.gone) ack?.(reply);
    });
  };

  io.on('connection', (socket: Socket) => {
    const entry = admitted.get(socket.request);
    socket.on('error', (error) => app.log.debug({ err: error }, 'socket error'));
    if (entry === undefined || closing || entry.raw.destroyed) {
      socket.disconnect(true);
      return;
    }
    const peer: Peer = {
      id: socket.id,
      socket,
      raw: entry.raw,
      actor: entry.actor,
      streams: new Set(),
      topics: new Set(),
      epoch: 0,
      judging: null,
      gone: false,
      stamp: 0,
      rightsDue: false,
    };
    peers.set(peer.id, peer);
    rooms.enter(peer);
    metrics.connections.set(peers.size);
    socket.on('disconnect', () => forget(peer));
    const refused = { inARow: 0 };
    socket.onAny((name: string, ...args: unknown[]) => receive(peer, refused, name, args));
    // what ended while the socket was being opened is seen here; nothing is said before
    judgeFirst(peer);
  });

  const judgeFirst = (peer: Peer): void => {
    const epoch = peer.epoch;
    peer.judging = greet(peer, epoch).catch((error: unknown) => {
      app.log.error({ err: error }, 'a socket could not be greeted');
      drop(peer, 'unjudged');
    });
  };

  const greet = async (peer: Peer, epoch: number): Promise<void> => {
    const actor = await deps.actorFor(app, peer.actor.memberId, peer.actor.credentialId);
    const { timeZone } = await app.workspace(peer.actor.workspaceId);
    if (peer.gone || peer.epoch !== epoch) return;
    peer.judging = null;
    if (actor === null) return signOut(peer, 'signed_out');
    peer.actor = actor;
    const today = app.clock.today(timeZone);
    if (!days.has(actor.workspaceId)) days.set(actor.workspaceId, today);
    send(peer, encode('hello', { protocol: PROTOCOL_VERSION, memberId: actor.memberId, today, now: app.clock.now() }));
  };

  io.engine.on('connection', (connection: Connection) => {
    const raw = admitted.get(connection.request)?.raw;
    // a client that never answers the closing handshake would keep its connection for 30 s
    connection.once('close', () => setTimeout(() => raw?.destroy(), CLOSE_WAIT_MS).unref());
    // nothing binary belongs here: it would wait in memory for the rest of its message
    connection.on('packet', (packet) => {
      if (packet.data !== undefined && typeof packet.data !== 'string') connection.close();
    });
  });

  const stopTail = app.store.tail.journal(
    null,
    (events) => {
      metrics.events.inc(events.length);
      teller.tell(events);
    },
    () => {
      access.forget();
      for (const peer of [...peers.values()]) judge(peer, 'lost');
    },
  );

  const sweeper = setInterval(() => {
    presence.sweep();
    rates.sweep(performance.now());
    void turnDay().catch((error: unknown) => app.log.warn({ err: error }, 'the day could not be told'));
  }, deps.sweepMs ?? SWEEP_MS).unref();
  const reviewer = setInterval(() => void review(), REVIEW_MS).unref();

  /** A new business day: absences begin and end with it. */
  const turnDay = async (): Promise<void> => {
    for (const workspaceId of days.keys()) {
      const today = app.clock.today((await app.workspace(workspaceId)).timeZone);
      if (days.get(workspaceId) === today) continue;
      days.set(workspaceId, today);
      const frame = encode('day', { today });
      for (const peer of [...rooms.ofWorkspace(workspaceId)]) {
        send(peer, frame);
        judge(peer, 'day');
      }
    }
  };

  /** Sessions that ran out say nothing: they are looked up. */
  const review = async (): Promise<void> => {
    for (const peer of [...peers.values()]) {
      const { epoch } = peer;
      try {
        const actor = await deps.actorFor(app, peer.actor.memberId, peer.actor.credentialId);
        if (peer.epoch !== epoch || peer.gone) continue;
        if (actor === null) signOut(peer, 'expired');
        else if (JSON.stringify(actor) !== JSON.stringify(peer.actor)) judge(peer, 'review');
      } catch (error) {
        app.log.warn({ err: error }, 'a session could not be looked up');
      }
    }
  };

  const upgrade = async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    const verdict: Actor | ErrorCode = closing ? 'store_unavailable' : await admit(app, request, deps.authenticate);
    if (socket.destroyed) return;
    if (typeof verdict === 'string') {
      metrics.refused.inc({ code: verdict });
      return refuse(socket, verdict);
    }
    if (rooms.ofMember(verdict.memberId).size >= limits.socketsPerMember) {
      metrics.refused.inc({ code: 'too_many_requests' });
      return refuse(socket, 'too_many_requests');
    }
    admitted.set(request, { actor: verdict, raw: socket });
    (io.engine as unknown as Upgrades).handleUpgrade(request, socket, head);
  };

  return {
    handleUpgrade(request, socket, head) {
      socket.on('error', () => socket.destroy());
      upgrade(request, socket, head).catch((error: unknown) => {
        app.log.error({ err: error }, 'an upgrade failed');
        socket.destroy();
      });
    },
    connections: () => peers.size,
    sizes: () => ({
      peers: peers.size,
      rooms: rooms.size,
      places: presence.size,
      buckets: rates.size,
      waitingBytes: [...peers.values()].reduce((sum, peer) => sum + peer.raw.writableLength, 0),
    }),
    async close() {
      if (closing) return;
      closing = true;
      clearInterval(sweeper);
      clearInterval(reviewer);
      teller.close();
      progress.close();
      await stopTail();
      for (const peer of [...peers.values()]) {
        send(peer, encode('bye', { pauseMs: 500 + Math.floor(Math.random() * 4_500) }));
        forget(peer);
      }
      await presence.close();
      io.disconnectSockets(true);
      (io.engine as unknown as Upgrades).close();
    },
  };
}

/** The parts of an Engine.IO connection that are used here. */
interface Connection {
  request: IncomingMessage;
  on(name: 'packet', listener: (packet: { data?: unknown }) => void): void;
  once(name: 'close', listener: () => void): void;
  close(): void;
}

/** The part of Engine.IO's server that its types leave out of Socket.IO's. */
interface Upgrades {
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(): void;
}

function codeOf(app: App, error: unknown): ErrorCode {
  if (error instanceof AppError) return error.code;
  if (error instanceof StoreUnavailable) return 'store_unavailable';
  app.log.error({ err: error }, 'a message could not be answered');
  return 'internal';
}
