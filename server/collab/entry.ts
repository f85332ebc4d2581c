import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { MESSAGE, SYNC_STEP } from '#lib/protocol/collab.ts';

/**
 * What an entry of the store's log holds: sync messages as they travel, so that they are read and sent on without being
 * built again. `[0, 2, length, update]`, once or several times one after another, are the updates that one author wrote
 * within a window; `[0, 1, length, update, length, vector, length, deletes]` is a snapshot, with the state vector and the
 * update that holds its deletions alone, so that opening it decodes nothing; a thread's ends with one part more, its
 * memory (thread-memory.ts).
 */
export interface Snapshot {
  update: Uint8Array;
  /** Encoded state vector. */
  vector: Uint8Array;
  /** An update without content that carries all deletions. */
  deletes: Uint8Array;
  /** Packed `ThreadMemory`; null where the document is a note. */
  memory: Uint8Array | null;
}

/** `messages` are the updates as they travel. */
export type Entry = { kind: 'updates'; messages: Uint8Array[] } | ({ kind: 'snapshot' } & Snapshot);

/** Bytes of a log entry for one Yjs update (V1). */
export function packUpdate(update: Uint8Array): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeUint8(encoder, MESSAGE.SYNC);
  encoding.writeUint8(encoder, SYNC_STEP.UPDATE);
  encoding.writeVarUint8Array(encoder, update);
  return encoding.toUint8Array(encoder);
}

/** Bytes of a log entry for several updates, given as messages, in the order in which they were accepted. */
export function packMessages(messages: readonly Uint8Array[]): Uint8Array {
  const [only] = messages;
  if (messages.length === 1 && only !== undefined) return only;
  const bytes = new Uint8Array(messages.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const message of messages) {
    bytes.set(message, at);
    at += message.length;
  }
  return bytes;
}

/** Bytes of a log entry for a snapshot. */
export function packSnapshot(snapshot: Snapshot): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeUint8(encoder, MESSAGE.SYNC);
  encoding.writeUint8(encoder, SYNC_STEP.DIFFERENCE);
  encoding.writeVarUint8Array(encoder, snapshot.update);
  encoding.writeVarUint8Array(encoder, snapshot.vector);
  encoding.writeVarUint8Array(encoder, snapshot.deletes);
  if (snapshot.memory !== null) encoding.writeVarUint8Array(encoder, snapshot.memory);
  return encoding.toUint8Array(encoder);
}

/** Reads an entry of the log; the parts are views on `bytes`. Throws when it is none. */
export function readEntry(bytes: Uint8Array): Entry {
  const decoder = decoding.createDecoder(bytes);
  const messages: Uint8Array[] = [];
  do {
    const from = decoder.pos;
    const type = decoding.readUint8(decoder);
    const step = decoding.readUint8(decoder);
    if (type !== MESSAGE.SYNC) throw new Error('not an entry of a document');
    const update = decoding.readVarUint8Array(decoder);
    if (step === SYNC_STEP.DIFFERENCE && from === 0) {
      const vector = decoding.readVarUint8Array(decoder);
      const deletes = decoding.readVarUint8Array(decoder);
      const memory = decoding.hasContent(decoder) ? decoding.readVarUint8Array(decoder) : null;
      return { kind: 'snapshot', update, vector, deletes, memory };
    }
    if (step !== SYNC_STEP.UPDATE) throw new Error('not an entry of a document');
    messages.push(bytes.subarray(from, decoder.pos));
  } while (decoding.hasContent(decoder));
  return { kind: 'updates', messages };
}

/** The Yjs updates that an entry holds, in their order. Throws when it is none. */
export function updatesOf(bytes: Uint8Array): Uint8Array[] {
  const entry = readEntry(bytes);
  return entry.kind === 'snapshot' ? [entry.update] : entry.messages.map(updateOf);
}

/** The update within a message `[SYNC, step, length, update]`. */
export function updateOf(message: Uint8Array): Uint8Array {
  let at = 2;
  while ((message[at] ?? 0) > 127) at += 1;
  return message.subarray(at + 1);
}
