import { describe, expect, it, test } from 'vitest';
import * as Y from 'yjs';
import { lostText, unsentText } from './collab-unsent.ts';

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

describe('[C3] words whose place is gone', () => {
  const SERVER = 'server';
  const vectorOf = (doc: Y.Doc): Map<number, number> => Y.decodeStateVector(Y.encodeStateVector(doc));
  /** A line that two have, one of them away. */
  const apart = () => {
    const there = new Y.Doc();
    there.getXmlFragment('f').insert(0, [new Y.XmlText('au retour')]);
    const here = new Y.Doc();
    Y.applyUpdate(here, Y.encodeStateAsUpdate(there), SERVER);
    const known = vectorOf(here);
    const lost: string[] = [];
    here.on('afterTransaction', (transaction) => {
      if (transaction.origin === SERVER) lost.push(lostText(transaction, known));
    });
    const line = (doc: Y.Doc): Y.XmlText => doc.getXmlFragment('f').get(0) as Y.XmlText;
    const back = (): string => {
      Y.applyUpdate(here, Y.encodeStateAsUpdate(there, Y.encodeStateVector(here)), SERVER);
      return lost.filter((text) => text !== '').join();
    };
    return { here, there, line, back, known };
  };

  it('are handed out when the line was made anew meanwhile', () => {
    const { here, there, line, back } = apart();
    line(here).insert(2, ' quai');
    line(here).insert(0, 'Vu ');
    there.getXmlFragment('f').delete(0, 1);
    there.getXmlFragment('f').insert(0, [new Y.XmlText('autre')]);
    expect(back()).toBe('Vu  quai');
  });

  it('are not when they stay, when their author deleted them, or when the server had them', () => {
    const stay = apart();
    stay.line(stay.here).insert(9, ' demain');
    stay.line(stay.there).delete(0, 9);
    expect(stay.back()).toBe('');
    expect(stay.line(stay.here).toJSON()).toBe(' demain');

    const undone = apart();
    undone.line(undone.here).insert(0, 'non');
    undone.line(undone.here).delete(0, 3);
    undone.there.getXmlFragment('f').delete(0, 1);
    expect(undone.back()).toBe('');

    const had = apart();
    had.line(had.here).insert(0, 'Vu ');
    for (const [client, clock] of vectorOf(had.here)) had.known.set(client, clock);
    had.there.getXmlFragment('f').delete(0, 1);
    expect(had.back()).toBe('');
  });
});
