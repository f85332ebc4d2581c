import type { Day, Id } from '#lib/domain/values.ts';
import type { App } from '../app.ts';
import { encode } from './frame.ts';
import type { ActorFor, Peers } from './peers.ts';
import type { Rooms } from './rooms.ts';

/** Rights that time takes away: the day turns, absences begin and end with it, sessions run out without a word. */
export class Reviews {
  readonly #app: App;
  readonly #rooms: Rooms;
  readonly #peers: Peers;
  readonly #actorFor: ActorFor;
  readonly #days = new Map<Id, Day>();

  constructor(app: App, rooms: Rooms, peers: Peers, actorFor: ActorFor) {
    this.#app = app;
    this.#rooms = rooms;
    this.#peers = peers;
    this.#actorFor = actorFor;
  }

  /** The workspace's day; the first time it is asked for, the day from which a turn is noticed. */
  async today(workspaceId: Id): Promise<Day> {
    const today = this.#app.clock.today((await this.#app.workspace(workspaceId)).timeZone);
    if (!this.#days.has(workspaceId)) this.#days.set(workspaceId, today);
    return today;
  }

  async turnDays(): Promise<void> {
    for (const [workspaceId, before] of [...this.#days]) {
      if (this.#rooms.ofWorkspace(workspaceId).size === 0) {
        this.#days.delete(workspaceId);
        continue;
      }
      const today = this.#app.clock.today((await this.#app.workspace(workspaceId)).timeZone);
      if (today === before) continue;
      this.#days.set(workspaceId, today);
      const frame = encode('day', { today });
      for (const peer of [...this.#rooms.ofWorkspace(workspaceId)]) {
        this.#peers.send(peer, frame);
        this.#peers.judge(peer, 'day');
      }
    }
  }

  /** Looks up every session and its rights. */
  async sessions(): Promise<void> {
    for (const peer of this.#peers.all()) {
      const { epoch } = peer;
      try {
        const actor = await this.#actorFor(this.#app, peer.actor.memberId, peer.actor.credentialId);
        if (peer.epoch !== epoch || peer.gone) continue;
        if (actor === null) this.#peers.signOut(peer, 'expired');
        else if (JSON.stringify(actor) !== JSON.stringify(peer.actor)) this.#peers.judge(peer, 'review');
      } catch (error) {
        this.#app.log.warn({ err: error }, 'a session could not be looked up');
      }
    }
  }
}
