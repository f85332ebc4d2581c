import type { Id } from '#lib/domain/values.ts';
import type { ChangedRecords } from '#lib/protocol/events.ts';
import type { StoredEvent, WorkspaceStore } from '../../store/port.ts';
import { digestOfText } from './forget-einvoice-words.ts';

const PAGE = 500;

/** What is to be forgotten, as events name it. */
export interface Forgotten {
  messageIds: readonly Id[];
  contactId: Id | null;
  /** Digests of texts of the buyer's messages, see forget-einvoice-words.ts. */
  words?: readonly string[];
}

/** Whether the part of an event that can be erased holds words of it. */
export function holds(event: StoredEvent, { messageIds, contactId, words = [] }: Forgotten): boolean {
  if (event.personal === null) return false;
  const records = (event.personal.records ?? {}) as ChangedRecords;
  const { data } = event;
  return (
    messageIds.includes(String(data.messageId ?? '')) ||
    (records.messages ?? []).some(({ id }) => messageIds.includes(id)) ||
    (records.attachments ?? []).some(({ messageId }) => messageId !== null && messageIds.includes(messageId)) ||
    (contactId !== null &&
      (data.contactId === contactId || (records.contacts ?? []).some(({ id }) => id === contactId))) ||
    (words.length > 0 && textsOf(event, records).some((text) => words.includes(digestOfText(text))))
  );
}

/** The places of an event where a buyer's words may stand. */
function textsOf({ personal }: StoredEvent, records: ChangedRecords): string[] {
  const details = (records.disputes ?? []).map(({ detail }) => detail).filter((detail) => detail !== null);
  const own = typeof personal?.detail === 'string' ? [personal.detail] : [];
  return [...own, ...details, ...(records.tasks ?? []).map(({ text }) => text)];
}

/** Events of a stream that hold words of it, up to a `seq`; the stream is read through, in constant memory. */
export async function* eventsHolding(
  store: WorkspaceStore,
  stream: string,
  untilSeq: number,
  what: Forgotten,
): AsyncGenerator<StoredEvent> {
  for (let after = 0; after < untilSeq;) {
    const page = await store.journal.read(stream, after, PAGE);
    for (const event of page) if (event.seq <= untilSeq && holds(event, what)) yield event;
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.seq;
  }
}
