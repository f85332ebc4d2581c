import type { Audience } from '../thread/audience.ts';
import type { Id, Instant } from '../values.ts';

export const NOTIFICATION_KINDS = [
  'message.mentioned',
  'message.posted',
  'message.reacted',
  'task.created',
  'task.accepted',
  'task.returned',
  'task.done',
  'task.declined',
  'task.escalated',
  'dispute.opened',
  'dispute.assigned',
  'dispute.answered',
  'dispute.approval_asked',
  'dispute.approval_refused',
  'dispute.resolved',
  'dispute.reopened',
  'dispute.late',
  'dispute.resumed',
  'case.reassigned',
  'case.handed_over',
  'case.claim_broken',
  'bulk.finished',
  'einvoice.received',
] as const;
export type NotificationKind = (typeof NOTIFICATION_KINDS)[number];

/**
 * Something that concerns one member. Holds no text of anybody: what it points at is read when it is shown, with the
 * rights of that moment, so that a right that was lost takes it away too.
 */
export interface Notification {
  id: Id;
  version: number;
  memberId: Id;
  kind: NotificationKind;
  at: Instant;
  by: Id;
  accountId: Id | null;
  disputeId: Id | null;
  taskId: Id | null;
  messageId: Id | null;
  audience: Audience | null;
  /** Facts beside, by kind: `change` of a reassignment, `gains` and `loses` of a bulk. Never words that somebody typed. */
  data: { [key: string]: string | number | boolean | null };
  read: boolean;
  readAt: Instant | null;
  /** A mail was made of it, or none is to be. */
  mailed: boolean;
}

/** Whom the reader replaces in what they are told (rule OWN-3); '' for what is said to themselves. */
export const insteadOf = ({ data }: Pick<Notification, 'data'>): Id =>
  typeof data['insteadOf'] === 'string' ? data['insteadOf'] : '';

/**
 * Those that ask something of the member, or name them: told at once to whoever wants mails at once. The rest waits in
 * the inbox (and in the daily mail of whoever wants that).
 */
export const ASKING_KINDS: readonly NotificationKind[] = [
  'message.mentioned',
  'task.created',
  'task.returned',
  'task.escalated',
  'dispute.assigned',
  'dispute.approval_asked',
  'dispute.late',
  'dispute.resumed',
  'case.handed_over',
];

export const MAIL_PACES = ['instant', 'daily', 'off'] as const;
export type MailPace = (typeof MAIL_PACES)[number];

/** How a member wants to be told. `id` is the member's. */
export interface NotificationSettings {
  id: Id;
  version: number;
  mails: MailPace;
}

/** What holds for a member who has chosen nothing: by mail at once. */
export const usualSettings = (memberId: Id): NotificationSettings => ({ id: memberId, version: 1, mails: 'instant' });

/** A mail on its way; without a server to send it, kept for administrators to read. Holds no text of a thread. */
export interface Mail {
  id: Id;
  version: number;
  memberId: Id;
  /** What it tells: judged again each time that it is about to leave. */
  notificationIds: Id[];
  /** Of the messages that it tells of: an administrator who may not read one of them does not see the mail. */
  audiences: Audience[];
  to: string;
  subject: string;
  text: string;
  /** Of a whole day, for those who want it so. */
  daily: boolean;
  state: 'waiting' | 'sent' | 'failed' | 'kept';
  createdAt: Instant;
  sentAt: Instant | null;
  tries: number;
  nextTryAt: Instant;
  /** Stable code of the last failure. */
  error: string | null;
}
