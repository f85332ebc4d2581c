import type { Audience } from './audience.ts';
import type { Day, Id, Instant } from '../values.ts';

/** A message's or note's body: prosemirror JSON that the editor's schema accepts (protocol/editor-schema.ts). */
export interface Body {
  type: string;
  attrs?: Record<string, unknown>;
  content?: Body[];
  text?: string;
  marks?: { type: string; attrs?: Record<string, unknown> }[];
}

/** The list of posted messages of one dispute for one audience. `id` is `<disputeId>:<audience>`. */
export interface Thread {
  id: Id;
  version: number;
  disputeId: Id;
  accountId: Id;
  audience: Audience;
  /** `seq` of the last message: they are numbered 1, 2, 3… without gap, deleted ones included. */
  lastSeq: number;
  lastAt: Instant;
  lastAuthorId: Id;
}

export const REACTIONS = ['👍', '✅', '👀', '🙏', '❓'] as const;
export type Reaction = (typeof REACTIONS)[number];

export interface Mention {
  kind: 'member' | 'item' | 'account';
  id: Id;
}

/** A posted message. What people typed (`body`, `text`) lies in the part of its events that can be erased. */
export interface Message {
  id: Id;
  version: number;
  disputeId: Id;
  accountId: Id;
  audience: Audience;
  /** Place in the thread. */
  seq: number;
  /** Who posted it. */
  authorId: Id;
  /** Others who wrote parts of the draft. */
  coAuthorIds: Id[];
  postedAt: Instant;
  day: Day;
  /** Null once deleted or erased. */
  body: Body | null;
  /** Plain text of the body. */
  text: string;
  mentions: Mention[];
  attachmentIds: Id[];
  /** A message of the same thread. */
  replyTo: Id | null;
  /** Member ids by reaction. */
  reactions: { [reaction: string]: Id[] };
  editedAt: Instant | null;
  editedBy: Id | null;
  state: 'posted' | 'deleted' | 'erased';
}

/** A member's place in a thread. `id` is `<memberId>:<disputeId>:<audience>`. */
export interface ThreadMark {
  id: Id;
  version: number;
  memberId: Id;
  disputeId: Id;
  accountId: Id;
  audience: Audience;
  following: boolean;
  /** `seq` of the last message read. */
  readSeq: number;
}

/** Id of a dispute's thread for an audience. */
export const threadId = (disputeId: Id, audience: Audience): Id => `${disputeId}:${audience}`;

/** Id of a member's place in a thread. */
export const markId = (memberId: Id, { disputeId, audience }: { disputeId: Id; audience: Audience }): Id =>
  `${memberId}:${disputeId}:${audience}`;
