import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Socket } from 'socket.io';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Id, Instant } from '#lib/domain/values.ts';
import { inScope } from '#lib/policies/in-scope.ts';
import { PROTOCOL_VERSION } from '#lib/protocol/version.ts';
import type { App } from '../app.ts';
import { newId } from '../store/id.ts';
import { AccountAccess } from './access.ts';
import { admit, refuse, type Authenticate } from './admission.ts';
import { openEngine } from './engine.ts';
import { encode } from './frame.ts';
import { takeMessages } from './intake.ts';
import { RateLimit, REALTIME_LIMITS, type RealtimeLimits } from './limits.ts';
import { realtimeMetrics, type RealtimeMetrics } from './metrics.ts';
import type { Peer } from './peer.ts';
import { Peers, type ActorFor } from './peers.ts';
import { openPresence } from './presence-news.ts';
import { Progress } from './progress.ts';
import { Reviews } from './reviews.ts';
import { Rooms } from './rooms.ts';
import { Teller } from './tell.ts';

/** What the gateway needs from the rest of the house. */
export interface GatewayDeps {
  authenticate: Authenticate;
  /** The member with the rights of this moment; null when the member or the credential is not valid any more. */
  actorFor: ActorFor;
  /** Renews the lease of the case that the actor holds on this account; null when the actor holds none. */
  renewLease(app: App, actor: Actor, accountId: Id): Promise<Instant | null>;
  metrics?: RealtimeMetrics;
  /** Names the runtime that this gateway belongs to. */
  instance?: string;
  limits?: Partial<RealtimeLimits>;
  /** How often places that nobody renews, and the day, are looked at; ms. */
  sweepMs?: number;
}

/** What is kept in memory now. */
export interface GatewaySizes {
  peers: number;
  rooms: number;
  places: number;
  buckets: number;
  /** Bytes that wait for slow clients. */
  waitingBytes: number;
}

/** The Socket.IO side of the house. */
export interface Gateway {
  /** Takes a request for `/socket.io/` off the HTTP server's `upgrade` event, or answers its refusal. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Sockets connected now. */
  connections(): number;
  sizes(): GatewaySizes;
  /** Says `bye`, with a pause that differs per client, and closes every socket. */
  close(): Promise<void>;
}

const SWEEP_MS = 5_000;
/** Sessions that ran out are seen at the latest after this. */
const REVIEW_MS = 60_000;

/** Builds the gateway and begins to listen to the journal. */
export function createGateway(app: App, deps: GatewayDeps): Gateway {
  const limits = { ...REALTIME_LIMITS, ...deps.limits };
  const metrics = deps.metrics ?? realtimeMetrics(null);
  const instance = deps.instance ?? '';
  const rooms = new Rooms();
  const access = new AccountAccess(app);
  const rates = new RateLimit(limits.messagesPerSecond, limits.burst);
  const admitted = new WeakMap<IncomingMessage, { actor: Actor; raw: Duplex }>();
  const presence = openPresence(app, newId(), rooms, access, (peer, frame) => peers.send(peer, frame));
  const peers = new Peers({ app, rooms, presence, actorFor: deps.actorFor, limits, metrics });
  const reviews = new Reviews(app, rooms, peers, deps.actorFor);
  const { io, engine } = openEngine(limits.messageBytes, (request) => admitted.get(request)?.raw);
  let closing = false;

  const progress = new Progress(
    app,
    (workspaceId, message, startedBy) => {
      const frame = encode('progress', message);
      const readers = new Set(rooms.followers(workspaceId, 'imports'));
      if (message.kind === 'bulk') for (const peer of rooms.ofMember(startedBy)) readers.add(peer);
      for (const peer of readers) peers.send(peer, frame);
    },
    (workspaceId) => rooms.followers(workspaceId, 'imports').size > 0,
  );

  const teller = new Teller(app, rooms, access, {
    send: (peer, frame) => peers.send(peer, frame),
    lost: (peer, reason) => {
      presence.leaveUnseen(peer.id, (accountId) => {
        const tokens = access.peek(peer.actor.workspaceId, accountId);
        return tokens !== null && inScope(peer.actor.rights, tokens);
      });
      peers.lost(peer, reason);
    },
    judgeAgain: (memberId, reason) => {
      for (const peer of rooms.ofMember(memberId)) peers.judge(peer, reason);
    },
    end: (memberId, credentialIds) => {
      for (const peer of [...rooms.ofMember(memberId)])
        if (credentialIds.includes(peer.actor.credentialId)) peers.signOut(peer, 'signed_out');
    },
    progress: (workspaceId, runId) => progress.poke(workspaceId, runId),
  });

  const parts = {
    app,
    rooms,
    access,
    presence,
    progress,
    peers,
    rates,
    limits,
    metrics,
    renewLease: (peer: Peer, accountId: Id) => deps.renewLease(app, peer.actor, accountId),
  };

  const hello = async ({ memberId, workspaceId }: Actor): Promise<Buffer> => {
    const today = await reviews.today(workspaceId);
    return encode('hello', { protocol: PROTOCOL_VERSION, memberId, today, now: app.clock.now(), instance });
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
      greeting: hello,
      gone: false,
      stamp: 0,
      rightsDue: false,
    };
    peers.enter(peer);
    socket.on('disconnect', () => peers.forget(peer));
    takeMessages(parts, peer);
    peers.greet(peer);
  });

  const stopTail = app.store.tail.journal(
    null,
    (events) => {
      metrics.events.inc(events.length);
      teller.tell(events);
    },
    () => {
      access.forget();
      for (const peer of peers.all()) peers.judge(peer, 'lost');
    },
  );

  const sweeper = setInterval(() => {
    presence.sweep();
    rates.sweep(performance.now());
    metrics.rooms.set(rooms.size);
    reviews.turnDays().catch((error: unknown) => app.log.warn({ err: error }, 'the day could not be told'));
  }, deps.sweepMs ?? SWEEP_MS).unref();
  const reviewer = setInterval(() => void reviews.sessions(), REVIEW_MS).unref();

  const upgrade = async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    let verdict = closing ? 'store_unavailable' : await admit(app, request, deps.authenticate);
    if (socket.destroyed) return;
    if (typeof verdict !== 'string' && rooms.ofMember(verdict.memberId).size >= limits.socketsPerMember)
      verdict = 'too_many_requests';
    if (typeof verdict === 'string') {
      metrics.refused.inc({ code: verdict });
      refuse(socket, verdict);
      return;
    }
    admitted.set(request, { actor: verdict, raw: socket });
    engine.handleUpgrade(request, socket, head);
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
      waitingBytes: peers.all().reduce((sum, peer) => sum + peer.raw.writableLength, 0),
    }),
    async close() {
      if (closing) return;
      closing = true;
      clearInterval(sweeper);
      clearInterval(reviewer);
      teller.close();
      progress.close();
      await stopTail();
      for (const peer of peers.all()) {
        peers.send(peer, encode('bye', { pauseMs: 500 + Math.floor(Math.random() * 4_500) }));
        peers.forget(peer);
      }
      await presence.close();
      io.disconnectSockets(true);
      engine.close();
    },
  };
}
