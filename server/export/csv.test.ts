import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { amount, count, csvFile, csvLine, day, neutralise, styleOf, text } from './csv.ts';

const fr = styleOf('fr');
const en = styleOf('en');

describe('[B6] CSV export', () => {
  it.each([
    ['=1+1', "'=1+1"],
    ['+33 1 99 00 00 00', "'+33 1 99 00 00 00"],
    ['-12', "'-12"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['  =1', "'  =1"],
    ['\u00a0=1', "'\u00a0=1"],
    ['\u200b=1', "'\u200b=1"],
    ['\t=1', "'\t=1"],
    ['\tx', "'\tx"],
    ['\rx', "'\rx"],
    ['\0=1', "'=1"],
    ['\0x', "'x"],
    ['\uff1d1', "'\uff1d1"],
    ['\uff0b1', "'\uff0b1"],
    ['\uff0d1', "'\uff0d1"],
    ['\uff20x', "'\uff20x"],
    ['\u22125', "'\u22125"],
  ])('neutralises %j in text', (value, expected) => {
    expect(neutralise(value)).toBe(expected);
  });

  it.each(['Société Générale', 'A=B', '3-4', "L'Oréal", ' x', ''])('leaves %j as it is', (value) => {
    expect(neutralise(value)).toBe(value);
  });

  it('keeps negative amounts numbers, in the reader’s way of writing them', () => {
    expect(csvLine([text('-12'), amount(-123_456), count(-2), day('2026-11-22'), day(null)], fr)).toBe(
      "'-12;-1234,56;-2;2026-11-22;\r\n",
    );
    expect(csvLine([amount(-123_456), text('a,b')], en)).toBe('-1234.56,"a,b"\r\n');
  });

  it('quotes so that any text comes back, and no cell begins like a formula', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.string({ unit: 'binary' }), { minLength: 3, maxLength: 3 }), { maxLength: 5 }),
        fc.constantFrom('fr' as const, 'en' as const),
        async (rows, locale) => {
          let file = '';
          for await (const piece of csvFile(
            ['a', 'b', 'c'],
            rows.map((row) => row.map(text)),
            locale,
          ))
            file += piece;
          const read: string[][] = parse(file, {
            bom: true,
            delimiter: styleOf(locale).delimiter,
            record_delimiter: '\r\n',
          });
          expect(read.slice(1)).toEqual(rows.map((row) => row.map(neutralise)));
          for (const cell of read.flat()) expect(cell).not.toMatch(/^\s*[=+\-@\t\r\0]/);
        },
      ),
    );
  });
});
