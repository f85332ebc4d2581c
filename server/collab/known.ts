import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import type { Parts } from './read-update.ts';

export type Vector = Map<number, number>;

/** Reads an encoded state vector. Throws on malformed bytes and on more than 100,000 authors. */
export function readVector(bytes: Uint8Array): Vector {
  const decoder = decoding.createDecoder(bytes);
  const count = decoding.readVarUint(decoder);
  if (count > 100_000) throw new Error('too many authors');
  const vector: Vector = new Map();
  for (let i = 0; i < count; i++) {
    const client = decoding.readVarUint(decoder);
    vector.set(client, decoding.readVarUint(decoder));
  }
  return vector;
}

export function writeVector(vector: Vector): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, vector.size);
  for (const [client, clock] of vector) {
    encoding.writeVarUint(encoder, client);
    encoding.writeVarUint(encoder, clock);
  }
  return encoding.toUint8Array(encoder);
}

/** True when `a` has everything that `b` has. */
export function covers(a: Vector, b: Vector): boolean {
  for (const [client, clock] of b) if ((a.get(client) ?? 0) < clock) return false;
  return true;
}

/** Sorted, disjoint ranges `[from, to)` of one author, flat: from, to, from, to… */
type Ranges = number[];

function addRange(ranges: Ranges, from: number, to: number): void {
  let low = 0;
  while (low < ranges.length && (ranges[low + 1] ?? 0) < from) low += 2;
  let high = low;
  let start = from;
  let end = to;
  while (high < ranges.length && (ranges[high] ?? 0) <= to) {
    start = Math.min(start, ranges[high] ?? start);
    end = Math.max(end, ranges[high + 1] ?? end);
    high += 2;
  }
  ranges.splice(low, high - low, start, end);
}

function hasRange(ranges: Ranges | undefined, from: number, to: number): boolean {
  if (ranges === undefined) return false;
  let low = 0;
  let high = ranges.length / 2 - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if ((ranges[middle * 2] ?? 0) > from) high = middle - 1;
    else if ((ranges[middle * 2 + 1] ?? 0) <= from) low = middle + 1;
    else return (ranges[middle * 2 + 1] ?? 0) >= to;
  }
  return false;
}

/** Deleted ranges by author. */
export class Deletions {
  readonly #ranges = new Map<number, Ranges>();

  add(deletes: readonly number[]): void {
    for (let i = 0; i < deletes.length; i += 3) {
      const client = deletes[i] ?? 0;
      const clock = deletes[i + 1] ?? 0;
      let ranges = this.#ranges.get(client);
      if (ranges === undefined) this.#ranges.set(client, (ranges = []));
      addRange(ranges, clock, clock + (deletes[i + 2] ?? 0));
    }
  }

  has(deletes: readonly number[]): boolean {
    for (let i = 0; i < deletes.length; i += 3) {
      const clock = deletes[i + 1] ?? 0;
      if (!hasRange(this.#ranges.get(deletes[i] ?? 0), clock, clock + (deletes[i + 2] ?? 0))) return false;
    }
    return true;
  }
}

/**
 * What an update means to whoever has `vector`: `new` brings structs, `known` none (its deletions may still be news),
 * `missing` rests on what is not there yet.
 */
export function judge(vector: Vector, { spans, needs, deletes }: Parts): 'new' | 'known' | 'missing' {
  let news = false;
  const ends: Vector | null = spans.length > 4 ? new Map() : null;
  for (const { client, from, to } of spans) {
    const have = vector.get(client) ?? 0;
    if (from > have) return 'missing';
    if (to > have) news = true;
    if (ends !== null && to > (ends.get(client) ?? 0)) ends.set(client, to);
  }
  const end = (client: number): number => {
    let max = vector.get(client) ?? 0;
    if (ends !== null) return Math.max(max, ends.get(client) ?? 0);
    for (const span of spans) if (span.client === client && span.to > max) max = span.to;
    return max;
  };
  for (let i = 0; i < needs.length; i += 2) if ((needs[i + 1] ?? 0) >= end(needs[i] ?? 0)) return 'missing';
  for (let i = 0; i < deletes.length; i += 3)
    if ((deletes[i + 1] ?? 0) + (deletes[i + 2] ?? 0) > end(deletes[i] ?? 0)) return 'missing';
  return news ? 'new' : 'known';
}

/** Takes the update's structs into the vector. */
export function advance(vector: Vector, { spans }: Parts): void {
  for (const { client, to } of spans) if (to > (vector.get(client) ?? 0)) vector.set(client, to);
}
