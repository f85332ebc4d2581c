import { Schema, type Attrs, type DOMOutputSpec } from 'prosemirror-model';
import type { Mention } from '#lib/domain/thread/thread.ts';
import { COLLAB_LIMITS } from './collab.ts';

/** What a mention may point at; the same as a message's `mentions`. */
export const MENTION_KINDS = ['member', 'item', 'account'] as const satisfies Mention['kind'][];

/** Schemes that a link may have; relative addresses lead nowhere in a note. */
export const LINK_SCHEMES = ['http', 'https', 'mailto', 'tel'] as const;

// Blanks and control characters hide a scheme from whoever reads it and not from a browser.
// eslint-disable-next-line no-control-regex
const HIDDEN = /[\u0000-\u0020\u007f-\u00a0\u2028\u2029\u200b-\u200f\ufeff]/;
const SCHEME = new RegExp(`^(?:${LINK_SCHEMES.join('|')}):`, 'i');

/** True for an address that a note may link to: one of LINK_SCHEMES, nothing hidden, not too long. */
export const isAllowedHref = (href: unknown): href is string =>
  typeof href === 'string' && href.length <= COLLAB_LIMITS.hrefChars && !HIDDEN.test(href) && SCHEME.test(href);

const checkHref = (value: unknown): void => {
  if (!isAllowedHref(value)) throw new RangeError('a link that is not allowed');
};
const checkKind = (value: unknown): void => {
  if (!(MENTION_KINDS as readonly unknown[]).includes(value)) throw new RangeError('a mention of nothing known');
};
/** A mention as plain text: `@Awa` for people, `#FA-1203` for invoices and accounts. */
export const mentionText = (attrs: { readonly [name: string]: unknown } | undefined): string =>
  `${(attrs?.['kind'] ?? 'member') === 'member' ? '@' : '#'}${String(attrs?.['label'] ?? '')}`;
const inOrder = (tag: string): DOMOutputSpec => [tag, 0];
const href = (attrs: Attrs): string => attrs.href as string;

/**
 * The note's schema in plain prosemirror-model: the browser's editor has the same nodes and marks, the server checks
 * with this one. EDITOR_SCHEMA_VERSION grows with every change of it.
 */
export const editorSchema = new Schema({
  topNode: 'doc',
  nodes: {
    doc: { content: 'block+' },
    paragraph: { group: 'block', content: 'inline*', toDOM: () => inOrder('p') },
    bulletList: { group: 'block list', content: 'listItem+', toDOM: () => inOrder('ul') },
    orderedList: {
      group: 'block list',
      content: 'listItem+',
      attrs: { start: { default: 1, validate: 'number' } },
      toDOM: () => inOrder('ol'),
    },
    listItem: { content: 'paragraph block*', defining: true, toDOM: () => inOrder('li') },
    text: { group: 'inline' },
    hardBreak: { group: 'inline', inline: true, selectable: false, toDOM: () => ['br'] },
    mention: {
      group: 'inline',
      inline: true,
      atom: true,
      selectable: false,
      attrs: {
        kind: { default: 'member', validate: checkKind },
        id: { validate: 'string' },
        label: { validate: 'string' },
      },
      toDOM: (node) => [
        'span',
        { 'data-mention': node.attrs.id as string, 'data-kind': node.attrs.kind as string },
        mentionText(node.attrs),
      ],
    },
  },
  marks: {
    link: {
      inclusive: false,
      attrs: { href: { validate: checkHref } },
      toDOM: (mark) => ['a', { href: href(mark.attrs), rel: 'noopener noreferrer nofollow' }, 0],
    },
    bold: { toDOM: () => inOrder('strong') },
    italic: { toDOM: () => inOrder('em') },
  },
});

/** Names of the elements and marks that a note's Yjs document may hold. */
export const NODE_NAMES: ReadonlySet<string> = new Set(
  Object.keys(editorSchema.nodes).filter((name) => name !== 'doc' && name !== 'text'),
);
export const MARK_NAMES: ReadonlySet<string> = new Set(Object.keys(editorSchema.marks));

/** A note as JSON, as prosemirror-model writes it. */
export interface NoteNode {
  type: string;
  attrs?: Record<string, unknown>;
  content?: NoteNode[];
  text?: string;
  marks?: { type: string; attrs?: Record<string, unknown> }[];
}

/** The note's plain text, a line per paragraph or list item; what a search or a copy shows. */
export function noteText(note: NoteNode): string {
  if (note.type === 'text') return note.text ?? '';
  if (note.type === 'hardBreak') return '\n';
  if (note.type === 'mention') return mentionText(note.attrs);
  const parts = (note.content ?? []).map(noteText);
  return parts.join(note.type === 'paragraph' ? '' : '\n');
}
