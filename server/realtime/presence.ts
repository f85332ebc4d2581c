import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import type { PresenceEntry } from '#lib/protocol/realtime.ts';
import { mayReadAudience } from '#lib/policies/audience.ts';
import type { App } from '../app.ts';
import type { Signal, Stop, Value } from '../store/port.ts';

/** A place that is not renewed within this time is empty. Clients renew every 20 s. */
export const PRESENCE_TTL_MS = 25_000;
const SCOPE = 'presence';

interface Slot {
  workspaceId: Id;
  entry: PresenceEntry;
  expiresAt: number;
}

/**
 * Who is where, in this process and, through the store's signals, on other nodes. One slot per socket; what is told is
 * one entry per member and account. It decides nothing about who may hear it: `onChange` does.
 */
export class Presence {
  readonly #app: App;
  readonly #node: string;
  readonly #onChange: (workspaceId: Id, accountId: Id) => void;
  readonly #slots = new Map<string, Slot>();
  readonly #accounts = new Map<string, Set<string>>();
  readonly #stop: Stop;

  /** @param node this process's name among the nodes @param onChange somebody came, went or turned to something else */
  constructor(app: App, node: string, onChange: (workspaceId: Id, accountId: Id) => void) {
    this.#app = app;
    this.#node = node;
    this.#onChange = onChange;
    this.#stop = app.store.signals.tail(SCOPE, (signals) => {
      for (const signal of signals) this.#hear(signal);
    });
  }

  /** Puts a socket's member on an account, or renews it. */
  put(
    socketId: string,
    who: { memberId: Id; name: string; workspaceId: Id },
    place: Omit<PresenceEntry, 'memberId' | 'name'>,
  ): void {
    const key = this.#key(socketId);
    const entry: PresenceEntry = { memberId: who.memberId, name: who.name, ...place };
    this.#set(key, { workspaceId: who.workspaceId, entry, expiresAt: this.#app.clock.ms() + PRESENCE_TTL_MS });
    const value = { workspaceId: who.workspaceId, ...entry } as unknown as Value;
    this.#tell(this.#app.store.signals.put(SCOPE, key, value, PRESENCE_TTL_MS));
  }

  /** Takes a socket away, at once. */
  remove(socketId: string): void {
    const key = this.#key(socketId);
    if (!this.#slots.has(key)) return;
    this.#unset(key);
    this.#tell(this.#app.store.signals.remove(SCOPE, key));
  }

  /** Takes a socket away from an account that its member may not see any more. */
  leaveUnseen(socketId: string, maySee: (accountId: Id) => boolean): void {
    const slot = this.#slots.get(this.#key(socketId));
    if (slot !== undefined && !maySee(slot.entry.accountId)) this.remove(socketId);
  }

  /** Everybody on this account, once for each of their sockets; what a reader gets of it, `seenBy` says. */
  on(workspaceId: Id, accountId: Id): PresenceEntry[] {
    const keys = this.#accounts.get(`${workspaceId}:${accountId}`) ?? [];
    return [...keys].map((key) => this.#slots.get(key)?.entry).filter((entry) => entry !== undefined);
  }

  /** Accounts of a workspace with somebody on them. */
  accounts(workspaceId: Id): Id[] {
    const prefix = `${workspaceId}:`;
    return [...this.#accounts.keys()].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
  }

  /** Empties the places that nobody renewed. */
  sweep(): void {
    const now = this.#app.clock.ms();
    for (const [key, slot] of this.#slots) if (slot.expiresAt <= now) this.#unset(key);
  }

  get size(): number {
    return this.#slots.size;
  }

  async close(): Promise<void> {
    await this.#stop();
  }

  #key(socketId: string): string {
    return `${this.#node}/${socketId}`;
  }

  #hear(signal: Signal): void {
    if (signal.key.startsWith(`${this.#node}/`)) return;
    // the store stamps signals with the machine's time
    const left = signal.expiresAt - Date.now();
    if (signal.value === null || left <= 0) {
      this.#unset(signal.key);
      return;
    }
    const { workspaceId, ...entry } = signal.value as unknown as PresenceEntry & { workspaceId: Id };
    this.#set(signal.key, { workspaceId, entry, expiresAt: this.#app.clock.ms() + left });
  }

  #set(key: string, slot: Slot): void {
    const before = this.#slots.get(key);
    if (before !== undefined && sameEntry(before.entry, slot.entry)) {
      before.expiresAt = slot.expiresAt;
      return;
    }
    if (before !== undefined && before.entry.accountId !== slot.entry.accountId) this.#unset(key);
    this.#slots.set(key, slot);
    const account = `${slot.workspaceId}:${slot.entry.accountId}`;
    const there = this.#accounts.get(account) ?? new Set();
    there.add(key);
    this.#accounts.set(account, there);
    this.#onChange(slot.workspaceId, slot.entry.accountId);
  }

  #unset(key: string): void {
    const slot = this.#slots.get(key);
    if (slot === undefined) return;
    this.#slots.delete(key);
    const account = `${slot.workspaceId}:${slot.entry.accountId}`;
    const there = this.#accounts.get(account);
    there?.delete(key);
    if (there?.size === 0) this.#accounts.delete(account);
    this.#onChange(slot.workspaceId, slot.entry.accountId);
  }

  #tell(sent: Promise<void>): void {
    sent.catch((error: unknown) => this.#app.log.warn({ err: error }, 'presence did not reach the other nodes'));
  }
}

const weight = (entry: PresenceEntry): number =>
  (entry.mode === 'writing' ? 2 : 0) + (entry.disputeId === null ? 0 : 1);

/** One entry per member, as this reader may know them: where they write before where they look, a dispute before the account. */
export function seenBy(actor: Actor, entries: readonly PresenceEntry[]): PresenceEntry[] {
  const byMember = new Map<Id, PresenceEntry>();
  for (const entry of entries) {
    const open = presenceFor(actor, entry);
    const known = byMember.get(open.memberId);
    // Judged after what is hidden was taken away: it must not decide which place is shown.
    if (known === undefined || weight(open) > weight(known)) byMember.set(open.memberId, open);
  }
  return [...byMember.values()];
}

/** What this reader may know of it: that somebody writes for an audience closed to the reader is not said. */
function presenceFor(actor: Actor, entry: PresenceEntry): PresenceEntry {
  if (entry.audience === null || mayReadAudience(actor, entry.audience)) return entry;
  return { ...entry, mode: 'viewing', field: null, audience: null };
}

function sameEntry(a: PresenceEntry, b: PresenceEntry): boolean {
  return (
    a.memberId === b.memberId &&
    a.accountId === b.accountId &&
    a.disputeId === b.disputeId &&
    a.audience === b.audience &&
    a.mode === b.mode &&
    a.field === b.field &&
    a.name === b.name
  );
}
