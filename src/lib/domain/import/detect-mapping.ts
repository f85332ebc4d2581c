import type { Currency } from '../values.ts';
import type { DateOrder, Delimiter, Encoding, ImportField, ImportMapping } from './import.ts';
import { fieldsOfColumns, uniqueColumns } from './known-columns.ts';
import { detectDateOrder } from './read-day.ts';
import { kindFromText } from './read-kind.ts';

/** What is known of a file before its mapping. */
export interface FileSample {
  header: readonly string[];
  /** Rows after the header, as many as were sampled; the more, the surer the order of dates. */
  rows: readonly (readonly string[])[];
  delimiter: Delimiter;
  encoding: Encoding;
  defaultCurrency: Currency;
}

/** A proposal, to be shown and corrected. */
export interface DetectedMapping {
  mapping: ImportMapping;
  /** What the sample does not decide: shown to the user with the choice that was made. */
  ambiguous: ('dateOrder' | 'decimal')[];
}

const DATE_FIELDS: readonly ImportField[] = ['issueDay', 'dueDay', 'settledOn'];
const AMOUNT_FIELDS: readonly ImportField[] = ['amount', 'openAmount', 'debit', 'credit'];

/**
 * Proposes how to read a file (rules IMP-3 to IMP-5) from its header and sampled rows. A column of kinds of which less
 * than half are understood is left unmapped: signs then tell invoices from credit notes.
 */
export function detectMapping(sample: FileSample): DetectedMapping {
  const names = uniqueColumns(sample.header);
  const columns = fieldsOfColumns(names, (index) => sample.rows.every((row) => (row[index] ?? '').trim() !== ''));
  const cellsOf = (fields: readonly ImportField[]): string[][] => {
    const indexes = fields.flatMap((field) => names.flatMap((name, index) => (columns[name] === field ? [index] : [])));
    return sample.rows.map((row) => indexes.map((index) => row[index] ?? ''));
  };
  const kindColumn = names.find((name) => columns[name] === 'kind');
  if (kindColumn !== undefined) {
    const kinds = cellsOf(['kind'])
      .flat()
      .filter((text) => text.trim() !== '');
    const understood = kinds.filter((text) => kindFromText(text) !== null).length;
    if (understood * 2 < kinds.length) columns[kindColumn] = null;
  }
  const dates = detectDateOrder(cellsOf(DATE_FIELDS));
  const decimal = detectDecimal(cellsOf(AMOUNT_FIELDS).flat(), sample.delimiter);
  const ambiguous: DetectedMapping['ambiguous'] = [];
  if (dates.ambiguous) ambiguous.push('dateOrder');
  if (decimal.ambiguous) ambiguous.push('decimal');
  return {
    mapping: {
      delimiter: sample.delimiter,
      encoding: sample.encoding,
      decimal: decimal.mark,
      dateOrder: dates.order satisfies DateOrder,
      complete: true,
      columns,
      defaultCurrency: sample.defaultCurrency,
    },
    ambiguous,
  };
}

/**
 * Decimal mark of a column of amounts (rule IMP-4). A value votes when it has both marks, a mark followed by other than
 * three digits, the same mark twice (then it groups), or less than 1 before it. Without votes: what the delimiter
 * suggests, reported as ambiguous when marks were seen.
 */
export function detectDecimal(
  values: readonly string[],
  delimiter: Delimiter,
): { mark: '.' | ','; ambiguous: boolean } {
  const votes = { '.': 0, ',': 0 };
  let marks = 0;
  for (const text of values) {
    const body = text.replace(/[^\d.,]/g, '');
    const mark = decimalVote(body);
    if (mark !== null) votes[mark] += 1;
    if (/[.,]/.test(body)) marks += 1;
  }
  if (votes['.'] !== votes[',']) {
    return { mark: votes['.'] > votes[','] ? '.' : ',', ambiguous: votes['.'] > 0 && votes[','] > 0 };
  }
  return { mark: delimiter === ',' ? '.' : ',', ambiguous: marks > 0 };
}

function decimalVote(body: string): '.' | ',' | null {
  const point = body.lastIndexOf('.');
  const comma = body.lastIndexOf(',');
  if (point < 0 && comma < 0) return null;
  if (point >= 0 && comma >= 0) return point > comma ? '.' : ',';
  const mark = point >= 0 ? '.' : ',';
  const at = Math.max(point, comma);
  if (body.indexOf(mark) !== at) return mark === '.' ? ',' : '.';
  const decimals = body.length - at - 1;
  return decimals === 3 && /^[1-9]\d{0,2}[.,]/.test(body) ? null : mark;
}
