import type { Dispute } from '#lib/domain/dispute/dispute.ts';
import type { Mail, Notification } from '#lib/domain/notification/notification.ts';
import type { Audience } from '#lib/domain/thread/audience.ts';
import type { SavedView } from '#lib/domain/view/saved-view.ts';
import type { Webhook, WebhookDelivery } from '#lib/domain/webhook/webhook.ts';
import type { Day, Id, Instant } from '#lib/domain/values.ts';
import type { TaskRow } from './views.ts';

/** What a line of the inbox says of a dispute. */
export type DisputeBrief = Pick<
  Dispute,
  | 'id'
  | 'version'
  | 'number'
  | 'state'
  | 'reason'
  | 'rootCause'
  | 'department'
  | 'currency'
  | 'disputedCents'
  | 'dueDay'
  | 'accountId'
  | 'accountNumber'
  | 'accountName'
>;

/** A notification as its reader may see it now. What they may not see any more is not there at all. */
export interface NotificationRow extends Omit<Notification, 'version' | 'memberId' | 'mailed'> {
  /** Name of who did it; '' for the product itself. */
  byName: string;
  /** Name of whom the reader replaces, where it was said to somebody who is away; '' otherwise. */
  forName: string;
  /** Null where it concerns none, or one that was taken away (`case.reassigned`). */
  account: { id: Id; number: string; name: string } | null;
  dispute: DisputeBrief | null;
  task: Pick<TaskRow['task'], 'id' | 'kind' | 'dueDay' | 'state' | 'blockedCents' | 'currency'> | null;
  /** First words of the message; null where there is none (any more). */
  excerpt: string | null;
}
export interface NotificationPage {
  notifications: NotificationRow[];
  next: string | null;
  /** Unread ones that I may see, counted up to 100. */
  unread: number;
}

export interface InboxTask extends TaskRow {
  dispute: DisputeBrief | null;
}
/** A resolution that needs a second person. */
export interface InboxApproval {
  dispute: DisputeBrief;
  approval: NonNullable<Dispute['approval']>;
}
export interface FollowedThread {
  dispute: DisputeBrief;
  audience: Audience;
  /** Messages that I have not read. */
  unread: number;
  lastSeq: number;
  lastAt: Instant;
  lastAuthorId: Id;
}
/** The screen /inbox as first loaded. */
export interface InboxView {
  /** Open tasks of mine, of those I replace and of my departments; by due day. */
  tasks: InboxTask[];
  approvals: InboxApproval[];
  /** Unread first, then the last written in. */
  threads: FollowedThread[];
  today: Day;
}

/** A mail as administrators read it. */
export type MailRow = Mail;
export interface MailPage {
  mails: MailRow[];
  next: string | null;
  /** Whether there is a server that sends them. */
  sending: boolean;
}

export interface SavedViewRow extends SavedView {
  /** May I change or remove it? */
  mine: boolean;
  /** How many it finds for me now, up to 1,000; null where counting is not cheap. */
  count: number | null;
}
export interface SavedViewList {
  views: SavedViewRow[];
}

/** Without the secret, which is shown once. */
export interface WebhookRow extends Omit<Webhook, 'secret'> {
  /** It has a token of mine: I see what is sent to it. */
  own: boolean;
  tokenName: string;
  /** Its token was not revoked. */
  usable: boolean;
  /** Of one's own; null otherwise. */
  waiting: number | null;
  failed: number | null;
  lastAt: Instant | null;
}
export interface WebhookList {
  webhooks: WebhookRow[];
}
export interface DeliveryPage {
  deliveries: WebhookDelivery[];
  next: string | null;
}
