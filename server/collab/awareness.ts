import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { COLLAB_LIMITS, isField, MESSAGE, NOTE_ROOT } from '#lib/protocol/collab.ts';

/** One author's place in a document, as told by its connection and stamped with its session's member. */
export interface Place {
  clock: number;
  /** JSON; `null` when it left. */
  state: string;
}

export interface Heard {
  client: number;
  clock: number;
  state: string;
}

/** Reads the states of an awareness message's payload that `wanted` asks for; the others are passed over unread. */
export function readAwareness(payload: Uint8Array, wanted: (client: number) => boolean): Heard[] {
  const decoder = decoding.createDecoder(payload);
  const count = decoding.readVarUint(decoder);
  const heard: Heard[] = [];
  for (let i = 0; i < count; i++) {
    const client = decoding.readVarUint(decoder);
    const clock = decoding.readVarUint(decoder);
    const bytes = decoding.readVarUint8Array(decoder);
    if (!wanted(client)) continue;
    if (bytes.length > COLLAB_LIMITS.awarenessChars) throw new Error('a long awareness state');
    heard.push({ client, clock, state: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8') });
  }
  return heard;
}

/**
 * The state as others get it: in which text its author is, where the cursor is, and who it is according to the session.
 * Whatever else the client said of itself is left out.
 */
export function stamped(state: string, user: { id: string; name: string }): string {
  const told: unknown = JSON.parse(state);
  if (told === null) return 'null';
  const { cursor, field } = typeof told === 'object' ? (told as { cursor?: unknown; field?: unknown }) : {};
  const place = { user, cursor: isCursor(cursor) ? cursor : null };
  return JSON.stringify(isField(field) ? { ...place, field } : place);
}

function isCursor(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { anchor, head, ...rest } = value as { anchor?: unknown; head?: unknown };
  return Object.keys(rest).length === 0 && isPosition(anchor) && isPosition(head);
}

/**
 * A Yjs relative position as JSON, in the note or a draft: an element, or a place within one. Editors look it up without a
 * guard, and one that cannot be looked up breaks everybody's.
 */
function isPosition(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { type = null, tname = null, item = null, assoc = 0, ...rest } = value as Record<string, unknown>;
  const named = tname === null || tname === NOTE_ROOT;
  const bare = Object.keys(rest).length === 0 && Number.isSafeInteger(assoc);
  const points = type !== null || tname !== null || item !== null;
  return bare && named && points && (type === null || isStruct(type)) && (item === null || isStruct(item));
}

function isStruct(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { client, clock, ...rest } = value as Record<string, unknown>;
  const whole = (one: unknown): boolean => Number.isSafeInteger(one) && (one as number) >= 0;
  return Object.keys(rest).length === 0 && whole(client) && whole(clock);
}

/** `[AWARENESS, length, count, (client, clock, state)…]`. */
export function awarenessMessage(places: Iterable<[number, Place]>): Uint8Array {
  const body = encoding.createEncoder();
  let count = 0;
  for (const [client, { clock, state }] of places) {
    encoding.writeVarUint(body, client);
    encoding.writeVarUint(body, clock);
    encoding.writeVarString(body, state);
    count += 1;
  }
  const counted = encoding.createEncoder();
  encoding.writeVarUint(counted, count);
  encoding.writeBinaryEncoder(counted, body);
  const encoder = encoding.createEncoder();
  encoding.writeUint8(encoder, MESSAGE.AWARENESS);
  encoding.writeVarUint8Array(encoder, encoding.toUint8Array(counted));
  return encoding.toUint8Array(encoder);
}

/** Says nothing and keeps every y-websocket client from believing the line dead. */
export const KEEP_ALIVE = awarenessMessage([]);
