import * as encoding from 'lib0/encoding';
import type { Range } from './fragment.ts';

/** A Yjs update (V1) that deletes these structs and brings nothing. */
export function deletionOf(ranges: readonly Range[]): Uint8Array {
  const byClient = new Map<number, Range[]>();
  for (const range of ranges.toSorted((a, b) => a.from - b.from)) {
    const of = byClient.get(range.client) ?? [];
    const last = of.at(-1);
    if (last !== undefined && last.to >= range.from) last.to = Math.max(last.to, range.to);
    else of.push({ ...range });
    byClient.set(range.client, of);
  }
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, 0);
  encoding.writeVarUint(encoder, byClient.size);
  for (const [client, of] of byClient) {
    encoding.writeVarUint(encoder, client);
    encoding.writeVarUint(encoder, of.length);
    for (const { from, to } of of) {
      encoding.writeVarUint(encoder, from);
      encoding.writeVarUint(encoder, to - from);
    }
  }
  return encoding.toUint8Array(encoder);
}
