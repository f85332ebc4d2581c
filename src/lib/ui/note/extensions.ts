import { Extension, Node, type Extensions } from '@tiptap/core';
import { Bold } from '@tiptap/extension-bold';
import { Collaboration } from '@tiptap/extension-collaboration';
import { CollaborationCaret } from '@tiptap/extension-collaboration-caret';
import { Document } from '@tiptap/extension-document';
import { Italic } from '@tiptap/extension-italic';
import { Link } from '@tiptap/extension-link';
import { BulletList, ListItem, ListKeymap, OrderedList } from '@tiptap/extension-list';
import { Mention } from '@tiptap/extension-mention';
import { Paragraph } from '@tiptap/extension-paragraph';
import { Text } from '@tiptap/extension-text';
import type { SuggestionOptions } from '@tiptap/suggestion';
import { isAllowedHref, mentionText } from '#lib/protocol/editor-schema.ts';
import { hueOf } from '../avatar.ts';

/** Who can be mentioned. */
export interface Mentionable {
  id: string;
  name: string;
}

const HardBreak = Node.create({
  name: 'hardBreak',
  group: 'inline',
  inline: true,
  selectable: false,
  parseHTML: () => [{ tag: 'br' }],
  renderHTML: () => ['br'],
  renderText: () => '\n',
  addKeyboardShortcuts() {
    const add = (): boolean => this.editor.commands.insertContent({ type: this.name });
    return { 'Shift-Enter': add, 'Mod-Enter': add };
  },
});

const NoteLink = Link.extend({ inclusive: false }).configure({
  openOnClick: false,
  autolink: true,
  linkOnPaste: true,
  protocols: ['mailto', 'tel'],
  defaultProtocol: 'https',
  isAllowedUri: (href) => isAllowedHref(href),
  HTMLAttributes: { rel: 'noopener noreferrer nofollow', target: '_blank', class: null },
});

const NoteMention = Mention.extend({
  addAttributes() {
    return {
      kind: { default: 'member', parseHTML: (element) => element.getAttribute('data-kind') ?? 'member' },
      id: { default: '', parseHTML: (element) => element.getAttribute('data-mention') ?? '' },
      label: { default: '', parseHTML: (element) => (element.textContent ?? '').replace(/^[@#]/, '') },
    };
  },
  parseHTML: () => [{ tag: 'span[data-mention]' }],
  renderHTML: ({ node }) => [
    'span',
    { 'data-mention': String(node.attrs.id), 'data-kind': String(node.attrs.kind), class: 'mention' },
    mentionText(node.attrs),
  ],
  renderText: ({ node }) => mentionText(node.attrs),
});

/** The nodes and marks of the note; the same as `editorSchema`, which a test compares. */
export const noteContent = (suggestion: Partial<SuggestionOptions<Mentionable>> = {}): Extensions => [
  Document,
  Paragraph,
  Text,
  BulletList,
  OrderedList,
  ListItem,
  HardBreak,
  Bold,
  Italic,
  NoteLink,
  NoteMention.configure({ suggestion: { char: '@', ...suggestion } }),
];

function caret(user: Record<string, unknown>): HTMLElement {
  const place = document.createElement('span');
  place.className = 'note-caret';
  place.style.setProperty('--hue', String(hueOf(String(user['id'] ?? ''))));
  const label = document.createElement('span');
  label.className = 'note-caret-name';
  label.textContent = String(user['name'] ?? '');
  place.append(label);
  return place;
}

/** The whole editor of a note: content, the others' text and carets, undo of one's own changes. */
export function noteExtensions(options: {
  fragment: unknown;
  provider: { awareness: unknown };
  me: { id: string; name: string };
  suggestion: Partial<SuggestionOptions<Mentionable>>;
  onLink: () => void;
}): Extensions {
  return [
    ...noteContent(options.suggestion),
    ListKeymap,
    Collaboration.configure({ fragment: options.fragment as never }),
    CollaborationCaret.configure({
      provider: options.provider,
      user: options.me,
      render: caret,
      selectionRender: (user) => ({
        nodeName: 'span',
        class: 'note-selection',
        style: `--hue: ${hueOf(String(user['id'] ?? ''))}`,
      }),
    }),
    Extension.create({
      name: 'noteKeys',
      addKeyboardShortcuts: () => ({
        'Mod-k': () => {
          options.onLink();
          return true;
        },
      }),
    }),
  ];
}
