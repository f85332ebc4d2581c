import type { WireEvent } from './events.ts';
import type { Audience } from '#lib/domain/thread/audience.ts';
import type { Day, Id, Instant } from '#lib/domain/values.ts';

/** Socket.IO at /socket.io, WebSocket transport only. Client → server messages take an acknowledgement. */

export type Mode = 'viewing' | 'writing';

/** Who is where; identity is stamped by the server. */
export interface PresenceEntry {
  memberId: Id;
  name: string;
  accountId: Id;
  /** The dispute of the account that they look at; null: the account itself. */
  disputeId: Id | null;
  mode: Mode;
  /** What is being written: `note`, `contact`, `task`…; null when viewing. */
  field: string | null;
  /** For whom they write. Who may not read that audience is told that they are viewing. */
  audience: Audience | null;
}

export type Ack<T> = { ok: true; value: T } | { ok: false; code: string };

export interface ClientToServer {
  /** Streams to follow with the last sequence seen of each; answers what is missing, or `refetch` when there is too much. */
  watch: (
    message: { streams: { stream: string; since: number }[] },
    ack: (answer: Ack<{ stream: string; seq: number; events: WireEvent[]; refetch: boolean }[]>) => void,
  ) => void;
  unwatch: (message: { streams: string[] }, ack: (answer: Ack<null>) => void) => void;
  /** Follow lists: `queue` (hints and presence on rows), `disputes`, `inbox`, `team` (manager's figures), `imports`. */
  follow: (message: { topics: Topic[] }, ack: (answer: Ack<{ presence: PresenceEntry[] }>) => void) => void;
  unfollow: (message: { topics: Topic[] }, ack: (answer: Ack<null>) => void) => void;
  /** Where I am; null: nowhere. Renewed every 20 s; renews the lease of the case that I hold there, and answers who is there. */
  presence: (
    message: {
      accountId: Id;
      disputeId?: Id | null;
      mode: Mode;
      field: string | null;
      audience?: Audience | null;
    } | null,
    ack: (answer: Ack<{ leaseUntil: Instant | null; entries: PresenceEntry[] }>) => void,
  ) => void;
}

export const TOPICS = ['queue', 'team', 'imports', 'disputes', 'inbox'] as const;
export type Topic = (typeof TOPICS)[number];

export interface ServerToClient {
  /** First message: protocol version, who I am, today, and which instance speaks (the one of /healthz). */
  hello: (message: { protocol: number; memberId: Id; today: Day; now: Instant; instance: string }) => void;
  /** An event of a watched stream, after its commit. */
  event: (event: WireEvent) => void;
  /** These rows changed: refetch when convenient. `name` is the event's, so that a lost claim can be told. */
  queue: (hint: { accountIds: Id[]; name: string; actor: string; at: Instant; claimedBy?: string }) => void;
  /** These disputes changed, came or went: refetch when convenient. */
  disputes: (hint: { disputeIds: Id[]; accountId: Id; name: string; actor: string; at: Instant }) => void;
  /** Something that waits for me changed: a notification, a task, what I have read on another screen. */
  inbox: (message: { at: Instant }) => void;
  /** All who are on an account the reader may see; empty when nobody is. */
  presence: (message: { accountId: Id; entries: PresenceEntry[] }) => void;
  /** Rights changed: refetch what is open, ask again for what was closed. */
  rights: (message: { reason: string }) => void;
  /** A message to this member: a case reassigned, a claim broken, a bulk finished. */
  notice: (message: { id: Id; name: string; data: { [key: string]: unknown } }) => void;
  /** The manager's figures changed. */
  team: (message: { at: Instant }) => void;
  /** Progress of an import or a bulk command. */
  progress: (message: {
    kind: 'import' | 'bulk';
    id: Id;
    phase: string;
    done: number;
    total: number;
    state: string;
  }) => void;
  /** The business day changed, or the server goes away and asks to come back in `pauseMs`. */
  day: (message: { today: Day }) => void;
  bye: (message: { pauseMs: number }) => void;
}
