import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import { inScope } from '#lib/policies/in-scope.ts';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import type { App } from '#server/app.ts';
import type { RightsChange } from '#server/realtime/rights-feed.ts';
import type { Connection } from './connection.ts';
import { mayRead, mayWrite, type Target } from './rights.ts';

/** How long updates that are under way are still taken after a right is lost (ms). */
export const DRAIN_MS = 1_000;
/** Judging that fails is tried again, with content held back, and then fails closed (ms). */
const JUDGE = { everyMs: 250, mostMs: 10_000 } as const;
/** Everybody is judged again at this pace, whatever the journal said (ms), so many at a time. */
export const SWEEP = { everyMs: 60_000, atOnce: 20 } as const;

export interface GuardDeps {
  app: App;
  actorFor: (app: App, memberId: Id, credentialId: Id) => Promise<Actor | null>;
  /** Called when a connection that drains may have nothing left to wait for, and when it ended draining. */
  acknowledge: (connection: Connection) => void;
  /** The right to write came back: the client is asked for what it kept. */
  regained: (connection: Connection) => void;
}

class Index {
  readonly #sets = new Map<string, Set<Connection>>();

  add(key: string, connection: Connection): void {
    let set = this.#sets.get(key);
    if (set === undefined) this.#sets.set(key, (set = new Set()));
    set.add(connection);
  }

  delete(key: string, connection: Connection): void {
    const set = this.#sets.get(key);
    if (set?.delete(connection) && set.size === 0) this.#sets.delete(key);
  }

  get(key: string): Connection[] {
    return [...(this.#sets.get(key) ?? [])];
  }

  get size(): number {
    return this.#sets.size;
  }
}

/** Who may be where, judged again whenever that may have changed. */
export class Guard {
  readonly #deps: GuardDeps;
  readonly #members = new Index();
  readonly #accounts = new Index();
  readonly all = new Set<Connection>();
  #sweeping = false;
  #stopped = false;

  constructor(deps: GuardDeps) {
    this.#deps = deps;
  }

  get indexed(): number {
    return this.#members.size + this.#accounts.size;
  }

  ofMember(actor: Actor): number {
    return this.#members.get(`${actor.workspaceId}/${actor.memberId}`).length;
  }

  /** From now on, changes that concern it are heard. */
  admit(connection: Connection, actor: Actor, target: Target): void {
    connection.actor = actor;
    connection.target = target;
    this.#members.add(`${actor.workspaceId}/${actor.memberId}`, connection);
    this.#accounts.add(`${actor.workspaceId}/${target.accountId}`, connection);
  }

  forget(connection: Connection): void {
    this.all.delete(connection);
    const { actor, target } = connection;
    if (actor === null || target === null) return;
    this.#members.delete(`${actor.workspaceId}/${actor.memberId}`, connection);
    this.#accounts.delete(`${actor.workspaceId}/${target.accountId}`, connection);
  }

  /** Judges again whoever a change may concern. */
  onChange(change: RightsChange): void {
    if (change.kind === 'account') {
      for (const connection of this.#accounts.get(`${change.workspaceId}/${change.accountId}`)) {
        if (connection.room === null) connection.stale = true;
        else if (!inScope(connection.actor?.rights ?? null, change.access)) this.lose(connection, 'closed');
      }
    } else if (change.kind === 'member') {
      for (const connection of this.#members.get(`${change.workspaceId}/${change.memberId}`)) {
        connection.mute();
        if (connection.room === null) connection.stale = true;
        else void this.judge(connection);
      }
    } else if (change.kind === 'credentials') {
      for (const connection of this.#members.get(`${change.workspaceId}/${change.memberId}`))
        if (change.credentialIds.includes(connection.actor?.credentialId ?? ''))
          connection.close(CLOSE.SIGNED_OUT, 'signed out');
    } else void this.sweep(change.workspaceId);
  }

  /** Everybody, or everybody of a workspace, a few at a time. */
  async sweep(workspaceId: Id | null): Promise<void> {
    if (this.#sweeping && workspaceId === null) return;
    this.#sweeping = true;
    const all = [...this.all].filter(
      ({ actor }) => actor !== null && (workspaceId === null || actor.workspaceId === workspaceId),
    );
    for (let at = 0; at < all.length && !this.#stopped; at += SWEEP.atOnce) {
      await Promise.all(all.slice(at, at + SWEEP.atOnce).map((connection) => this.judge(connection)));
      await new Promise(setImmediate);
    }
    this.#sweeping = false;
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Reads the rights of this moment and obeys them. */
  async judge(connection: Connection): Promise<void> {
    const end = Date.now() + JUDGE.mostMs;
    while (!connection.closed && !this.#stopped) {
      try {
        await this.#judgeOnce(connection);
        return;
      } catch (error) {
        connection.mute();
        this.#deps.app.log.warn({ err: error }, 'rights could not be judged');
        if (Date.now() > end) return connection.close(CLOSE.TRY_LATER, 'rights unknown');
        await new Promise((resolve) => setTimeout(resolve, JUDGE.everyMs).unref());
      }
    }
  }

  async #judgeOnce(connection: Connection): Promise<void> {
    const { app, actorFor } = this.#deps;
    const { actor: before, target } = connection;
    if (before === null || target === null) return;
    const actor = await actorFor(app, before.memberId, before.credentialId);
    if (actor === null) return connection.close(CLOSE.SIGNED_OUT, 'signed out');
    const reads = await mayRead(app, actor, target);
    if (connection.closed) return;
    connection.actor = actor;
    if (!reads) return this.lose(connection, 'closed');
    const writes = mayWrite(actor, target) && connection.capable;
    if (connection.writable && !writes) this.lose(connection, 'read_only');
    else if (!connection.writable && writes && connection.room !== null) {
      connection.writable = true;
      connection.refusedFrom = null;
      this.#deps.regained(connection);
    }
    connection.unmute();
  }

  /** No content goes out from now on; what its author has under way is still taken, for a second at most. */
  lose(connection: Connection, to: 'closed' | 'read_only'): void {
    if (connection.closed || connection.leaving?.to === 'closed') return;
    if (to === 'closed') connection.silence();
    if (connection.leaving !== null) {
      connection.leaving.to = to;
      return;
    }
    if (!connection.writable) {
      if (to === 'closed') connection.close(CLOSE.FORBIDDEN, 'not allowed any more');
      return;
    }
    const timer = setTimeout(() => this.#end(connection), DRAIN_MS);
    connection.leaving = { to, heard: false, timer };
    connection.tellMode(true);
  }

  heardLeaving(connection: Connection): void {
    if (connection.leaving === null) return;
    connection.leaving.heard = true;
    this.settle(connection);
  }

  /** Ends the draining of a connection once all it said is journalled. */
  settle(connection: Connection): void {
    const { leaving } = connection;
    if (leaving?.heard && connection.unfinished.size === 0 && connection.inbox.length === 0) this.#end(connection);
  }

  #end(connection: Connection): void {
    const { leaving } = connection;
    if (leaving === null || connection.closed) return;
    clearTimeout(leaving.timer);
    connection.leaving = null;
    connection.writable = false;
    this.#deps.acknowledge(connection);
    if (leaving.to === 'closed') connection.close(CLOSE.FORBIDDEN, 'not allowed any more');
    else connection.tellMode();
  }
}
