import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import type { Run } from './authors.ts';
import type { DraftEntry } from './read-update.ts';

/** What a thread's snapshot remembers beside its content, so that compaction and restarts forget neither. */
export interface ThreadMemory {
  /** All entries of the map of drafts, the deleted ones included: nothing may ever stand beside one. */
  drafts: readonly DraftEntry[];
  /** Who wrote what is still in drafts. */
  authors: ReadonlyMap<number, readonly Run[]>;
}

export function packMemory({ drafts, authors }: ThreadMemory): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, drafts.length);
  for (const { client, clock, id, live } of drafts) {
    encoding.writeVarUint(encoder, client);
    encoding.writeVarUint(encoder, clock);
    encoding.writeVarString(encoder, id);
    encoding.writeUint8(encoder, live ? 1 : 0);
  }
  const members = [...new Set([...authors.values()].flatMap((runs) => runs.map(({ member }) => member)))];
  encoding.writeVarUint(encoder, members.length);
  for (const member of members) encoding.writeVarString(encoder, member);
  encoding.writeVarUint(encoder, authors.size);
  for (const [client, runs] of authors) {
    encoding.writeVarUint(encoder, client);
    encoding.writeVarUint(encoder, runs.length);
    for (const { from, to, member } of runs) {
      encoding.writeVarUint(encoder, from);
      encoding.writeVarUint(encoder, to - from);
      encoding.writeVarUint(encoder, members.indexOf(member));
    }
  }
  return encoding.toUint8Array(encoder);
}

/** Throws when the bytes are none of `packMemory`. */
export function readMemory(bytes: Uint8Array): ThreadMemory {
  const decoder = decoding.createDecoder(bytes);
  const times = <T>(make: () => T): T[] => Array.from({ length: decoding.readVarUint(decoder) }, make);
  const int = (): number => decoding.readVarUint(decoder);
  const drafts = times(() => {
    const [client, clock] = [int(), int()];
    return { client, clock, id: decoding.readVarString(decoder), live: decoding.readUint8(decoder) === 1 };
  });
  const members = times(() => decoding.readVarString(decoder));
  const authors = new Map<number, Run[]>();
  times(() => {
    const client = int();
    const runs = times(() => {
      const from = int();
      const to = from + int();
      return { from, to, member: members[int()] ?? '' };
    });
    authors.set(client, runs);
  });
  return { drafts, authors };
}
