import type { Account } from '#lib/domain/account/account.ts';
import type { Balance, Bucket } from '#lib/domain/balance/balance.ts';
import type { Case } from '#lib/domain/case/case.ts';
import type { Contact } from '#lib/domain/contact/contact.ts';
import type { Dispute, DisputeProposal, DisputeSettings } from '#lib/domain/dispute/dispute.ts';
import type { Item } from '#lib/domain/item/item.ts';
import type { Absence, Department, Locale, MemberCard, Scope } from '#lib/domain/member/member.ts';
import type { PromiseToPay } from '#lib/domain/promise/promise.ts';
import type { QueueRow } from '#lib/domain/queue/queue-row.ts';
import type { Task } from '#lib/domain/task/task.ts';
import type { Cents, Currency, Day, Id, Instant } from '#lib/domain/values.ts';
import type { View } from '../commands/queries.ts';
import type { WireEvent } from '../events.ts';

/** A page of the queue; `leases` holds the end of each claimed row's lease, by case id. */
export interface QueuePage {
  rows: QueueRow[];
  leases: { [caseId: Id]: Instant };
  next: string | null;
  today: Day;
}

/** Counts capped at 1,000 (show 999+). */
export interface QueueCounts {
  views: Record<View, number>;
  /** How many the present filters find. */
  filtered: number;
}

/** The account's screen as first loaded; `seq` is the stream's sequence that it already includes. */
export interface AccountSheet {
  account: Account;
  case: Case;
  leaseUntil: Instant | null;
  balances: Balance[];
  contacts: Contact[];
  /** Open ones, then the last closed, at most 100. */
  tasks: Task[];
  /** Open and broken ones, then the last others, at most 50. */
  promises: PromiseToPay[];
  /** Live and past ones, at most 200. */
  disputes: Dispute[];
  /** Those that wait for somebody to confirm or dismiss them, at most 100. */
  proposals: DisputeProposal[];
  entities: { id: Id; code: string; name: string }[];
  seq: number;
  today: Day;
  /** The newest page, newest first. */
  timeline: TimelinePage;
  /** The ledger's day. */
  ledgerAsOf: Day | null;
}

export interface ItemPage {
  items: Item[];
  next: string | null;
  /** How many the filter finds, capped at 10,000. */
  count: number;
}

export interface TimelinePage {
  events: WireEvent[];
  next: string | null;
}

export interface TaskRow {
  task: Task;
  accountNumber: string;
  accountName: string;
}
export interface TaskPage {
  /** The first `limit` by due day. */
  tasks: TaskRow[];
}

export interface AgedBalanceRow {
  /** Member id, entity id, account id, `none` or `total`. */
  key: string;
  label: string;
  currency: Currency;
  buckets: Record<Bucket, Cents>;
  creditCents: Cents;
  openCents: Cents;
  overdueCents: Cents;
  disputedCents: Cents;
  openItems: number;
  overdueItems: number;
  disputedItems: number;
  accounts: number;
}
export interface AgedBalance {
  asOf: Day;
  by: string;
  rows: AgedBalanceRow[];
  totals: AgedBalanceRow[];
}

/** The manager's page. */
export interface TeamFigures {
  at: Instant;
  today: Day;
  totals: AgedBalanceRow[];
  collectors: {
    memberId: string;
    name: string;
    cases: number;
    claimedNow: number;
    doneToday: number;
    absentUntil: Day | null;
    amounts: AgedBalanceRow[];
  }[];
  unassignedAccounts: number;
  openCases: number;
  claimedNow: number;
  doneToday: number;
}

/** Who I am and what the shell needs. */
export interface Me {
  member: MemberCard & { email: string; locale: Locale; scope: Scope; absence: Absence | null };
  /** Actions that my role may do at all; the screen only explains, the server refuses. */
  actions: string[];
  workspace: {
    id: Id;
    name: string;
    demo: boolean;
    currency: Currency;
    timeZone: string;
    entities: { id: Id; code: string; name: string }[];
    /** Owner departments, limits and delays of disputes. */
    disputes: DisputeSettings;
  };
  today: Day;
  /** ENCOURS_TODAY is set: show the banner. */
  fixedToday: boolean;
  members: MemberCard[];
  /** Members whose portfolio is mine today, myself included. */
  owners: Id[];
  /** Departments that I answer for today: mine, and those of whom I replace. */
  departments: Department[];
  /** Unread notifications, counted up to 100. */
  unread: number;
}

/** One line of a bulk command's preview or result. */
export interface BulkLine {
  accountId: Id;
  number: string;
  name: string;
  fromOwnerId: Id | null;
  toOwnerId: Id | null;
  claimedBy: Id | null;
  result: 'would_change' | 'unchanged' | 'changed' | 'refused';
  code: string | null;
}
export interface BulkJobView {
  id: Id;
  kind: 'reassign' | 'distribute';
  state: 'preview' | 'running' | 'finished';
  done: number;
  total: number;
  lines: BulkLine[];
  /** Cases and overdue that each owner would gain and lose. */
  byOwner: { ownerId: string; gains: number; loses: number; gainsRank: number; losesRank: number }[];
}
