import type { Attachment } from '#lib/domain/attachment/attachment.ts';
import type { Dispute, DisputeProposal } from '#lib/domain/dispute/dispute.ts';
import type { EinvoiceStatus } from '#lib/domain/einvoice/status.ts';
import type { Mail, Notification, NotificationSettings } from '#lib/domain/notification/notification.ts';
import type { Message, Thread, ThreadMark } from '#lib/domain/thread/thread.ts';
import type { Id } from '#lib/domain/values.ts';
import type { SavedView } from '#lib/domain/view/saved-view.ts';
import type { Webhook, WebhookDelivery } from '#lib/domain/webhook/webhook.ts';
import { kind } from './kind.ts';

/** Kinds of disputes, of what is written about them, and of how people hear of it. */

const DISPUTE_SORTS = ['dueDay', '-disputedCents', 'openedOn', '-openedOn', '-number'];

export const disputes = kind<Dispute>({
  name: 'dispute',
  fields: {
    accountId: 'string',
    number: 'number',
    state: 'string',
    source: 'string',
    reason: 'string',
    rootCause: 'string',
    department: 'string',
    memberId: 'string',
    currency: 'string',
    disputedCents: 'number',
    awaitingCents: 'number',
    openedOn: 'day',
    dueDay: 'day',
    closedOn: 'day',
    changedOn: 'day',
    access: 'tokens',
    words: 'tokens',
  },
  indexes: [
    { name: 'byNumber', fields: ['number'], unique: true },
    { name: 'byAccount', fields: ['accountId', 'state'] },
    { name: 'byDepartment', fields: ['department', 'state', 'dueDay'] },
    { name: 'byMember', fields: ['memberId', 'state', 'dueDay'] },
    { name: 'byReason', fields: ['reason', 'state', 'dueDay'] },
    ...DISPUTE_SORTS.map((sort) => ({ name: `byState${sort}`, fields: ['state', sort] })),
    // The figures of a period, whatever became of its disputes.
    { name: 'byOpened', fields: ['openedOn'] },
  ],
  tokenIndexes: [
    { token: 'access', fields: ['openedOn'] },
    ...DISPUTE_SORTS.map((sort) => ({ token: 'access', fields: ['state', sort] })),
    { token: 'words', fields: ['-number'] },
  ],
});

export const disputeProposals = kind<DisputeProposal>({
  name: 'disputeProposal',
  fields: { accountId: 'string', itemId: 'string', state: 'string', proposedOn: 'day', access: 'tokens' },
  indexes: [
    { name: 'byAccount', fields: ['accountId', 'state'] },
    { name: 'byItem', fields: ['itemId', 'state'] },
    { name: 'byState', fields: ['state', '-proposedOn'] },
  ],
  tokenIndexes: [{ token: 'access', fields: ['state', '-proposedOn'] }],
});

/** The last number given, by what is numbered: `dispute`. */
export interface Counter {
  id: Id;
  version: number;
  last: number;
}
export const counters = kind<Counter>({ name: 'counter', fields: {} });

export const threads = kind<Thread>({
  name: 'thread',
  fields: { disputeId: 'string', accountId: 'string', audience: 'string', lastAt: 'instant' },
  indexes: [
    { name: 'byDispute', fields: ['disputeId'] },
    { name: 'byAccount', fields: ['accountId'] },
  ],
});

export const messages = kind<Message>({
  name: 'message',
  fields: {
    disputeId: 'string',
    accountId: 'string',
    audience: 'string',
    seq: 'number',
    authorId: 'string',
    state: 'string',
  },
  indexes: [
    { name: 'bySeq', fields: ['disputeId', 'audience', 'seq'], unique: true },
    { name: 'bySeqDown', fields: ['disputeId', 'audience', '-seq'] },
    { name: 'byAuthor', fields: ['authorId'] },
    { name: 'byAccount', fields: ['accountId'] },
  ],
});

export const threadMarks = kind<ThreadMark>({
  name: 'threadMark',
  fields: { memberId: 'string', disputeId: 'string', audience: 'string', following: 'boolean' },
  indexes: [
    { name: 'byMember', fields: ['memberId', 'following'] },
    { name: 'byThread', fields: ['disputeId', 'audience', 'following'] },
  ],
});

export const attachments = kind<Attachment>({
  name: 'attachment',
  fields: {
    accountId: 'string',
    disputeId: 'string',
    itemId: 'string',
    messageId: 'string',
    fileId: 'string',
    state: 'string',
    uploadedAt: 'instant',
  },
  indexes: [
    { name: 'byDispute', fields: ['disputeId', 'state'] },
    { name: 'byItem', fields: ['itemId', 'state'] },
    { name: 'byAccount', fields: ['accountId', 'state'] },
    { name: 'byState', fields: ['state', 'uploadedAt'] },
    { name: 'byFile', fields: ['fileId', 'state'] },
  ],
});

/** An erasure on its way: its record and its events are stored together, the rest is done until it is done. */
export interface Erasure {
  id: Id;
  version: number;
  state: 'running' | 'done';
  startedAt: string;
  accountId: Id;
  /** Streams whose events hold it, and up to which `seq` they may. */
  streams: { name: string; untilSeq: number }[];
  messageIds: Id[];
  contactId: Id | null;
  /** Digests of texts to be found in events; gone when it is done. */
  words?: string[];
  fileIds: Id[];
  /** Co-written documents whose history is dropped. */
  documents: string[];
}
export const erasures = kind<Erasure>({
  name: 'erasure',
  fields: { state: 'string', startedAt: 'instant', accountId: 'string' },
  indexes: [
    { name: 'byState', fields: ['state', 'startedAt'] },
    { name: 'byAccount', fields: ['accountId', 'startedAt'] },
  ],
});

export const notifications = kind<Notification>({
  name: 'notification',
  fields: {
    memberId: 'string',
    kind: 'string',
    at: 'instant',
    read: 'boolean',
    mailed: 'boolean',
    disputeId: 'string',
    accountId: 'string',
  },
  indexes: [
    { name: 'byMember', fields: ['memberId', '-at'] },
    { name: 'byRead', fields: ['memberId', 'read', '-at'] },
    { name: 'byKind', fields: ['memberId', 'kind', '-at'] },
    { name: 'byDispute', fields: ['memberId', 'disputeId', 'read'] },
    { name: 'byMailed', fields: ['mailed', 'at'] },
    { name: 'byAccount', fields: ['accountId'] },
  ],
});

export const notificationSettings = kind<NotificationSettings>({ name: 'notificationSettings', fields: {} });

export const mails = kind<Mail>({
  name: 'mail',
  fields: { state: 'string', createdAt: 'instant', nextTryAt: 'instant', memberId: 'string' },
  indexes: [
    { name: 'byState', fields: ['state', 'nextTryAt'] },
    { name: 'byCreated', fields: ['-createdAt'] },
  ],
});

export const savedViews = kind<SavedView>({
  name: 'savedView',
  fields: { screen: 'string', ownerId: 'string', name: 'string' },
  indexes: [{ name: 'byOwner', fields: ['screen', 'ownerId', 'name'] }],
});

export const einvoiceStatuses = kind<EinvoiceStatus>({
  name: 'einvoiceStatus',
  fields: {
    invoiceNumber: 'string',
    itemId: 'string',
    accountId: 'string',
    outcome: 'string',
    state: 'string',
    receivedAt: 'instant',
    access: 'tokens',
  },
  indexes: [
    { name: 'byInvoice', fields: ['invoiceNumber'] },
    { name: 'byItem', fields: ['itemId', 'receivedAt'] },
    { name: 'byAccount', fields: ['accountId'] },
    { name: 'byReceived', fields: ['-receivedAt'] },
    { name: 'byOutcome', fields: ['outcome', '-receivedAt'] },
    { name: 'byState', fields: ['state', '-receivedAt'] },
  ],
});

export const webhooks = kind<Webhook>({
  name: 'webhook',
  fields: { state: 'string', memberId: 'string', tokenId: 'string' },
  indexes: [{ name: 'byState', fields: ['state'] }],
});

export const webhookDeliveries = kind<WebhookDelivery>({
  name: 'webhookDelivery',
  fields: { webhookId: 'string', eventId: 'string', state: 'string', createdAt: 'instant', nextTryAt: 'instant' },
  indexes: [
    { name: 'byEvent', fields: ['webhookId', 'eventId'], unique: true },
    { name: 'byNext', fields: ['webhookId', 'state', 'nextTryAt'] },
    { name: 'byWebhook', fields: ['webhookId', '-createdAt'] },
    { name: 'byState', fields: ['webhookId', 'state', '-createdAt'] },
    { name: 'byCreated', fields: ['createdAt'] },
  ],
});

export const DISPUTE_KINDS = [
  disputes,
  disputeProposals,
  counters,
  threads,
  messages,
  threadMarks,
  attachments,
  erasures,
  notifications,
  notificationSettings,
  mails,
  savedViews,
  einvoiceStatuses,
  webhooks,
  webhookDeliveries,
];
