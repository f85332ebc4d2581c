import type { Node } from 'prosemirror-model';
import type { Body, Mention } from '#lib/domain/thread/thread.ts';
import { editorSchema, noteText } from '#lib/protocol/editor-schema.ts';
import { refuseField } from '../colleagues.ts';

/** Characters of a body's JSON. */
export const BODY_CHARS = 100_000;
/** Elements within elements: what the store can hold, with room to spare. */
const MAX_DEPTH = 16;
const MAX_MENTIONS = 50;

/** A body that the editor's schema accepts, and what can be read from it without an editor. */
export interface CheckedBody {
  body: Body;
  /** Plain text, a line per paragraph or list item. */
  text: string;
  /** Each once, in the order of their first place. */
  mentions: Mention[];
}

/**
 * Checks what is to be posted against the editor's schema: nodes, marks, attributes, links. What the schema does not know is
 * refused; attributes that it does not declare are left out.
 *
 * @throws AppError validation_failed at `body`: `schema`, `too_long`, `too_deep`, `lone_surrogate`, `too_many_mentions`
 */
export function checkBody(given: unknown): CheckedBody {
  if (depthOf(given, 0) > MAX_DEPTH * 2 + 4) refuseField('body', 'too_deep');
  const node = parse(given);
  const body = node.toJSON() as Body;
  const json = JSON.stringify(body);
  if (json.length > BODY_CHARS) refuseField('body', 'too_long');
  if (!isWellFormed(body)) refuseField('body', 'lone_surrogate');
  const mentions = mentionsOf(body);
  if (mentions.length > MAX_MENTIONS) refuseField('body', 'too_many_mentions');
  return { body, text: noteText(body), mentions };
}

function parse(given: unknown): Node {
  try {
    const node = editorSchema.nodeFromJSON(given);
    node.check();
    if (node.type.name === 'doc') return node;
  } catch {
    // Said below: which node it was is nobody's concern.
  }
  return refuseField('body', 'schema');
}

/** Depth of a value; stops looking where it is too deep in any case. */
function depthOf(value: unknown, depth: number): number {
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH * 2 + 4) return depth;
  return Math.max(depth, ...Object.values(value).map((inner) => depthOf(inner, depth + 1)));
}

function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  return Object.values(value).every(isWellFormed);
}

/** Whom and what a body mentions, each once. */
export function mentionsOf(body: Body): Mention[] {
  const found = new Map<string, Mention>();
  walk(body, (node) => {
    const mention = mentionOf(node);
    if (mention !== null) found.set(`${mention.kind}:${mention.id}`, mention);
  });
  return [...found.values()];
}

export function mentionOf(node: Body): Mention | null {
  if (node.type !== 'mention') return null;
  const { kind = 'member', id = '' } = (node.attrs ?? {}) as { kind?: Mention['kind']; id?: string };
  return { kind, id };
}

function walk(node: Body, visit: (node: Body) => void): void {
  visit(node);
  for (const inner of node.content ?? []) walk(inner, visit);
}

/** The body with each node replaced by what `change` makes of it, from the leaves upwards. */
export function mapBody(node: Body, change: (node: Body) => Body): Body {
  const { content } = node;
  return change(content === undefined ? node : { ...node, content: content.map((inner) => mapBody(inner, change)) });
}

/** A body of plain text: a paragraph for each line. */
export function bodyOfText(text: string): Body {
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  return {
    type: 'doc',
    content: lines.map((line) =>
      line === '' ? { type: 'paragraph' } : { type: 'paragraph', content: [{ type: 'text', text: line }] },
    ),
  };
}

/** True when there is nothing to read in it. */
export const isEmptyText = (text: string): boolean => text.trim() === '';
