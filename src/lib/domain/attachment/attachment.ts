import type { Audience } from '../thread/audience.ts';
import type { Day, Id, Instant } from '../values.ts';

/** 25 MB. */
export const ATTACHMENT_BYTES = 25 * 1_024 * 1_024;

/** What a file is, by its content, never by its name. */
export const ATTACHMENT_TYPES = [
  'application/pdf',
  'image/jpeg',
  'image/png',
  'image/webp',
  'image/gif',
  'image/heic',
  'application/xml',
  'text/plain',
  'text/csv',
  'application/zip',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  'message/rfc822',
] as const;
export type AttachmentType = (typeof ATTACHMENT_TYPES)[number];

/** A file kept with a dispute's thread or with an item. `name` is personal: it is erased with its message. */
export interface Attachment {
  id: Id;
  version: number;
  accountId: Id;
  /** Who may read it: through a dispute's thread of this audience; an item's own document is `internal`. */
  audience: Audience;
  disputeId: Id | null;
  itemId: Id | null;
  /** Set when the message that carries it is posted. */
  messageId: Id | null;
  name: string;
  type: AttachmentType;
  bytes: number;
  /** Of its content, hex. */
  sha256: string;
  /** Under which the store's files know it. */
  fileId: string;
  uploadedBy: Id;
  uploadedAt: Instant;
  day: Day;
  /** `draft`: uploaded, its message not posted yet. */
  state: 'draft' | 'posted' | 'deleted';
}
