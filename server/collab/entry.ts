import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { MESSAGE, SYNC_STEP } from '#lib/protocol/collab.ts';

/**
 * What an entry of the store's log holds: a sync message as it travels, so that it is read and sent on without being
 * built again. `[0, 2, length, update]` is an update; `[0, 1, length, update, length, vector, length, deletes]` is a
 * snapshot, with the state vector and the update that holds its deletions alone, so that opening it decodes nothing.
 */
export interface Snapshot {
  update: Uint8Array;
  /** Encoded state vector. */
  vector: Uint8Array;
  /** An update without content that carries all deletions. */
  deletes: Uint8Array;
}

export type Entry = { kind: 'update'; update: Uint8Array } | ({ kind: 'snapshot' } & Snapshot);

/** Bytes of a log entry for one Yjs update (V1). */
export function packUpdate(update: Uint8Array): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeUint8(encoder, MESSAGE.SYNC);
  encoding.writeUint8(encoder, SYNC_STEP.UPDATE);
  encoding.writeVarUint8Array(encoder, update);
  return encoding.toUint8Array(encoder);
}

/** Bytes of a log entry for a snapshot. */
export function packSnapshot(snapshot: Snapshot): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeUint8(encoder, MESSAGE.SYNC);
  encoding.writeUint8(encoder, SYNC_STEP.DIFFERENCE);
  encoding.writeVarUint8Array(encoder, snapshot.update);
  encoding.writeVarUint8Array(encoder, snapshot.vector);
  encoding.writeVarUint8Array(encoder, snapshot.deletes);
  return encoding.toUint8Array(encoder);
}

/** Reads an entry of the log; the parts are views on `bytes`. Throws when it is none. */
export function readEntry(bytes: Uint8Array): Entry {
  const decoder = decoding.createDecoder(bytes);
  const type = decoding.readUint8(decoder);
  const step = decoding.readUint8(decoder);
  if (type !== MESSAGE.SYNC) throw new Error('not an entry of a document');
  const update = decoding.readVarUint8Array(decoder);
  if (step === SYNC_STEP.UPDATE) return { kind: 'update', update };
  if (step !== SYNC_STEP.DIFFERENCE) throw new Error('not an entry of a document');
  const vector = decoding.readVarUint8Array(decoder);
  return { kind: 'snapshot', update, vector, deletes: decoding.readVarUint8Array(decoder) };
}
