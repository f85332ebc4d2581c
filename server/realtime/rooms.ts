import type { Id } from '#lib/domain/values.ts';
import type { Topic } from '#lib/protocol/realtime.ts';
import type { Peer } from './peer.ts';

/**
 * Who hears what: sets of peers by stream, by topic, by rights token and by member. Membership is the right itself:
 * whoever stands in a room was judged, and leaves it in the same tick in which the right goes.
 */
export class Rooms {
  readonly #rooms = new Map<string, Set<Peer>>();
  #stamp = 0;

  #join(name: string, peer: Peer): void {
    let room = this.#rooms.get(name);
    if (room === undefined) this.#rooms.set(name, (room = new Set()));
    room.add(peer);
  }

  #leave(name: string, peer: Peer): void {
    const room = this.#rooms.get(name);
    if (room?.delete(peer) && room.size === 0) this.#rooms.delete(name);
  }

  enter(peer: Peer): void {
    this.#join(`m:${peer.actor.memberId}`, peer);
    this.#join(`w:${peer.actor.workspaceId}`, peer);
  }

  /** Out of everything, for good. */
  exit(peer: Peer): void {
    this.clear(peer);
    this.#leave(`m:${peer.actor.memberId}`, peer);
    this.#leave(`w:${peer.actor.workspaceId}`, peer);
  }

  /** Out of every stream and topic. */
  clear(peer: Peer): void {
    for (const stream of [...peer.streams]) this.unwatch(peer, stream);
    for (const topic of [...peer.topics]) this.unfollow(peer, topic);
  }

  watch(peer: Peer, stream: string): void {
    peer.streams.add(stream);
    this.#join(`s:${peer.actor.workspaceId}:${stream}`, peer);
  }

  unwatch(peer: Peer, stream: string): void {
    peer.streams.delete(stream);
    this.#leave(`s:${peer.actor.workspaceId}:${stream}`, peer);
  }

  /** Followers of accounts' lists stand in one room per rights token, or in the room of those who see every account. */
  follow(peer: Peer, topic: Topic): void {
    peer.topics.add(topic);
    for (const room of topicRooms(peer, topic)) this.#join(room, peer);
  }

  unfollow(peer: Peer, topic: Topic): void {
    peer.topics.delete(topic);
    for (const room of topicRooms(peer, topic)) this.#leave(room, peer);
  }

  watchers(workspaceId: Id, stream: string): ReadonlySet<Peer> {
    return this.#rooms.get(`s:${workspaceId}:${stream}`) ?? NOBODY;
  }

  ofMember(memberId: Id): ReadonlySet<Peer> {
    return this.#rooms.get(`m:${memberId}`) ?? NOBODY;
  }

  ofWorkspace(workspaceId: Id): ReadonlySet<Peer> {
    return this.#rooms.get(`w:${workspaceId}`) ?? NOBODY;
  }

  followers(workspaceId: Id, topic: Exclude<Topic, ScopedTopic>): ReadonlySet<Peer> {
    return this.#rooms.get(`t:${workspaceId}:${topic}`) ?? NOBODY;
  }

  /** True when anybody follows the list at all. */
  hasTopic(workspaceId: Id, topic: ScopedTopic): boolean {
    return this.#rooms.has(`q:${workspaceId}:${topic}`);
  }

  /** Each follower of the list who may see an account with these tokens, once. */
  *reached(workspaceId: Id, topic: ScopedTopic, access: readonly string[]): Generator<Peer> {
    const stamp = ++this.#stamp;
    for (const token of ['all', ...access])
      for (const peer of this.#rooms.get(`q:${workspaceId}:${topic}:${token}`) ?? NOBODY) {
        if (peer.stamp === stamp) continue;
        peer.stamp = stamp;
        yield peer;
      }
  }

  /** How many rooms there are; none when nobody is connected. */
  get size(): number {
    return this.#rooms.size;
  }

  workspaces(): Id[] {
    return [...this.#rooms.keys()].filter((name) => name.startsWith('w:')).map((name) => name.slice(2));
  }
}

/** Lists of accounts, or of what hangs on them: told by rights token. */
const SCOPED = ['queue', 'disputes', 'inbox'] as const satisfies Topic[];
type ScopedTopic = (typeof SCOPED)[number];
const isScoped = (topic: Topic): topic is ScopedTopic => (SCOPED as readonly string[]).includes(topic);

const NOBODY: ReadonlySet<Peer> = new Set();

function topicRooms(peer: Peer, topic: Topic): string[] {
  const workspace = peer.actor.workspaceId;
  if (!isScoped(topic)) return [`t:${workspace}:${topic}`];
  // a token always has a colon, so `all` cannot be one
  const tokens = peer.actor.rights ?? ['all'];
  return [`q:${workspace}:${topic}`, ...tokens.map((token) => `q:${workspace}:${topic}:${token}`)];
}
