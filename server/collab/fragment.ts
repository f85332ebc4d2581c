import { Fragment, type Mark, type Node } from 'prosemirror-model';
import * as Y from 'yjs';
import { editorSchema, type NoteNode } from '#lib/protocol/editor-schema.ts';
import type { Vector } from './known.ts';

/** Structs of one client, from `from` up to, not including, `to`. */
export interface Range {
  client: number;
  from: number;
  to: number;
}

export interface Reading {
  /** JSON that the editor's schema accepts; what has no place in it is left out, as the editor does. */
  note: NoteNode;
  /** The words, marks, mentions and line breaks that it was made of. */
  leaves: Range[];
  /** Those of them that somebody wrote: no marks. */
  written: Range[];
  /** Nothing but blanks. */
  empty: boolean;
}

const LEAF_ELEMENTS = new Set(['mention', 'hardBreak']);

/** Reads a fragment as somebody saw it who had `seen`; all that is there when that is null. */
class Reader {
  readonly leaves: Range[] = [];
  readonly written: Range[] = [];
  readonly #seen: Vector | null;

  constructor(seen: Vector | null) {
    this.#seen = seen;
  }

  /** How many of an item's structs were seen. */
  #length(item: Y.Item): number {
    if (item.deleted) return 0;
    if (this.#seen === null) return item.length;
    return Math.max(0, Math.min(item.length, (this.#seen.get(item.id.client) ?? 0) - item.id.clock));
  }

  #leaf(item: Y.Item, length: number, written: boolean): void {
    const { client, clock } = item.id;
    const range = { client, from: clock, to: clock + length };
    this.leaves.push(range);
    if (written) this.written.push(range);
  }

  text(parent: Y.XmlText): Node[] {
    const nodes: Node[] = [];
    const marks = new Map<string, unknown>();
    for (let item = parent._start; item !== null; item = item.right) {
      const length = this.#length(item);
      if (length === 0) continue;
      if (item.content instanceof Y.ContentFormat) {
        const { key, value } = item.content as unknown as { key: string; value: unknown };
        if (value === null) marks.delete(key);
        else marks.set(key, value);
        this.#leaf(item, length, false);
      } else if (item.content instanceof Y.ContentString) {
        nodes.push(editorSchema.text(item.content.str.slice(0, length), marksOf(marks)));
        this.#leaf(item, length, true);
      }
    }
    return nodes;
  }

  children(parent: Y.XmlFragment): Node[] {
    const nodes: Node[] = [];
    for (let item = parent._start; item !== null; item = item.right) {
      if (this.#length(item) === 0 || !(item.content instanceof Y.ContentType)) continue;
      const { type } = item.content as unknown as { type: unknown };
      if (type instanceof Y.XmlText) nodes.push(...this.text(type));
      else if (type instanceof Y.XmlElement) {
        const node = this.#element(type as Y.XmlElement);
        if (LEAF_ELEMENTS.has(type.nodeName)) this.#leaf(item, 1, true);
        if (node !== null) nodes.push(node);
      }
    }
    return nodes;
  }

  #element(element: Y.XmlElement): Node | null {
    const content = this.children(element);
    return made(element.nodeName, element.getAttributes() as Record<string, unknown>, content);
  }
}

function made(name: string, attrs: Record<string, unknown>, content: readonly Node[]): Node | null {
  try {
    const node = editorSchema.node(name, attrs, Fragment.from(content));
    node.check();
    return node;
  } catch {
    return null;
  }
}

function marksOf(given: ReadonlyMap<string, unknown>): Mark[] {
  let marks: readonly Mark[] = [];
  for (const [key, attrs] of given) {
    const type = editorSchema.marks[key.split('--', 1)[0] ?? key];
    if (type === undefined) continue;
    const mark = type.create(typeof attrs === 'object' && attrs !== null ? (attrs as Record<string, unknown>) : null);
    marks = mark.addToSet(marks);
  }
  return [...marks];
}

/** Without the blank blocks at its beginning and end: what a posted message leaves behind in its draft. */
function trimmed(nodes: readonly Node[]): Node[] {
  const first = nodes.findIndex(hasLeaf);
  return first < 0 ? [] : nodes.slice(first, nodes.findLastIndex(hasLeaf) + 1);
}

const hasLeaf = (node: Node): boolean =>
  node.isText ? (node.text ?? '').trim() !== '' : node.type.name === 'mention' || node.children.some(hasLeaf);

/**
 * A note or draft as JSON.
 *
 * @param seen only what lies below this state vector; null: everything
 * @param trim leave out blank blocks at both ends
 */
export function readFragment(fragment: Y.XmlFragment, seen: Vector | null = null, trim = false): Reading {
  const reader = new Reader(seen);
  const blocks = reader.children(fragment).filter((node) => node.isBlock);
  const content = trim ? trimmed(blocks) : blocks;
  const empty = !blocks.some(hasLeaf);
  const node = made('doc', {}, content.length > 0 ? content : [editorSchema.node('paragraph')]);
  const note = node ?? editorSchema.node('doc', null, editorSchema.node('paragraph'));
  return { note: note.toJSON() as NoteNode, leaves: reader.leaves, written: reader.written, empty };
}
