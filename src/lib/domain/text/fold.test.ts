import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cleanLine, foldText, isWellFormed, matchesWords, searchWords, wordsOf } from './fold.ts';

describe('folding', () => {
  test.each([
    ['Société Générale', 'societe generale'],
    ['Socie\u0301te\u0301', 'societe'],
    ['ŒUVRES & Cæsar', 'oeuvres & caesar'],
    ['Straße Łódź Ørsted', 'strasse lodz orsted'],
    ['abc\u202edef', 'abcdef'],
    ['a\u200db\u00ad', 'ab'],
    ['İstanbul', 'istanbul'],
    ['ＡＢＣ', 'abc'],
    ['x\ud800y', 'x y'],
  ])('[TXT-1] %s folds to %s', (text, expected) => {
    expect(foldText(text)).toBe(expected);
  });

  test('[TXT-1] composed and decomposed texts fold alike, and folding twice changes nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const folded = foldText(text);
        expect(foldText(text.normalize('NFD'))).toBe(folded);
        expect(foldText(text.normalize('NFC'))).toBe(folded);
        expect(foldText(folded)).toBe(folded);
      }),
    );
  });

  test('[TXT-2] words of name and number', () => {
    expect(wordsOf("L'Oréal S.A.", '0379-NEVHP')).toEqual([
      '0379nevhp',
      '0379',
      'nevhp',
      'loreal',
      'l',
      'oreal',
      'sa',
      's',
      'a',
    ]);
    expect(wordsOf('', '')).toEqual([]);
    expect(wordsOf('x '.repeat(500), '1').length).toBeLessThanOrEqual(24);
  });

  test.each([
    ['oreal', true],
    ["l'oréal", true],
    ['loreal', true],
    ['OREA 0379', true],
    ['0379-nev', true],
    ['s.a.', true],
    ['nevhp sa', true],
    ['danone', false],
    ['oreal danone', false],
    ['', true],
    ['%$', true],
  ])('[TXT-3] the query %s finds it: %s', (query, found) => {
    expect(matchesWords(wordsOf("L'Oréal S.A.", '0379-NEVHP'), searchWords(query))).toBe(found);
  });

  test('[TXT-3] an account is found by its own name and number', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 30 }), fc.string({ maxLength: 12 }), (name, number) => {
        const words = wordsOf(name, number);
        if (words.length < 24) {
          expect(matchesWords(words, searchWords(name))).toBe(true);
          expect(matchesWords(words, searchWords(number))).toBe(true);
        }
      }),
    );
  });

  test('[TXT-4] lone surrogates are told from pairs', () => {
    expect([isWellFormed('été 👩‍👩‍👧'), isWellFormed('\ud83d'), isWellFormed('a\udc00')]).toEqual([true, false, false]);
  });

  test('[TXT-5] lines are made safe to show', () => {
    expect(cleanLine('  SARL \u202e Dupont\u0000\r\n& \t Fils ')).toBe('SARL Dupont & Fils');
    expect(cleanLine('👩‍👩‍👧')).toBe('👩‍👩‍👧');
    expect(cleanLine('é'.repeat(300)).length).toBe(200);
    expect(isWellFormed(cleanLine('😀'.repeat(300), 101))).toBe(true);
  });

  test('[TXT-5] cleaning twice changes nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 30 }), (text) => {
        const clean = cleanLine(text);
        expect(cleanLine(clean)).toBe(clean);
        expect(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(clean) || clean !== clean.normalize('NFC')).toBe(false);
      }),
    );
  });
});
