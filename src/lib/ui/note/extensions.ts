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

/** Who or what can be mentioned. */
export interface Mentionable {
  id: string;
  name: string;
  /** A member when left out. */
  kind?: 'member' | 'item' | 'account';
  /** Said beside the name, to tell it from others. */
  hint?: string;
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
export const noteContent = (
  suggestions: readonly Partial<SuggestionOptions<Mentionable>>[] = [{ char: '@' }],
): Extensions => [
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
  NoteMention.configure({ suggestions: [...suggestions] as SuggestionOptions<Mentionable>[] }),
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

export interface NoteEditing {
  /** What is written: a Y.XmlFragment. */
  fragment: unknown;
  /** Where the others' carets come from; null: nobody else writes here. */
  provider: { awareness: unknown } | null;
  me: { id: string; name: string };
  suggestions: readonly Partial<SuggestionOptions<Mentionable>>[];
  onLink: () => void;
  /** Ctrl or ⌘ with Enter; a new line when left out. */
  onSubmit?: (() => void) | undefined;
  onEscape?: (() => void) | undefined;
}

/** The whole editor of a note or a draft: content, the others' text and carets, undo of one's own changes. */
export function noteExtensions(options: NoteEditing): Extensions {
  const { fragment, provider, me, suggestions, onLink, onSubmit, onEscape } = options;
  const carets =
    provider === null
      ? []
      : [
          CollaborationCaret.configure({
            provider,
            user: me,
            render: caret,
            selectionRender: (user) => ({
              nodeName: 'span',
              class: 'note-selection',
              style: `--hue: ${hueOf(String(user['id'] ?? ''))}`,
            }),
          }),
        ];
  const on = (act: (() => void) | undefined) => (): boolean => {
    act?.();
    return act !== undefined;
  };
  return [
    ...noteContent(suggestions),
    ListKeymap,
    Collaboration.configure({ fragment: fragment as never }),
    ...carets,
    Extension.create({
      name: 'noteKeys',
      // before the line break of Ctrl+Enter, after the list of mentions
      priority: 101,
      addKeyboardShortcuts: () => ({ 'Mod-k': on(onLink), 'Mod-Enter': on(onSubmit), Escape: on(onEscape) }),
    }),
  ];
}
