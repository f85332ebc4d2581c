import type { Attachment } from '#lib/domain/attachment/attachment.ts';
import type { Dispute, DisputeProposal } from '#lib/domain/dispute/dispute.ts';
import type { Item } from '#lib/domain/item/item.ts';
import type { Audience } from '#lib/domain/thread/audience.ts';
import type { Message } from '#lib/domain/thread/thread.ts';
import type { Cents, Currency, Day, Id } from '#lib/domain/values.ts';
import type { AccountSheet, TaskRow, TimelinePage } from './views.ts';

/** A page of disputes; `count` is how many the filter finds, capped at 1,000. */
export interface DisputePage {
  disputes: Dispute[];
  next: string | null;
  count: number;
  today: Day;
}

export interface DisputeColumn {
  /** A state, a reason, a department, an age (`d0_7`, `d8_15`, `d16_30`, `over_30`) or an amount (`below_500`, `below_2000`, `below_10000`, `from_10000`). */
  key: string;
  count: number;
  amounts: { currency: Currency; cents: Cents }[];
  /** The first ones by deadline. */
  disputes: Dispute[];
}
export interface DisputeBoard {
  by: string;
  columns: DisputeColumn[];
  today: Day;
}

/** One thread as first loaded. */
export interface ThreadView {
  audience: Audience;
  /** May I write in it? */
  writable: boolean;
  /** The thread's last `seq`. */
  lastSeq: number;
  /** The newest ones, ascending. */
  messages: Message[];
  following: boolean;
  readSeq: number;
  /** The account's stream of this audience, and the sequence that this view includes. */
  stream: string;
  seq: number;
  /** `thread:<disputeId>:<audience>` and its epoch. */
  document: string;
  epoch: number;
  /** The note as it stands, for a first sight without a connection. */
  note: string;
}

/** A page of a thread, ascending by `seq`. */
export interface MessageList {
  audience: Audience;
  messages: Message[];
  /** The thread's last `seq`. */
  lastSeq: number;
}

/** The screen /disputes/[id] as first loaded. Threads of audiences that the reader may not read are not there at all. */
export interface DisputeSheet {
  /** Of the account's internal stream: what this sheet includes. */
  seq: number;
  dispute: Dispute;
  account: Pick<AccountSheet, 'account' | 'case' | 'balances' | 'contacts' | 'leaseUntil'>;
  items: Item[];
  tasks: TaskRow[];
  attachments: Attachment[];
  threads: ThreadView[];
  timeline: TimelinePage;
  /** Neighbours in the list that the reader came from: `from` is the list's own address, `view=late&sort=amount`; empty without it. */
  strip: { id: Id; number: number; accountName: string; reason: string; disputedCents: Cents; currency: Currency }[];
  today: Day;
}

export interface DisputeInsight {
  from: Day;
  until: Day;
  by: string;
  /** Greatest amount first, with the running share of the whole (Pareto), per currency. */
  rows: {
    key: string;
    label: string;
    currency: Currency;
    count: number;
    live: number;
    claimedCents: Cents;
    liveCents: Cents;
    creditedCents: Cents;
    rejectedCents: Cents;
    writtenOffCents: Cents;
    /** Mean calendar days from opening to resolution; null when none is resolved. */
    meanDays: number | null;
    late: number;
    /** 0 to 1. */
    share: number;
    runningShare: number;
  }[];
  totals: { currency: Currency; count: number; live: number; claimedCents: Cents; liveCents: Cents }[];
}

export interface ProposalPage {
  proposals: (DisputeProposal & { accountNumber: string; accountName: string })[];
  next: string | null;
}
