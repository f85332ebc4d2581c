import * as decoding from 'lib0/decoding';
import { COLLAB_LIMITS, DRAFTS_ROOT, isDraftId, NOTE_ROOT } from '#lib/protocol/collab.ts';
import { isAllowedHref, MARK_NAMES, NODE_NAMES } from '#lib/protocol/editor-schema.ts';

/** An update that no editor of ours makes; the reason is for the log, never for the client. */
export class BadUpdate extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'BadUpdate';
  }
}

/** A run of one author's structs: clocks `from` up to, not including, `to`. */
export interface Span {
  client: number;
  from: number;
  to: number;
}

/** What an update brings and what it rests on, read without building anything of it. */
export interface Parts {
  spans: Span[];
  /** Structs that must be known first, as client and clock by turns. */
  needs: number[];
  /** Deleted ranges, as client, clock and length by turns. */
  deletes: number[];
  /** Of a thread: entries of its map of drafts. */
  drafts: DraftEntry[];
  /** Of a thread: structs that some struct stands beside, as client and clock by turns. */
  beside: number[];
}

/** One entry of a thread's map of drafts: the struct that holds the draft with this id. */
export interface DraftEntry {
  client: number;
  clock: number;
  id: string;
  /** False when its content was deleted already. */
  live: boolean;
}

export interface ReadOptions {
  /** A thread's document: it has a map of drafts beside its note. */
  drafts?: boolean;
  /** Structs and deleted ranges that it may have; only a snapshot of our own may have more. */
  most?: number;
}

const NO_DRAFTS: DraftEntry[] = [];
const NOTHING: number[] = [];

const refuse = (reason: string): never => {
  throw new BadUpdate(reason);
};

const CLOCK_MAX = 0x7fffffff;
// Tags of lib0's `any` for scalars: undefined, null, integer, float32, float64, false, true, string.
const SCALARS = new Set([127, 126, 125, 124, 123, 121, 120, 119]);
const TYPE_ELEMENT = 3;
const TYPE_FRAGMENT = 4;
const TYPE_TEXT = 6;

class Reader {
  readonly decoder: decoding.Decoder;
  readonly parts: Parts;
  readonly #thread: boolean;
  readonly #most: number;
  #count = 0;

  constructor(update: Uint8Array, thread: boolean, most: number) {
    this.decoder = decoding.createDecoder(update);
    this.#thread = thread;
    this.#most = most;
    this.parts = {
      spans: [],
      needs: [],
      deletes: [],
      drafts: thread ? [] : NO_DRAFTS,
      beside: thread ? [] : NOTHING,
    };
  }

  int(): number {
    return decoding.readVarUint(this.decoder);
  }

  text(): string {
    return decoding.readVarString(this.decoder);
  }

  tick(): void {
    if (++this.#count > this.#most) refuse('too many parts');
  }

  length(): number {
    const length = this.int();
    return length > 0 && length <= CLOCK_MAX ? length : refuse('an empty or endless part');
  }

  /** A reference; one to the same author must point behind. */
  id(client: number, clock: number, beside: boolean): void {
    const at = this.int();
    const of = this.int();
    if (at === client && of >= clock) refuse('a part that rests on a later one');
    this.parts.needs.push(at, of);
    if (beside && this.#thread) this.parts.beside.push(at, of);
  }

  struct(client: number, clock: number): { length: number; gap: boolean } {
    const info = decoding.readUint8(this.decoder);
    if (info === 10) return { length: this.length(), gap: true };
    const kind = info & 31;
    if (kind === 0) return { length: this.length(), gap: false };
    const left = (info & 128) !== 0;
    const right = (info & 64) !== 0;
    if (left) this.id(client, clock, true);
    if (right) this.id(client, clock, true);
    if (!left && !right) {
      if (this.int() === 1) {
        const root = this.text();
        if (root === DRAFTS_ROOT && this.#thread) return this.draft(client, clock, info);
        if (root !== NOTE_ROOT) refuse('another root than the note');
      } else this.id(client, clock, false);
      if ((info & 32) !== 0 && this.text().length > 64) refuse('a long attribute name');
    }
    return { length: this.content(kind), gap: false };
  }

  /** An entry of the map of drafts: one fragment under an id, or what a deletion left of it. */
  draft(client: number, clock: number, info: number): { length: number; gap: boolean } {
    const id = (info & 32) === 0 ? '' : this.text();
    if (!isDraftId(id)) refuse('a draft without an id');
    const kind = info & 31;
    const live = kind === 7;
    if (live ? this.int() !== TYPE_FRAGMENT : kind !== 1 || this.length() !== 1) refuse('a draft that is none');
    this.parts.drafts.push({ client, clock, id, live });
    return { length: 1, gap: false };
  }

  content(kind: number): number {
    switch (kind) {
      case 1:
        return this.length();
      case 4:
        return this.text().length || refuse('an empty text');
      case 6:
        this.format();
        return 1;
      case 7:
        this.type();
        return 1;
      case 8:
        return this.scalars();
      default:
        return refuse(`content of kind ${kind}`);
    }
  }

  format(): void {
    const key = this.text();
    const value = this.text();
    const name = key.split('--', 1)[0] ?? '';
    if (!MARK_NAMES.has(name)) refuse('an unknown mark');
    if (value.length > COLLAB_LIMITS.hrefChars + 500) refuse('a long mark');
    if (value === 'null' || (value === '{}' && name !== 'link')) return;
    // Whatever the name: every client will parse it.
    const attrs: unknown = JSON.parse(value);
    if (attrs === true && name !== 'link') return;
    if (typeof attrs !== 'object' || attrs === null) return refuse('a mark that is none');
    if (name === 'link' && !isAllowedHref((attrs as { href?: unknown }).href)) refuse('a link that is not allowed');
  }

  type(): void {
    const type = this.int();
    if (type === TYPE_TEXT) return;
    if (type !== TYPE_ELEMENT || !NODE_NAMES.has(this.text())) refuse('an unknown element');
  }

  scalars(): number {
    const count = this.length();
    for (let i = 0; i < count; i++) {
      this.tick();
      if (!SCALARS.has(this.decoder.arr[this.decoder.pos] ?? 0)) refuse('a value that is not plain');
      const value: unknown = decoding.readAny(this.decoder);
      if (typeof value === 'string' && value.length > 512) refuse('a long attribute');
    }
    return count;
  }

  structs(): void {
    const clients = this.int();
    for (let i = 0; i < clients; i++) {
      const count = this.int();
      const client = this.int();
      let clock = this.int();
      let from = clock;
      for (let j = 0; j < count; j++) {
        this.tick();
        const { length, gap } = this.struct(client, clock);
        if (clock + length > CLOCK_MAX) refuse('an endless author');
        if (gap) {
          if (clock > from) this.parts.spans.push({ client, from, to: clock });
          from = clock + length;
        }
        clock += length;
      }
      if (clock > from) this.parts.spans.push({ client, from, to: clock });
    }
  }

  deletions(): void {
    const clients = this.int();
    for (let i = 0; i < clients; i++) {
      const client = this.int();
      const count = this.int();
      for (let j = 0; j < count; j++) {
        this.tick();
        const clock = this.int();
        this.parts.deletes.push(client, clock, this.length());
      }
    }
  }
}

/**
 * Reads a Yjs update (V1) strictly: every length bounded, only what the note's schema can hold (and in a thread its map
 * of drafts, see `Drafts.refusal` for what only the document tells), nothing left over. It allocates in proportion to
 * the bytes that are really there, whatever they announce.
 *
 * @throws BadUpdate for everything else
 */
export function readUpdate(update: Uint8Array, options: ReadOptions = {}): Parts {
  const reader = new Reader(update, options.drafts ?? false, options.most ?? COLLAB_LIMITS.updateParts);
  try {
    reader.structs();
    reader.deletions();
  } catch (error) {
    throw error instanceof BadUpdate ? error : new BadUpdate('malformed');
  }
  if (reader.decoder.pos !== update.length) throw new BadUpdate('bytes left over');
  return reader.parts;
}
