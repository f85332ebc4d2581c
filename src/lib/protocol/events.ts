import type { Account } from '#lib/domain/account/account.ts';
import type { Attachment } from '#lib/domain/attachment/attachment.ts';
import type { Balance } from '#lib/domain/balance/balance.ts';
import type { Case } from '#lib/domain/case/case.ts';
import type { Contact } from '#lib/domain/contact/contact.ts';
import type { Dispute, DisputeProposal } from '#lib/domain/dispute/dispute.ts';
import type { Item } from '#lib/domain/item/item.ts';
import type { PromiseToPay } from '#lib/domain/promise/promise.ts';
import type { Task } from '#lib/domain/task/task.ts';
import type { Message } from '#lib/domain/thread/thread.ts';
import type { Day, Id, Instant } from '#lib/domain/values.ts';

/** Events of an account's internal stream, past tense, one name everywhere. */
export const ACCOUNT_EVENTS = [
  'account.created',
  'account.imported',
  'account.reassigned',
  'case.opened',
  'case.parked',
  'case.idled',
  'case.claimed',
  'case.released',
  'case.handed_over',
  'case.claim_broken',
  'case.claim_expired',
  'case.finished',
  'case.postponed',
  'call.started',
  'contact.recorded',
  'contact.added',
  'contact.changed',
  'contact.removed',
  'promise.made',
  'promise.settled',
  'promise.withdrawn',
  'task.created',
  'task.done',
  'task.declined',
  'task.accepted',
  'task.returned',
  'task.escalated',
  'dispute.opened',
  'dispute.changed',
  'dispute.qualified',
  'dispute.assigned',
  'dispute.waiting',
  'dispute.resumed',
  'dispute.answered',
  'dispute.approval_asked',
  'dispute.approval_refused',
  'dispute.resolved',
  'dispute.credit_note_received',
  'dispute.closed',
  'dispute.reopened',
  'dispute.escalated',
  'dispute.closure_proposed',
  'proposal.made',
  'proposal.dismissed',
  'einvoice.received',
  'einvoice.matched',
  'attachment.added',
  'attachment.removed',
  'message.copied',
  'text.erased',
] as const;

/** Events of an account's stream of any audience: what was posted for that audience, with `disputeId`. */
export const MESSAGE_EVENTS = [
  'message.posted',
  'message.edited',
  'message.deleted',
  'message.reacted',
  'message.erased',
] as const;

/** Events of the workspace's stream. */
export const WORKSPACE_EVENTS = [
  'import.staged',
  'import.apply_started',
  'import.applied',
  'import.failed',
  'import.discarded',
  'einvoice.set_aside',
  'bulk.started',
  'bulk.finished',
  'webhook.created',
  'webhook.changed',
  'webhook.removed',
] as const;

/** Events of a member's own stream. */
export const MEMBER_EVENTS = ['notice.posted', 'notice.read'] as const;

/** Events of the installation's streams `member-record:<id>` and `workspace-record:<id>`; see InstallationFact. */
export const INSTALLATION_EVENTS = [
  'workspace.created',
  'workspace.changed',
  'member.invited',
  'member.joined',
  'member.changed',
  'member.disabled',
  'member.absence_set',
  'rights.changed',
  'session.opened',
  'session.closed',
  'token.created',
  'token.revoked',
] as const;

/**
 * What every event of a member's record carries in `data`. `rights.changed` is there for each member whose role, rights or
 * replaced colleagues changed (a substitute's too); `session.closed` and `token.revoked` name the credentials that ended,
 * so that their sockets are closed at once.
 */
export interface InstallationFact {
  workspaceId: Id;
  memberId: Id;
  /** `signed_out`, `everywhere`, `password`, `disabled`, `rotated`, `expired`, `revoked`; of rights: what changed them. */
  reason?: string;
  credentialIds?: string[];
  [key: string]: unknown;
}

export type AccountEventName = (typeof ACCOUNT_EVENTS)[number] | (typeof MESSAGE_EVENTS)[number];
export type WorkspaceEventName = (typeof WORKSPACE_EVENTS)[number];
export type MemberEventName = (typeof MEMBER_EVENTS)[number];
export type InstallationEventName = (typeof INSTALLATION_EVENTS)[number];
export type EventName = AccountEventName | WorkspaceEventName | MemberEventName | InstallationEventName;

/**
 * The records that an event changed, whole, as they stand after it: replaying a stream is folding these by id, and a
 * screen applies an event the same way. Personal fields (contacts, a task's text and answer, a contact's words) travel in `personal`.
 */
export interface ChangedRecords {
  account?: Account;
  case?: Case;
  balances?: Balance[];
  items?: Item[];
  contacts?: Contact[];
  tasks?: Task[];
  promises?: PromiseToPay[];
  disputes?: Dispute[];
  proposals?: DisputeProposal[];
  messages?: Message[];
  attachments?: Attachment[];
}

/** The envelope that clients get: what is stored, less the hashes. */
export interface WireEvent {
  id: Id;
  stream: string;
  seq: number;
  name: EventName;
  at: Instant;
  day: Day;
  actor: string;
  /** `records` plus what is particular to the event (see docs/protocol.md). */
  data: { records?: ChangedRecords; [key: string]: unknown };
  /** Personal text; null when there was none or it was erased. */
  personal: { [key: string]: unknown } | null;
  erased: boolean;
}

/**
 * An event as timelines hold it: an import's event carries every item that it touched, of which a timeline only says how
 * many. Whoever replays an account reads its stream instead.
 */
export function forTimeline(event: WireEvent): WireEvent {
  const { items, ...records } = event.data.records ?? {};
  return items === undefined ? event : { ...event, data: { ...event.data, records, itemCount: items.length } };
}
