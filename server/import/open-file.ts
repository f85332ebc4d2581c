import { detectMapping } from '#lib/domain/import/detect-mapping.ts';
import { decodeBytes, detectDelimiter, detectEncoding, splitRows } from '#lib/domain/import/detect-text.ts';
import type { ImportMapping, ImportRun, RefusedLine } from '#lib/domain/import/import.ts';
import { uniqueColumns } from '#lib/domain/import/known-columns.ts';
import { mappingProblems } from '#lib/domain/import/read-line.ts';
import type { Currency } from '#lib/domain/values.ts';
import { refuseForeign } from './recognise.ts';
import { HEAD_BYTES } from './spool.ts';
import { UnreadableFile } from './unreadable.ts';

/** What the first bytes of a file tell before it is read. */
export interface OpenedFile {
  mapping: ImportMapping;
  ambiguous: ImportRun['ambiguous'];
  preview: ImportRun['preview'];
  /** Why the mapping cannot read this header; to be corrected by the user. */
  problems: RefusedLine[];
}

const PREVIEW_ROWS = 12;
const PREVIEW_CELL = 120;

/**
 * Detects how a file is to be read, or follows the mapping that was given or saved.
 *
 * @param told by the user; wins over everything
 * @param saved mapping of the last accepted file with these columns
 * @throws UnreadableFile when it is no delimited text
 */
export async function openFile(
  head: Uint8Array,
  told: ImportMapping | null,
  saved: (header: readonly string[]) => Promise<ImportMapping | null>,
  defaultCurrency: Currency,
): Promise<OpenedFile> {
  const encoding = told?.encoding ?? detectEncoding(head);
  refuseForeign(head, encoding);
  const text = decodeBytes(head, encoding);
  const delimiter = told?.delimiter ?? detectDelimiter(text);
  if (delimiter === null) throw new UnreadableFile('file_no_header');
  const rows = splitRows(text, delimiter);
  // A sample that fills the head was cut somewhere in its last row.
  const whole = head.length < HEAD_BYTES || rows.length < 3 ? rows : rows.slice(0, -1);
  const [header = [], ...sampled] = whole;
  if (header.length < 2) throw new UnreadableFile('file_no_header');
  const detected = detectMapping({ header, rows: sampled, delimiter, encoding, defaultCurrency });
  const remembered = told === null ? await saved(header) : null;
  const mapping = told ?? (remembered === null ? detected.mapping : { ...remembered, delimiter, encoding });
  return {
    mapping,
    ambiguous: told === null && remembered === null ? detected.ambiguous : [],
    preview: {
      header: uniqueColumns(header),
      rows: sampled.slice(0, PREVIEW_ROWS).map((row) => row.map(cut)),
    },
    problems: mappingProblems(header, mapping).map(({ code, column }) => ({ line: 1, code, column, value: null })),
  };
}

const cut = (cell: string): string => cell.toWellFormed().replaceAll('\0', '').slice(0, PREVIEW_CELL).toWellFormed();
