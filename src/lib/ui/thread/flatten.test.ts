import { expect, test } from 'vitest';
import { editorSchema } from '#lib/protocol/editor-schema.ts';
import { flattenMentions } from './flatten.ts';

test('what leaves points at nobody inside', () => {
  const body = {
    type: 'doc',
    content: [
      {
        type: 'paragraph',
        content: [
          { type: 'text', text: 'Vu avec ' },
          { type: 'mention', attrs: { kind: 'member', id: 'm1', label: 'Awa' } },
          { type: 'text', text: ' pour ' },
          { type: 'mention', attrs: { kind: 'item', id: 'i1', label: 'FA-12' } },
          { type: 'text', text: '.', marks: [{ type: 'bold' }] },
        ],
      },
    ],
  };
  const flat = flattenMentions(body);
  expect(flat.count).toBe(2);
  expect(flat.body.content?.[0]?.content).toEqual([
    { type: 'text', text: 'Vu avec Awa pour FA-12' },
    { type: 'text', text: '.', marks: [{ type: 'bold' }] },
  ]);
  editorSchema.nodeFromJSON(flat.body).check();
});
