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
  /** JSON that the editor's schema accepts: words stay whatever they were put in, what means nothing is left out. */
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
        nodes.push(...this.#element(type as Y.XmlElement));
        if (LEAF_ELEMENTS.has(type.nodeName)) this.#leaf(item, 1, true);
      }
    }
    return nodes;
  }

  #element(element: Y.XmlElement): Node[] {
    const content = this.children(element);
    const { nodeName } = element;
    if (nodeName === 'paragraph' && !content.every(({ isInline }) => isInline)) return blocksOf(content);
    const node = made(nodeName, element.getAttributes() as Record<string, unknown>, fitted(nodeName, content));
    return node === null ? content : [node];
  }
}

/** Content as the schema wants it there: two who write at once can leave a list without an item, words without a line. */
function fitted(name: string, content: readonly Node[]): Node[] {
  if (name === 'bulletList' || name === 'orderedList')
    return content.flatMap((node) => (node.type.name === 'listItem' ? [node] : itemOf([node])));
  if (name === 'listItem') return itemOf(content).flatMap((item) => [...item.children]);
  return [...content];
}

function itemOf(content: readonly Node[]): Node[] {
  const blocks = blocksOf(content);
  const first = blocks[0]?.type.name === 'paragraph' ? blocks : [editorSchema.node('paragraph'), ...blocks];
  const item = made('listItem', {}, first);
  return item === null ? [] : [item];
}

/** Blocks alone: words between them get a line of their own, items without a list leave what they hold. */
function blocksOf(content: readonly Node[]): Node[] {
  const blocks: Node[] = [];
  let line: Node[] = [];
  const end = (): void => {
    const paragraph = line.length > 0 ? made('paragraph', {}, line) : null;
    if (paragraph !== null) blocks.push(paragraph);
    line = [];
  };
  for (const node of content) {
    if (node.isInline) {
      line.push(node);
      continue;
    }
    end();
    if (node.type.name === 'listItem') blocks.push(...node.children);
    else blocks.push(node);
  }
  end();
  return blocks;
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
  const blocks = blocksOf(reader.children(fragment));
  const content = trim ? trimmed(blocks) : blocks;
  const empty = !blocks.some(hasLeaf);
  const node = made('doc', {}, content.length > 0 ? content : [editorSchema.node('paragraph')]);
  const note = node ?? editorSchema.node('doc', null, editorSchema.node('paragraph'));
  return { note: note.toJSON() as NoteNode, leaves: reader.leaves, written: reader.written, empty };
}
