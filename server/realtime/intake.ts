import { AppError, type ErrorCode } from '#lib/protocol/errors.ts';
import type { Ack } from '#lib/protocol/realtime.ts';
import type { App } from '../app.ts';
import { StoreUnavailable } from '../store/port.ts';
import { HANDLERS, type HandlerParts } from './handlers.ts';
import { isTooComplex, type RateLimit, type RealtimeLimits } from './limits.ts';
import type { RealtimeMetrics } from './metrics.ts';
import { isStalled, type Peer } from './peer.ts';
import type { Peers } from './peers.ts';

const MAX_VALUES = 1_000;
const MAX_DEPTH = 8;
/** Refused one after another, they are a flood. */
const MAX_REFUSED_IN_A_ROW = 5_000;

/** Answers what a peer sends: within its rate, once its rights are known, with a code for whatever is refused. */
export function takeMessages(
  parts: HandlerParts & { peers: Peers; rates: RateLimit; limits: RealtimeLimits; metrics: RealtimeMetrics },
  peer: Peer,
): void {
  const { app, peers, rates, limits, metrics } = parts;
  let refusedInARow = 0;

  const answer = async (name: string, message: unknown): Promise<Ack<unknown>> => {
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

  peer.socket.onAny((name: string, ...args: unknown[]) => {
    if (peer.gone) return;
    if (isStalled(peer, limits.waitingBytes)) {
      peers.drop(peer, 'stalled');
      return;
    }
    const last = args.at(-1);
    const ack = typeof last === 'function' ? (last as (answer: Ack<unknown>) => void) : null;
    if (!rates.take(peer.actor.memberId, performance.now())) {
      refusedInARow += 1;
      metrics.refused.inc({ code: 'too_many_requests' });
      if (refusedInARow > MAX_REFUSED_IN_A_ROW) peers.drop(peer, 'flood');
      else ack?.({ ok: false, code: 'too_many_requests' });
      return;
    }
    refusedInARow = 0;
    const message = ack === null || args.length > 1 ? args[0] : null;
    void answer(name, message).then((reply) => {
      if (!peer.gone) ack?.(reply);
    });
  });
}

function codeOf(app: App, error: unknown): ErrorCode {
  if (error instanceof AppError) return error.code;
  if (error instanceof StoreUnavailable) return 'store_unavailable';
  app.log.error({ err: error }, 'a message could not be answered');
  return 'internal';
}
