import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import type { App } from '../app.ts';
import { encode, type Frame } from './frame.ts';
import type { RealtimeLimits } from './limits.ts';
import type { RealtimeMetrics } from './metrics.ts';
import { isStalled, type Peer } from './peer.ts';
import type { Presence } from './presence.ts';
import type { Rooms } from './rooms.ts';

export type ActorFor = (app: App, memberId: Id, credentialId: string) => Promise<Actor | null>;

const RIGHTS_WAIT_MS = 50;

interface PeersParts {
  app: App;
  rooms: Rooms;
  presence: Presence;
  actorFor: ActorFor;
  limits: RealtimeLimits;
  metrics: RealtimeMetrics;
}

/** Every socket of this process: what is sent to them, and how they end. */
export class Peers {
  readonly #parts: PeersParts;
  readonly #peers = new Map<string, Peer>();

  constructor(parts: PeersParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#peers.size;
  }

  all(): Peer[] {
    return [...this.#peers.values()];
  }

  enter(peer: Peer): void {
    this.#peers.set(peer.id, peer);
    this.#parts.rooms.enter(peer);
    this.#parts.metrics.connections.set(this.#peers.size);
  }

  /** Writes the frame as it is; a peer that does not read is given up. */
  send(peer: Peer, frame: Frame): void {
    if (peer.gone) return;
    if (isStalled(peer, this.#parts.limits.waitingBytes)) {
      this.drop(peer, 'stalled');
      return;
    }
    peer.raw.write(frame);
    this.#parts.metrics.deliveries.inc();
  }

  /** Out of every room; from now on it is sent nothing. */
  forget(peer: Peer): void {
    if (peer.gone) return;
    const { rooms, presence, metrics } = this.#parts;
    peer.gone = true;
    this.#peers.delete(peer.id);
    rooms.exit(peer);
    presence.remove(peer.id);
    metrics.connections.set(this.#peers.size);
    metrics.rooms.set(rooms.size);
  }

  /** Ends a connection without waiting for its client. */
  drop(peer: Peer, reason: string): void {
    if (peer.gone) return;
    this.#parts.metrics.dropped.inc({ reason });
    this.forget(peer);
    peer.raw.destroy();
  }

  /** The session or token ended: the client is told so, and must not come back by itself. */
  signOut(peer: Peer, reason: string): void {
    if (peer.gone) return;
    this.send(peer, encode('rights', { reason: 'signed_out' }));
    this.#parts.metrics.dropped.inc({ reason });
    this.forget(peer);
    peer.socket.disconnect(true);
  }

  /** Tells once, shortly after, that something may not be seen any more. */
  lost(peer: Peer, reason: string): void {
    if (peer.rightsDue) return;
    peer.rightsDue = true;
    setTimeout(() => {
      peer.rightsDue = false;
      this.send(peer, encode('rights', { reason }));
    }, RIGHTS_WAIT_MS).unref();
  }

  /** Takes every room away at once, then asks who the member is now; the client asks again for what it had open. */
  judge(peer: Peer, reason: string): void {
    this.#parts.rooms.clear(peer);
    this.#parts.presence.remove(peer.id);
    this.#judgeThen(peer, reason);
  }

  /** The first word to a peer: what ended while its socket was being opened is seen before anything is said. */
  greet(peer: Peer): void {
    this.#judgeThen(peer, 'connected');
  }

  #judgeThen(peer: Peer, reason: string): void {
    const { app, actorFor } = this.#parts;
    const epoch = (peer.epoch += 1);
    const work = async (): Promise<void> => {
      const actor = await actorFor(app, peer.actor.memberId, peer.actor.credentialId);
      const frame = actor === null ? null : ((await peer.greeting?.(actor)) ?? encode('rights', { reason }));
      if (peer.gone || peer.epoch !== epoch) return;
      peer.judging = null;
      peer.greeting = null;
      if (actor === null || frame === null) {
        this.signOut(peer, 'signed_out');
        return;
      }
      peer.actor = actor;
      this.send(peer, frame);
    };
    peer.judging = work().catch((error: unknown) => {
      app.log.error({ err: error }, 'rights could not be judged: the socket is closed');
      this.drop(peer, 'unjudged');
    });
  }
}
