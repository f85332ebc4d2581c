import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { unsentText } from './collab-unsent.ts';

test('only the words that the server does not have, without what was deleted', () => {
  const doc = new Y.Doc();
  const text = doc.getText('t');
  text.insert(0, 'enregistré');
  const confirmed = Y.decodeStateVector(Y.encodeStateVector(doc));
  expect(unsentText(doc, confirmed)).toBe('');
  text.insert(text.length, ' et pas encore');
  text.delete(text.length - 7, 7);
  expect(unsentText(doc, confirmed)).toBe(' et pas');
});
