import type { Duplex } from 'node:stream';
import type { Socket } from 'socket.io';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Topic } from '#lib/protocol/realtime.ts';
import type { Frame } from './frame.ts';

/** One signed-in socket and what it is allowed to hear. */
export interface Peer {
  readonly id: string;
  readonly socket: Socket;
  /** The TCP stream under the WebSocket: frames made once for all are written to it as they are. */
  readonly raw: Duplex;
  actor: Actor;
  readonly streams: Set<string>;
  readonly topics: Set<Topic>;
  /** Grows each time the rights are taken back: an answer that was under way for older rights is abandoned. */
  epoch: number;
  /** Settles when the rights are known again; messages wait for it. */
  judging: Promise<void> | null;
  /** Makes the first word; null once it was said. A judgement that comes before it says it instead. */
  greeting: ((actor: Actor) => Promise<Frame>) | null;
  gone: boolean;
  /** Last delivery that reached it, so that two matching tokens make one message. */
  stamp: number;
  /** A `rights` message is on its way already. */
  rightsDue: boolean;
}

/** Answers that Engine.IO may hold back for one socket. */
const MAX_WAITING_ANSWERS = 500;

/** True when the client reads so slowly that what waits for it would cost the others their memory. */
export function isStalled(peer: Peer, limit: number): boolean {
  const waiting = (peer.socket.conn as unknown as { writeBuffer: unknown[] }).writeBuffer.length;
  return peer.raw.writableLength > limit || waiting > MAX_WAITING_ANSWERS;
}
