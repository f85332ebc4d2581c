import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { draftBegan, draftText, newDraftId } from './draft-text.ts';

test('a draft is read as lines, without its marks', () => {
  const doc = new Y.Doc();
  const draft = doc.getXmlFragment('draft');
  const first = new Y.XmlElement('paragraph');
  const words = new Y.XmlText();
  words.insert(0, 'Voir ');
  words.insert(5, 'la palette', { bold: true });
  const mention = new Y.XmlElement('mention');
  mention.setAttribute('label', 'Awa');
  const invoice = new Y.XmlElement('mention');
  invoice.setAttribute('kind', 'item');
  invoice.setAttribute('label', 'FA-12');
  first.insert(0, [words, mention, new Y.XmlElement('hardBreak'), invoice]);
  draft.insert(0, [first, new Y.XmlElement('paragraph')]);
  expect(draftText(draft)).toBe('Voir la palette@Awa\n#FA-12\n');
});

test('drafts sort by when they were begun', () => {
  const ids = [1, 1_700_000_000_000, 1_700_000_000_001, 2_500_000_000_000].map(newDraftId);
  expect(ids.toSorted()).toEqual(ids);
  expect(ids.map(draftBegan)).toEqual([1, 1_700_000_000_000, 1_700_000_000_001, 2_500_000_000_000]);
  expect(draftBegan('0199-abc')).toBe(null);
});
