import * as v from 'valibot';
import type { Id, Instant } from '#lib/domain/values.ts';
import { inScope } from '#lib/policies/in-scope.ts';
import { mayReadAudience } from '#lib/policies/audience.ts';
import { may } from '#lib/policies/may.ts';
import type { Action } from '#lib/policies/actions.ts';
import { AppError } from '#lib/protocol/errors.ts';
import type { WireEvent } from '#lib/protocol/events.ts';
import {
  followInput,
  MAX_STREAMS_PER_SOCKET,
  presenceInput,
  unwatchInput,
  watchInput,
} from '#lib/protocol/realtime-input.ts';
import type { PresenceEntry, Topic } from '#lib/protocol/realtime.ts';
import { parseStream } from '#lib/protocol/streams.ts';
import type { App } from '../app.ts';
import { wireEvent } from '../queries/wire-event.ts';
import { mayReadStream } from '../services/access-stream.ts';
import { disputes } from '../store/kinds/disputes.ts';
import type { AccountAccess } from './access.ts';
import type { Peer } from './peer.ts';
import { seenBy, type Presence } from './presence.ts';
import type { Progress } from './progress.ts';
import type { Rooms } from './rooms.ts';

/** What the answers to a client's messages work with. */
export interface HandlerParts {
  app: App;
  rooms: Rooms;
  access: AccountAccess;
  presence: Presence;
  progress: Progress;
  renewLease(peer: Peer, accountId: Id): Promise<Instant | null>;
}

type Handler = (parts: HandlerParts, peer: Peer, message: unknown) => Promise<unknown>;

/** Events that one catch-up answers; beyond, the client refetches. */
export const MAX_CATCH_UP_EVENTS = 500;
const MAX_CATCH_UP_BYTES = 524_288;

const TOPIC_ACTIONS: Record<Topic, Action> = {
  queue: 'queue.read',
  team: 'insight.read',
  imports: 'import.read',
  disputes: 'dispute.read',
  inbox: 'notification.read',
};

/** Answers to the messages of realtime.ts, by name. Every one validates what it was sent and judges it anew. */
export const HANDLERS: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ['watch', watch],
  ['unwatch', unwatch],
  ['follow', follow],
  ['unfollow', unfollow],
  ['presence', present],
]);

interface CaughtUp {
  stream: string;
  seq: number;
  events: WireEvent[];
  refetch: boolean;
}

/** All of the streams or none: one that may not be read answers `not_found`, as one that is not there. */
async function watch(parts: HandlerParts, peer: Peer, message: unknown): Promise<CaughtUp[]> {
  const { streams } = parse(watchInput, message);
  const wanted = new Set([...peer.streams, ...streams.map(({ stream }) => stream)]);
  if (wanted.size > MAX_STREAMS_PER_SOCKET) throw new AppError('too_many_requests');
  const epoch = peer.epoch;
  for (const { stream } of streams)
    if (!(await mayReadStream(peer.actor, stream, (id) => parts.access.read(peer.actor.workspaceId, id))))
      throw new AppError('not_found', { stream });
  if (peer.epoch !== epoch || peer.gone) throw new AppError('conflict');
  for (const { stream } of streams) if (wasTaken(parts, peer, stream)) throw new AppError('not_found', { stream });
  const fresh = streams.filter(({ stream }) => !peer.streams.has(stream));
  // in the room first, then the past: nothing falls between
  for (const { stream } of fresh) parts.rooms.watch(peer, stream);
  try {
    const answers: CaughtUp[] = [];
    for (const { stream, since } of streams) answers.push(await catchUp(parts.app, peer, stream, since));
    for (const { stream } of streams) if (!peer.streams.has(stream)) throw new AppError('not_found', { stream });
    return answers;
  } catch (error) {
    if (peer.epoch === epoch) for (const { stream } of fresh) parts.rooms.unwatch(peer, stream);
    throw error;
  }
}

/** The journal told of other tokens while the others of the message were being judged. */
function wasTaken(parts: HandlerParts, { actor }: Peer, name: string): boolean {
  const stream = parseStream(name);
  if (stream?.kind !== 'account') return false;
  const access = parts.access.peek(actor.workspaceId, stream.accountId);
  return access !== null && !inScope(actor.rights, access);
}

async function catchUp(app: App, peer: Peer, stream: string, since: number): Promise<CaughtUp> {
  const { journal } = app.store.workspace(peer.actor.workspaceId);
  const head = await journal.head(stream);
  if (since >= head.seq) return { stream, seq: head.seq, events: [], refetch: since > head.seq };
  const refetch = { stream, seq: head.seq, events: [], refetch: true };
  if (head.seq - since > MAX_CATCH_UP_EVENTS) return refetch;
  const stored = await journal.read(stream, since, MAX_CATCH_UP_EVENTS);
  const events = stored.map(wireEvent);
  let bytes = 0;
  for (const event of events) if ((bytes += JSON.stringify(event).length) > MAX_CATCH_UP_BYTES) return refetch;
  return { stream, seq: events.at(-1)?.seq ?? since, events, refetch: false };
}

async function unwatch(parts: HandlerParts, peer: Peer, message: unknown): Promise<null> {
  for (const stream of parse(unwatchInput, message).streams) parts.rooms.unwatch(peer, stream);
  return Promise.resolve(null);
}

async function follow(parts: HandlerParts, peer: Peer, message: unknown): Promise<{ presence: PresenceEntry[] }> {
  const { topics } = parse(followInput, message);
  for (const topic of topics) if (!may(peer.actor, TOPIC_ACTIONS[topic])) throw new AppError('forbidden');
  for (const topic of topics) parts.rooms.follow(peer, topic);
  if (topics.includes('imports')) parts.progress.poke(peer.actor.workspaceId);
  return { presence: topics.includes('queue') ? await presenceOfAll(parts, peer) : [] };
}

async function unfollow(parts: HandlerParts, peer: Peer, message: unknown): Promise<null> {
  for (const topic of parse(followInput, message).topics) parts.rooms.unfollow(peer, topic);
  return Promise.resolve(null);
}

async function present(
  parts: HandlerParts,
  peer: Peer,
  message: unknown,
): Promise<{ leaseUntil: Instant | null; entries: PresenceEntry[] }> {
  const place = parse(presenceInput, message);
  if (place === null) {
    parts.presence.remove(peer.id);
    return { leaseUntil: null, entries: [] };
  }
  const epoch = peer.epoch;
  const { workspaceId } = peer.actor;
  const access = await parts.access.read(workspaceId, place.accountId);
  if (access === null || !may(peer.actor, 'presence.show') || !inScope(peer.actor.rights, access))
    throw new AppError('not_found');
  if (place.audience !== null && !mayReadAudience(peer.actor, place.audience)) throw new AppError('not_found');
  if (place.disputeId !== null) {
    const dispute = await parts.app.store.workspace(workspaceId).docs(disputes).get(place.disputeId);
    if (dispute?.accountId !== place.accountId) throw new AppError('not_found');
  }
  if (peer.epoch !== epoch || peer.gone) throw new AppError('conflict');
  parts.presence.put(peer.id, peer.actor, place);
  const leaseUntil = await parts.renewLease(peer, place.accountId);
  const entries = peer.epoch === epoch ? parts.presence.on(workspaceId, place.accountId) : [];
  return { leaseUntil, entries: seenBy(peer.actor, entries) };
}

async function presenceOfAll(parts: HandlerParts, peer: Peer): Promise<PresenceEntry[]> {
  const entries: PresenceEntry[] = [];
  const epoch = peer.epoch;
  const { workspaceId } = peer.actor;
  for (const accountId of parts.presence.accounts(workspaceId)) {
    const access = parts.access.peek(workspaceId, accountId) ?? (await parts.access.read(workspaceId, accountId));
    if (access !== null && inScope(peer.actor.rights, access))
      entries.push(...seenBy(peer.actor, parts.presence.on(workspaceId, accountId)));
  }
  return peer.epoch === epoch ? entries : [];
}

function parse<S extends v.GenericSchema>(schema: S, message: unknown): v.InferOutput<S> {
  const result = v.safeParse(schema, message);
  if (result.success) return result.output;
  throw new AppError('validation_failed');
}
