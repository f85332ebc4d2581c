import type { Attachment } from '#lib/domain/attachment/attachment.ts';
import type { Item } from '#lib/domain/item/item.ts';
import type { Audience } from '#lib/domain/thread/audience.ts';
import type { Reaction } from '#lib/domain/thread/thread.ts';
import type { Day, Id, Instant } from '#lib/domain/values.ts';

/** What every part of a thread needs to say whom and what it is about. */
export interface ThreadScene {
  disputeId: Id;
  account: { id: Id; number: string; name: string };
  items: readonly Item[];
  me: { id: Id; name: string };
  /** Of a member; a word for those one does not know. */
  name: (id: Id) => string;
  time: (at: Instant) => string;
  dateTime: (at: Instant) => string;
  day: (at: Instant) => Day;
  /** Address of what a mention points at; null: it leads nowhere. */
  href: (mention: { kind: string; id: string }) => string | null;
  /** Audiences to which a message of this one may be copied. */
  outward: (from: Audience) => Audience[];
  mayErase: boolean;
  /** Server's clock less this one's, ms. */
  clockSkew: () => number;
}

/** The word of each reaction: what its sign means here. */
export const REACTION_WORDS = {
  '👍': 'reaction_agree',
  '✅': 'reaction_done',
  '👀': 'reaction_looking',
  '🙏': 'reaction_thanks',
  '❓': 'reaction_question',
} as const satisfies Record<Reaction, string>;

/** Pictures that a browser can show; others are only downloaded. */
export const isPicture = ({ type }: Pick<Attachment, 'type'>): boolean =>
  type === 'image/jpeg' || type === 'image/png' || type === 'image/webp' || type === 'image/gif';
export const isPdf = ({ type }: Pick<Attachment, 'type'>): boolean => type === 'application/pdf';

/** A file's size: kilobytes below a megabyte, rounded up so that nothing is "0". */
export function sizeOf(bytes: number): { key: 'kilobytes' | 'megabytes'; size: number } {
  return bytes < 1_000_000
    ? { key: 'kilobytes', size: Math.max(1, Math.round(bytes / 1_000)) }
    : { key: 'megabytes', size: Math.round(bytes / 100_000) / 10 };
}
