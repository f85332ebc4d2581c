import type { Delimiter, Encoding } from './import.ts';

const DELIMITERS: readonly Delimiter[] = [';', '\t', '|', ','];
/** Enough to see a habit, few enough to be quick. */
const SAMPLE_LINES = 50;

/**
 * Encoding of a file from its first bytes (rule IMP-1): byte order mark; zero bytes on one side of pairs mean UTF-16;
 * valid UTF-8 is UTF-8; else Windows-1252. A character cut at the end of the sample does not count against UTF-8.
 */
export function detectEncoding(bytes: Uint8Array): Encoding {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8';
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return detectUtf16(bytes.subarray(0, 4096)) ?? (isUtf8(bytes) ? 'utf-8' : 'windows-1252');
}

function detectUtf16(bytes: Uint8Array): Encoding | null {
  const pairs = Math.floor(bytes.length / 2);
  if (pairs < 2) return null;
  let evenZeros = 0;
  let oddZeros = 0;
  for (let index = 0; index < pairs * 2; index += 1) {
    if (bytes[index] !== 0) continue;
    if (index % 2 === 0) evenZeros += 1;
    else oddZeros += 1;
  }
  if (oddZeros > pairs * 0.4 && evenZeros < pairs * 0.1) return 'utf-16le';
  return evenZeros > pairs * 0.4 && oddZeros < pairs * 0.1 ? 'utf-16be' : null;
}

/** Whether the bytes are the beginning of valid UTF-8 text. */
export function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

/**
 * Checks a whole file for UTF-8 while it passes: a sample may be plain ASCII and the rest not. The function takes chunk
 * after chunk and answers whether all so far is valid.
 */
export function utf8Checker(): (chunk: Uint8Array) => boolean {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let valid = true;
  return (chunk) => {
    if (!valid) return false;
    try {
      decoder.decode(chunk, { stream: true });
    } catch {
      valid = false;
    }
    return valid;
  };
}

/** Text of the bytes, without the byte order mark. */
export function decodeBytes(bytes: Uint8Array, encoding: Encoding): string {
  return new TextDecoder(encoding).decode(bytes);
}

/**
 * Cuts text into rows of cells, quotes respected (RFC 4180: doubled quotes, line ends inside): for samples; a whole
 * file is read as a stream elsewhere. Empty lines are left out.
 */
export function splitRows(text: string, delimiter: Delimiter, maxRows = Infinity): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  const endRow = (): void => {
    row.push(cell);
    if (row.length > 1 || cell.trim() !== '') rows.push(row);
    row = [];
    cell = '';
  };
  for (let index = 0; index < text.length && rows.length < maxRows; index += 1) {
    const char = text.charAt(index);
    if (quoted) {
      if (char !== '"') cell += char;
      else if (text.charAt(index + 1) === '"') {
        cell += '"';
        index += 1;
      } else quoted = false;
    } else if (char === '"' && cell === '') quoted = true;
    else if (char === delimiter) {
      row.push(cell);
      cell = '';
    } else if (char === '\n') endRow();
    else if (char !== '\r') cell += char;
  }
  if (rows.length < maxRows && (cell !== '' || row.length > 0)) endRow();
  return rows;
}

/**
 * Delimiter of a text (rule IMP-2): the one that gives the most rows as many cells as the header has; among equals the
 * one that gives more cells. Null when none gives two.
 */
export function detectDelimiter(text: string): Delimiter | null {
  let best: { delimiter: Delimiter; agreement: number; width: number } | null = null;
  for (const delimiter of DELIMITERS) {
    const rows = splitRows(text, delimiter, SAMPLE_LINES);
    const width = rows[0]?.length ?? 0;
    if (width < 2) continue;
    // The last row of a sample may be cut.
    const compared = rows.length > 2 ? rows.slice(0, -1) : rows;
    const agreement = compared.filter((row) => row.length === width).length / compared.length;
    if (best === null || agreement > best.agreement || (agreement === best.agreement && width > best.width)) {
      best = { delimiter, agreement, width };
    }
  }
  return best?.delimiter ?? null;
}
