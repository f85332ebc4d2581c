import type { Account } from '#lib/domain/account/account.ts';
import type { Balance } from '#lib/domain/balance/balance.ts';
import type { Case, Lease } from '#lib/domain/case/case.ts';
import type { Contact } from '#lib/domain/contact/contact.ts';
import type { ImportMapping, ImportRun } from '#lib/domain/import/import.ts';
import type { Item, Movement } from '#lib/domain/item/item.ts';
import type { PromiseToPay } from '#lib/domain/promise/promise.ts';
import type { QueueRow } from '#lib/domain/queue/queue-row.ts';
import type { Task } from '#lib/domain/task/task.ts';
import type { Id, Instant } from '#lib/domain/values.ts';
import type { BulkJobView, BulkLine } from '#lib/protocol/views/views.ts';
import type { PackedLines } from './packed-lines.ts';
import type { Value } from '../port.ts';
import { DISPUTE_KINDS } from './disputes.ts';
import { kind } from './kind.ts';

/** Kinds of one workspace; the workspace leads every index by itself. */

export const accounts = kind<Account>({
  name: 'account',
  fields: {
    number: 'string',
    name: 'string',
    siren: 'string',
    siret: 'string',
    vatNumber: 'string',
    ownerId: 'string',
    access: 'tokens',
    words: 'tokens',
  },
  indexes: [
    { name: 'byNumber', fields: ['number'], unique: true },
    { name: 'byName', fields: ['name'] },
    { name: 'bySiren', fields: ['siren'] },
    { name: 'bySiret', fields: ['siret'] },
    { name: 'byVat', fields: ['vatNumber'] },
    { name: 'byOwner', fields: ['ownerId'] },
  ],
  tokenIndexes: [
    { token: 'access', fields: ['name'] },
    { token: 'words', fields: ['name'] },
  ],
});

export const contacts = kind<Contact>({
  name: 'contact',
  fields: { accountId: 'string', state: 'string' },
  indexes: [{ name: 'byAccount', fields: ['accountId'] }],
});

export const items = kind<Item>({
  name: 'item',
  fields: {
    key: 'string',
    accountId: 'string',
    entityId: 'string',
    kind: 'string',
    number: 'string',
    state: 'string',
    currency: 'string',
    dueDay: 'day',
    issueDay: 'day',
    cents: 'number',
    openCents: 'number',
    disputed: 'boolean',
    flagTaken: 'boolean',
    disputedCents: 'number',
    awaitingCents: 'number',
  },
  indexes: [
    { name: 'byKey', fields: ['key'], unique: true },
    { name: 'byAccount', fields: ['accountId', 'state', 'dueDay'] },
    { name: 'byAccountIssue', fields: ['accountId', '-issueDay'] },
    { name: 'byState', fields: ['state'] },
    { name: 'byNumber', fields: ['number'] },
  ],
});

export const movements = kind<Movement>({
  name: 'movement',
  fields: {
    itemId: 'string',
    accountId: 'string',
    currency: 'string',
    dueDay: 'day',
    day: 'day',
    cents: 'number',
    itemKind: 'string',
    kind: 'string',
  },
  indexes: [
    { name: 'byItem', fields: ['itemId'] },
    { name: 'byAccount', fields: ['accountId', 'day'] },
    { name: 'byDay', fields: ['day'] },
  ],
});

export const balances = kind<Balance>({
  name: 'balance',
  fields: {
    accountId: 'string',
    currency: 'string',
    ownerId: 'string',
    salesRepId: 'string',
    access: 'tokens',
    openCents: 'number',
    overdueCents: 'number',
    contestedCents: 'number',
    disputedCents: 'number',
    creditCents: 'number',
    openItems: 'number',
    overdueItems: 'number',
    disputedItems: 'number',
    'buckets.not_due': 'number',
    'buckets.d1_30': 'number',
    'buckets.d31_60': 'number',
    'buckets.d61_90': 'number',
    'buckets.over_90': 'number',
  },
  indexes: [
    { name: 'byAccount', fields: ['accountId'] },
    { name: 'byOwner', fields: ['ownerId', 'currency'] },
  ],
  tokenIndexes: [{ token: 'access', fields: ['currency'] }],
});

export const cases = kind<Case>({
  name: 'case',
  fields: { state: 'string', claimedBy: 'string', doneOn: 'day', doneBy: 'string' },
  indexes: [
    { name: 'byClaim', fields: ['claimedBy'] },
    { name: 'byDone', fields: ['doneOn', 'doneBy'] },
  ],
});

export const leases = kind<Lease>({
  name: 'lease',
  fields: { until: 'instant', memberId: 'string' },
  indexes: [{ name: 'byUntil', fields: ['until'] }],
});

const QUEUE_SORTS = ['-priority', '-overdueRank', 'oldestDueDay', 'nextActionOn'];

export const queueRows = kind<QueueRow>({
  name: 'queueRow',
  fields: {
    access: 'tokens',
    words: 'tokens',
    entityIds: 'tokens',
    reasons: 'tokens',
    number: 'string',
    name: 'string',
    state: 'string',
    ownerId: 'string',
    salesRepId: 'string',
    claimedBy: 'string',
    currency: 'string',
    priority: 'number',
    overdueRank: 'number',
    oldestDueDay: 'day',
    nextActionOn: 'day',
    recomputeOn: 'day',
    computedFor: 'day',
    openCents: 'number',
    overdueCents: 'number',
    netCents: 'number',
  },
  indexes: [
    ...QUEUE_SORTS.map((sort) => ({ name: `byState${sort}`, fields: ['state', sort] })),
    ...QUEUE_SORTS.map((sort) => ({ name: `byOwner${sort}`, fields: ['ownerId', 'state', sort] })),
    { name: 'byRecompute', fields: ['recomputeOn'] },
    { name: 'byComputed', fields: ['computedFor'] },
    { name: 'byClaim', fields: ['claimedBy'] },
  ],
  tokenIndexes: [
    ...QUEUE_SORTS.map((sort) => ({ token: 'access', fields: ['state', sort] })),
    { token: 'words', fields: ['name'] },
  ],
});

export const tasks = kind<Task>({
  name: 'task',
  fields: {
    accountId: 'string',
    state: 'string',
    memberId: 'string',
    department: 'string',
    createdBy: 'string',
    dueDay: 'day',
    disputeId: 'string',
    access: 'tokens',
  },
  indexes: [
    { name: 'byAccount', fields: ['accountId', 'state', 'dueDay'] },
    { name: 'byDispute', fields: ['disputeId', 'state', 'dueDay'] },
    { name: 'byDue', fields: ['state', 'dueDay'] },
    { name: 'byAccountLast', fields: ['accountId', 'state', '-dueDay'] },
    { name: 'byMember', fields: ['memberId', 'state', 'dueDay'] },
    { name: 'byDepartment', fields: ['department', 'state', 'dueDay'] },
    { name: 'byAuthor', fields: ['createdBy', 'state', 'dueDay'] },
  ],
});

export const promises = kind<PromiseToPay>({
  name: 'promise',
  fields: { accountId: 'string', state: 'string', dueDay: 'day' },
  indexes: [
    { name: 'byAccount', fields: ['accountId', 'state'] },
    { name: 'ofAccount', fields: ['accountId'] },
    { name: 'byDue', fields: ['state', 'dueDay'] },
  ],
});

export const importRuns = kind<ImportRun>({
  name: 'importRun',
  fields: { state: 'string', createdAt: 'instant' },
  indexes: [
    { name: 'byState', fields: ['state'] },
    { name: 'byCreated', fields: ['-createdAt'] },
  ],
});

/** Lines of one account in one staged file, in parts; invisible until the import is applied. */
export interface StagedAccount {
  id: Id;
  version: number;
  importId: Id;
  accountNumber: string;
  part: number;
  lines: PackedLines;
}
export const stagedAccounts = kind<StagedAccount>({
  name: 'stagedAccount',
  fields: { importId: 'string', accountNumber: 'string', part: 'number' },
  indexes: [{ name: 'byImport', fields: ['importId', 'accountNumber', 'part'], unique: true }],
});

/** How files with these columns were read last time. `id` is a digest of the column names. */
export interface SavedMapping {
  id: Id;
  version: number;
  mapping: ImportMapping;
  savedAt: Instant;
}
export const savedMappings = kind<SavedMapping>({ name: 'savedMapping', fields: {} });

/** A bulk command: stored, one transaction and one result per account, resumable. */
export interface BulkJob {
  id: Id;
  version: number;
  kind: 'reassign' | 'distribute';
  state: 'running' | 'finished';
  startedBy: Id;
  createdAt: Instant;
  reason: string | null;
  /** What is still to do and what was done, in order. */
  lines: (BulkLine & { done: boolean })[];
  done: number;
  /** As foreseen when it began. */
  byOwner: BulkJobView['byOwner'];
}
export const bulkJobs = kind<BulkJob>({
  name: 'bulkJob',
  fields: { state: 'string' },
  indexes: [{ name: 'byState', fields: ['state'] }],
});

/** Kept 30 days; no personal text. `id` is `<memberId>:<key>`. */
export interface IdempotencyRecord {
  id: Id;
  version: number;
  operation: string;
  inputDigest: string;
  answer: Value;
  createdAt: Instant;
}
export const idempotency = kind<IdempotencyRecord>({
  name: 'idempotency',
  fields: { createdAt: 'instant' },
  indexes: [{ name: 'byCreated', fields: ['createdAt'] }],
});

/** A Yjs document's head: its epoch grows when it is restored or erased. `id` is the document's name. */
export interface DocumentHead {
  id: Id;
  version: number;
  epoch: number;
  schemaVersion: number;
}
export const documentHeads = kind<DocumentHead>({ name: 'documentHead', fields: {} });

/** Scheduled work: who runs it and until when. */
export interface JobLease {
  id: Id;
  version: number;
  holder: string;
  until: Instant;
  /** What the job last did: a day for the day's start, an instant for sweeps. */
  last: string;
}
export const jobLeases = kind<JobLease>({ name: 'jobLease', fields: {} });

export const WORKSPACE_KINDS = [
  accounts,
  contacts,
  items,
  movements,
  balances,
  cases,
  leases,
  queueRows,
  tasks,
  promises,
  importRuns,
  stagedAccounts,
  savedMappings,
  bulkJobs,
  idempotency,
  documentHeads,
  jobLeases,
  ...DISPUTE_KINDS,
];
