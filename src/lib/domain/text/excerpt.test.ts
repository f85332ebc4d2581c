import fc from 'fast-check';
import { expect, test } from 'vitest';
import { excerptOf } from './excerpt.ts';

test.each([
  ['  deux\n palettes  manquent ', 'deux palettes manquent'],
  ['', ''],
  [`${'mot '.repeat(50)}`, `${'mot '.repeat(34)}mot…`],
  ['x'.repeat(200), `${'x'.repeat(140)}…`],
])('an excerpt is one short line: %j', (text, line) => expect(excerptOf(text)).toBe(line));

test('it is short and well formed whatever the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), (text) => {
      const line = excerptOf(text);
      expect([...line].length).toBeLessThanOrEqual(141);
      expect(line.isWellFormed()).toBe(text.isWellFormed());
      expect(line).not.toMatch(/\n/);
    }),
  );
});
