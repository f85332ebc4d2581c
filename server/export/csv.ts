import { toDecimal } from '#lib/domain/money/money.ts';
import type { Locale } from '#lib/domain/member/member.ts';
import type { Cents, Day } from '#lib/domain/values.ts';

/** One cell of a file: text is neutralised, amounts, counts and days are written as what they are. */
export type Cell = { text: string | null } | { cents: Cents } | { count: number } | { day: Day | null };

export const text = (value: string | null): Cell => ({ text: value });
export const amount = (cents: Cents): Cell => ({ cents });
export const count = (value: number): Cell => ({ count: value });
export const day = (value: Day | null): Cell => ({ day: value });

/**
 * How a spreadsheet of that language opens a file without asking: `;` and decimal comma in French, `,` and decimal
 * point in English.
 */
export interface CsvStyle {
  delimiter: ';' | ',';
  decimal: ',' | '.';
}

/** Style of a reader's language. */
export const styleOf = (locale: Locale): CsvStyle =>
  locale === 'fr' ? { delimiter: ';', decimal: ',' } : { delimiter: ',', decimal: '.' };

/** Spreadsheets know the file for UTF-8 by it. */
export const BOM = '\ufeff';

// Full-width forms of = + - @ are taken for the plain ones by some spreadsheets, and leading blanks are skipped.
const FORMULA = /^[\s\p{Cf}\p{Cc}\u00a0]*[=+\-@\uff1d\uff0b\uff0d\uff20\u2212]|^[\t\r\n\0]/u;

/**
 * Text that no spreadsheet takes for a formula (rule EXP-1, reliability B6): an apostrophe stands before whatever
 * begins, after blanks and invisible characters, with = + - @ in plain or full width, and before leading TAB, CR, LF
 * and NUL. NUL itself is left out of the file.
 */
export function neutralise(value: string): string {
  const dangerous = FORMULA.test(value);
  const clean = value.replaceAll('\0', '');
  return dangerous ? `'${clean}` : clean;
}

function written(cell: Cell, style: CsvStyle): string {
  if ('cents' in cell) return toDecimal(cell.cents).replace('.', style.decimal);
  if ('count' in cell) return String(cell.count);
  if ('day' in cell) return cell.day ?? '';
  return neutralise(cell.text ?? '');
}

/** One line of the file with its CRLF; cells with delimiter, quote, line end or blanks around are quoted (RFC 4180). */
export function csvLine(cells: readonly Cell[], style: CsvStyle): string {
  const fields = cells.map((cell) => {
    const field = written(cell, style);
    const plain = !/[",;\t\r\n]|^\s|\s$/.test(field);
    // A decimal comma is no reason to quote a number in a file parted by semicolons.
    const number = 'cents' in cell && !field.includes(style.delimiter);
    return plain || number ? field : `"${field.replaceAll('"', '""')}"`;
  });
  return `${fields.join(style.delimiter)}\r\n`;
}

/** A whole file, in pieces: BOM, header, lines. */
export async function* csvFile(
  header: readonly string[],
  lines: AsyncIterable<readonly Cell[]> | Iterable<readonly Cell[]>,
  locale: Locale,
): AsyncGenerator<string> {
  const style = styleOf(locale);
  let piece = BOM + csvLine(header.map(text), style);
  for await (const cells of lines) {
    piece += csvLine(cells, style);
    if (piece.length < 32_768) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}
