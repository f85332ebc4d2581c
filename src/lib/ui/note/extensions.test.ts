import { getSchema } from '@tiptap/core';
import { expect, test } from 'vitest';
import { editorSchema } from '#lib/protocol/editor-schema.ts';
import { noteContent } from './extensions.ts';

const of = (schema: { nodes: object; marks: object }): { nodes: string[]; marks: string[] } => ({
  nodes: Object.keys(schema.nodes).sort(),
  marks: Object.keys(schema.marks).sort(),
});

test('the editor and the server know the same nodes and marks', () => {
  const editor = getSchema(noteContent());
  expect(of(editor)).toEqual(of(editorSchema));
  for (const name of Object.keys(editorSchema.nodes))
    expect([name, editor.nodes[name]?.isInline]).toEqual([name, editorSchema.nodes[name]?.isInline]);
});

test('what the editor holds, the server accepts', () => {
  const note = {
    type: 'doc',
    content: [
      {
        type: 'paragraph',
        content: [
          {
            type: 'text',
            text: 'Voir',
            marks: [{ type: 'bold' }, { type: 'link', attrs: { href: 'https://example.com' } }],
          },
          { type: 'hardBreak' },
          { type: 'mention', attrs: { id: 'm1', label: 'Awa' } },
          { type: 'mention', attrs: { kind: 'item', id: 'i1', label: 'FA-1203' } },
        ],
      },
      {
        type: 'orderedList',
        attrs: { start: 1, type: null },
        content: [{ type: 'listItem', content: [{ type: 'paragraph' }] }],
      },
    ],
  };
  const held = getSchema(noteContent()).nodeFromJSON(note);
  held.check();
  editorSchema.nodeFromJSON(held.toJSON()).check();
});
