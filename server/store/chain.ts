import { hash, randomBytes } from 'node:crypto';
import type { Id, Instant } from '#lib/domain/values.ts';
import type { NewEvent, StoredEvent, Value } from '#server/store/port.ts';

/**
 * The journal's hash chain, shared by both stores. Every event's hash covers its own content, the digest of its
 * personal part and the hash before it, so that an edit, a deletion or a reordering shows at the exact row. The
 * personal part and its salt lie in a record of their own: erasing it leaves the chain whole.
 */

/** What a hash covers: all of a stored event but the personal text itself. */
export type HashedEvent = Omit<StoredEvent, 'personal' | 'erased' | 'hash'>;

/** An event as read for verification, with the salt of its personal record; null when there is no such record. */
export interface ChainRow {
  event: StoredEvent;
  salt: string | null;
}

/** Where a chain stands: seq 0 and an empty hash before the first event. */
export interface ChainHead {
  seq: number;
  hash: string;
}

/** The first wrong row. `seq` is the one expected there. */
export interface ChainFault {
  seq: number;
  reason: string;
}

export const CHAIN_START: ChainHead = { seq: 0, hash: '' };

/**
 * JSON with keys sorted by UTF-16 code units and no white space (as RFC 8785 for the values of the port): one text for
 * equal values, whatever the database did with the order of keys.
 */
export function canonicalJson(value: Value): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const parts: string[] = [];
    for (const key of Object.keys(value).sort()) {
      parts.push(`${JSON.stringify(key)}:${canonicalJson(value[key] as Value)}`);
    }
    return `{${parts.join(',')}}`;
  }
  return JSON.stringify(value);
}

/** A fresh salt: 16 random bytes in hex. */
export function newSalt(): string {
  return randomBytes(16).toString('hex');
}

/** SHA-256 in hex over the salt and the canonical JSON of an event's personal part. */
export function personalDigest(salt: string, personal: { [key: string]: Value }): string {
  return hash('sha256', salt + canonicalJson(personal), 'hex');
}

/** SHA-256 in hex over the canonical JSON of everything in the event but the personal text. */
export function eventHash(event: HashedEvent): string {
  return hash(
    'sha256',
    canonicalJson({
      workspaceId: event.workspaceId,
      stream: event.stream,
      seq: event.seq,
      id: event.id,
      name: event.name,
      at: event.at,
      day: event.day,
      actor: event.actor,
      data: event.data,
      personalDigest: event.personalDigest,
      prevHash: event.prevHash,
    }),
    'hex',
  );
}

/** Checks one row against the head before it. Answers what is wrong, or null. */
export function checkLink(before: ChainHead, row: ChainRow): ChainFault | null {
  const { event, salt } = row;
  const seq = before.seq + 1;
  if (event.seq > seq) return { seq, reason: 'missing' };
  if (event.seq < seq) return { seq, reason: 'out of order' };
  if (event.prevHash !== before.hash) return { seq, reason: 'does not follow the event before it' };
  if (eventHash(event) !== event.hash) return { seq, reason: 'altered' };
  if (event.personal !== null) {
    if (event.personalDigest === null || salt === null) return { seq, reason: 'personal part added' };
    if (personalDigest(salt, event.personal) !== event.personalDigest) return { seq, reason: 'personal part altered' };
  }
  return null;
}

/**
 * Follows a stream's rows in the order in which they are stored and answers the first wrong one, or null.
 *
 * @param rows the stream from its first event
 * @param anchors heads known from elsewhere (the store's own head record, or one kept outside): the chain must reach
 *   each of them with that hash. Only an anchor can tell that the end was cut off or the whole chain rewritten.
 */
export function verifyChain(rows: Iterable<ChainRow>, anchors: readonly ChainHead[] = []): ChainFault | null {
  const verifier = chainVerifier(anchors);
  for (const row of rows) {
    const fault = verifier.next(row);
    if (fault) return fault;
  }
  return verifier.end();
}

/** The same, fed row by row, for streams read in pages. */
export function chainVerifier(anchors: readonly ChainHead[] = []): {
  next(row: ChainRow): ChainFault | null;
  end(): ChainFault | null;
} {
  let head = CHAIN_START;
  return {
    next(row) {
      const fault = checkLink(head, row);
      if (fault) return fault;
      head = { seq: row.event.seq, hash: row.event.hash };
      const anchor = anchors.find(({ seq }) => seq === head.seq);
      return anchor && anchor.hash !== head.hash ? { seq: head.seq, reason: 'differs from the anchor' } : null;
    },
    end() {
      const beyond = anchors.some(({ seq }) => seq > head.seq);
      return beyond ? { seq: head.seq + 1, reason: 'missing' } : null;
    },
  };
}

/** Where a stream stands for its next event; `at` is the last event's instant. */
export interface StreamHead extends ChainHead {
  at: Instant;
}

export const STREAM_START: StreamHead = { ...CHAIN_START, at: '' };

/** An event as it is to be stored, with the salt of its personal part; null when it has none. */
export interface LinkedEvent {
  event: StoredEvent;
  salt: string | null;
}

/** Links events to a stream's head, in order: seq without gap, `at` moved on where the clock stood still, hashed. */
export function linkEvents(
  head: StreamHead,
  workspaceId: Id,
  stream: string,
  events: readonly NewEvent[],
): LinkedEvent[] {
  let { seq, hash: prevHash, at: last } = head;
  return events.map(({ id, name, day, actor, data, personal, ...said }) => {
    const at = said.at > last ? said.at : new Date(Date.parse(last) + 1).toISOString();
    const salt = personal === null ? null : newSalt();
    const digest = personal === null || salt === null ? null : personalDigest(salt, personal);
    seq += 1;
    const hashed = { workspaceId, stream, seq, id, name, at, day, actor, data, personalDigest: digest, prevHash };
    const hash = eventHash(hashed);
    prevHash = hash;
    last = at;
    return { event: { ...hashed, personal, erased: false, hash }, salt };
  });
}

/** Where a stream stands once this event is its last. */
export const headAfter = ({ event }: LinkedEvent): StreamHead => ({ seq: event.seq, hash: event.hash, at: event.at });
