import { AUDIENCES, isAudience } from '#lib/domain/thread/audience.ts';
import type { Id } from '#lib/domain/values.ts';
import { mayReadAudience } from '#lib/policies/audience.ts';
import { inScope } from '#lib/policies/in-scope.ts';
import { may } from '#lib/policies/may.ts';
import type { ChangedRecords, InstallationFact } from '#lib/protocol/events.ts';
import { accountStream, parseStream } from '#lib/protocol/streams.ts';
import type { App } from '../app.ts';
import { wireEvent } from '../queries/wire-event.ts';
import type { StoredEvent } from '../store/port.ts';
import type { AccountAccess } from './access.ts';
import { encode, type Frame } from './frame.ts';
import { HintBatches, type Hint } from './hint-batches.ts';
import type { Peer } from './peer.ts';
import type { Rooms } from './rooms.ts';

/** What the teller asks of the gateway. */
export interface TellerPorts {
  send(peer: Peer, frame: Frame): void;
  /** The peer may no longer see something: it is told to ask again. */
  lost(peer: Peer, reason: string): void;
  /** The member's rights are others now: judged anew before anything more is said. */
  judgeAgain(memberId: Id, reason: string): void;
  /** These sessions or tokens ended: their sockets close at once. */
  end(memberId: Id, credentialIds: readonly string[]): void;
  /** An import or a bulk command moved. */
  progress(workspaceId: Id, runId: Id | null): void;
}

/** Many of these come together (an import, a day's start): their hints are told in batches. */
const BATCHED = new Set(['account.imported', 'account.created', 'case.opened', 'case.parked', 'case.idled']);
const TEAM_EVERY_MS = 2_000;

/**
 * Tells what the journal says, after its commit, to whoever stands in the room: watchers of the stream get the event,
 * followers of the queue a hint. The order within a call is the point: a right that an event takes away is gone before
 * that event is told.
 */
export class Teller {
  readonly #app: App;
  readonly #rooms: Rooms;
  readonly #access: AccountAccess;
  readonly #ports: TellerPorts;
  readonly #batches: HintBatches;
  readonly #teamDue = new Map<Id, NodeJS.Timeout>();

  constructor(app: App, rooms: Rooms, access: AccountAccess, ports: TellerPorts) {
    this.#app = app;
    this.#rooms = rooms;
    this.#access = access;
    this.#ports = ports;
    this.#batches = new HintBatches((workspaceId, accessTokens, hint) => this.#hint(workspaceId, accessTokens, hint));
  }

  tell(events: readonly StoredEvent[]): void {
    for (const event of events) {
      try {
        this.#one(event);
      } catch (error) {
        this.#app.log.error({ err: error, event: event.id, name: event.name }, 'an event could not be told');
      }
    }
  }

  close(): void {
    this.#batches.close();
    for (const timer of this.#teamDue.values()) clearTimeout(timer);
    this.#teamDue.clear();
  }

  #one(event: StoredEvent): void {
    const stream = parseStream(event.stream);
    if (stream === null) {
      this.#installationFact(event);
      return;
    }
    if (stream.kind === 'account') this.#learn(event, stream.accountId);
    const watchers = this.#rooms.watchers(event.workspaceId, event.stream);
    if (watchers.size > 0) {
      const frame = encode('event', wireEvent(event));
      for (const peer of watchers) this.#ports.send(peer, frame);
    }
    if (stream.kind === 'account') {
      // what is posted for an audience moves no list: who may not read it must not even see that something happened
      if (stream.audience === 'internal') this.#accountChanged(event, stream.accountId);
    } else if (stream.kind === 'member') this.#notice(event, stream.memberId);
    else if (/^(import|bulk)\./.test(event.name)) {
      const runId = event.data.importId ?? event.data.jobId;
      this.#ports.progress(event.workspaceId, typeof runId === 'string' ? runId : null);
      this.#team(event.workspaceId);
    }
  }

  /** Whoever may not see the account any more leaves its room, before the event that says so is told. */
  #learn(event: StoredEvent, accountId: Id): void {
    const account = recordsOf(event).account;
    if (account === undefined) return;
    const before = this.#access.learn(event.workspaceId, account) ?? formerAccessOf(event);
    const now = this.#access.peek(event.workspaceId, accountId) ?? account.access;
    for (const stream of AUDIENCES.map((audience) => accountStream(accountId, audience)))
      for (const peer of [...this.#rooms.watchers(event.workspaceId, stream)]) {
        if (inScope(peer.actor.rights, now)) continue;
        this.#rooms.unwatch(peer, stream);
        this.#ports.lost(peer, 'access');
      }
    if (before === null) return;
    for (const peer of this.#rooms.reached(event.workspaceId, 'queue', before))
      if (!inScope(peer.actor.rights, now)) this.#ports.lost(peer, 'access');
  }

  #accountChanged(event: StoredEvent, accountId: Id): void {
    this.#team(event.workspaceId);
    this.#disputesChanged(event, accountId);
    if (!this.#rooms.hasTopic(event.workspaceId, 'queue')) return;
    const hint: Hint = { accountIds: [accountId], name: event.name, actor: event.actor, at: event.at };
    const work = recordsOf(event).case;
    if (work !== undefined) hint.claimedBy = work.claimedBy ?? 'none';
    this.#withAccess(event.workspaceId, accountId, (access) => this.#queued(event, access, hint));
  }

  #withAccess(workspaceId: Id, accountId: Id, tell: (access: readonly string[]) => void): void {
    const known = this.#access.peek(workspaceId, accountId);
    if (known !== null) tell(known);
    else
      this.#access.read(workspaceId, accountId).then(
        (access) => access !== null && tell(access),
        (error: unknown) => this.#app.log.warn({ err: error }, 'a hint could not be told'),
      );
  }

  /** Hints to the lists of disputes and to the inboxes in which a task or a decision waits. */
  #disputesChanged(event: StoredEvent, accountId: Id): void {
    const { workspaceId, name, actor, at } = event;
    const { disputes = [], proposals = [] } = recordsOf(event);
    const ofDisputes = disputes.length > 0 || proposals.length > 0;
    if (ofDisputes && this.#rooms.hasTopic(workspaceId, 'disputes')) {
      const frame = encode('disputes', { disputeIds: disputes.map(({ id }) => id), accountId, name, actor, at });
      this.#withAccess(workspaceId, accountId, (access) => {
        for (const peer of this.#rooms.reached(workspaceId, 'disputes', access)) this.#ports.send(peer, frame);
      });
    }
    if ((ofDisputes || name.startsWith('task.')) && this.#rooms.hasTopic(workspaceId, 'inbox')) {
      const frame = encode('inbox', { at });
      this.#withAccess(workspaceId, accountId, (access) => {
        for (const peer of this.#rooms.reached(workspaceId, 'inbox', access)) this.#ports.send(peer, frame);
      });
    }
  }

  #queued(event: StoredEvent, access: readonly string[], hint: Hint): void {
    if (BATCHED.has(event.name)) this.#batches.add(event.workspaceId, access, hint);
    else this.#hint(event.workspaceId, access, hint);
  }

  #hint(workspaceId: Id, access: readonly string[], hint: Hint): void {
    let frame: Frame | null = null;
    for (const peer of this.#rooms.reached(workspaceId, 'queue', access))
      this.#ports.send(peer, (frame ??= encode('queue', hint)));
  }

  #notice(event: StoredEvent, memberId: Id): void {
    const changed = encode('inbox', { at: event.at });
    const { audience } = event.data;
    const hears = ({ actor }: Peer): boolean =>
      may(actor, 'notification.read') && (!isAudience(audience) || mayReadAudience(actor, audience));
    for (const peer of this.#rooms.ofMember(memberId))
      if (peer.topics.has('inbox') && hears(peer)) this.#ports.send(peer, changed);
    if (event.name !== 'notice.posted') return;
    const kind = typeof event.data.kind === 'string' ? event.data.kind : event.name;
    const frame = encode('notice', { id: event.id, name: kind, data: { ...event.data, ...event.personal } });
    for (const peer of this.#rooms.ofMember(memberId))
      if (peer.judging !== null) void peer.judging.then(() => hears(peer) && this.#ports.send(peer, frame));
      else if (hears(peer)) this.#ports.send(peer, frame);
  }

  #installationFact(event: StoredEvent): void {
    const fact = event.data as unknown as Partial<InstallationFact>;
    if (typeof fact.memberId !== 'string') return;
    if (event.name.startsWith('member.') && typeof fact.workspaceId === 'string') this.#team(fact.workspaceId);
    switch (event.name) {
      case 'session.closed':
      case 'token.revoked':
        this.#ports.end(fact.memberId, fact.credentialIds ?? []);
        break;
      case 'rights.changed':
      case 'member.changed':
      case 'member.disabled':
        this.#ports.judgeAgain(fact.memberId, fact.reason ?? event.name);
        break;
    }
  }

  /** The manager's figures are reckoned once for all who look, so they are told of seldom. */
  #team(workspaceId: Id): void {
    if (this.#teamDue.has(workspaceId) || this.#rooms.followers(workspaceId, 'team').size === 0) return;
    const timer = setTimeout(() => {
      this.#teamDue.delete(workspaceId);
      const frame = encode('team', { at: this.#app.clock.now() });
      for (const peer of this.#rooms.followers(workspaceId, 'team')) this.#ports.send(peer, frame);
    }, TEAM_EVERY_MS);
    timer.unref();
    this.#teamDue.set(workspaceId, timer);
  }
}

/** The tokens that the account had before: known to the event itself, whatever this process has seen. */
function formerAccessOf(event: StoredEvent): readonly string[] | null {
  const { formerAccess } = event.data;
  return Array.isArray(formerAccess) ? (formerAccess as string[]) : null;
}

/** The records as they stand after the event; what may be erased says more than what may not. */
function recordsOf(event: StoredEvent): ChangedRecords {
  const open = event.data.records as ChangedRecords | undefined;
  const erasable = event.personal?.records as ChangedRecords | undefined;
  return { ...open, ...erasable, ...(open?.disputes && { disputes: open.disputes }) };
}
