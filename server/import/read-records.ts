import { createReadStream } from 'node:fs';
import { CsvError, parse, type Parser } from 'csv-parse';
import type { Delimiter, Encoding } from '#lib/domain/import/import.ts';
import { UnreadableFile } from './unreadable.ts';

/** Rows of the file with the line on which each begins (1 is the file's first line). */
export interface RecordBatch {
  records: string[][];
  lines: number[];
  /** Bytes of the file read so far. */
  bytes: number;
}

/** A row longer than this is an open quote or no table at all. */
const MAX_RECORD_CHARS = 256 * 1024;
const MAX_UNFINISHED_BYTES = 1024 * 1024;
export const MAX_COLUMNS = 400;
const CHUNK_BYTES = 64 * 1024;

const linesWithin = (record: readonly string[]): number => {
  let count = 1;
  for (const field of record)
    if (field.includes('\n') || field.includes('\r')) count += field.match(/\r\n|\n|\r/g)?.length ?? 0;
  return count;
};

const reasonOf = (error: unknown, line: number): unknown => {
  if (!(error instanceof CsvError)) return error;
  if (error.code === 'CSV_MAX_RECORD_SIZE') return new UnreadableFile('line_too_long', line);
  return new UnreadableFile('open_quote', line);
};

/**
 * Reads a delimited file row by row, in batches and in bounded memory: quotes may hold delimiters and line ends; a
 * quote that never closes, a row without end or with too many columns stops with the line where it began. The event
 * loop is left between chunks.
 *
 * @throws UnreadableFile open_quote, line_too_long, too_many_columns
 */
export async function* readRecords(
  source: string | AsyncIterable<Uint8Array>,
  options: { encoding: Encoding; delimiter: Delimiter },
): AsyncGenerator<RecordBatch> {
  const bytes = typeof source === 'string' ? createReadStream(source, { highWaterMark: CHUNK_BYTES }) : source;
  const decoder = new TextDecoder(options.encoding);
  let batch: RecordBatch = { records: [], lines: [], bytes: 0 };
  let recordLines = 0;
  let nextLine = 1;
  // The parser's own line counter takes a CRLF within quotes for two lines.
  const parser = makeParser(options.delimiter, (record, emptyLines) => {
    batch.records.push(record);
    batch.lines.push(recordLines + emptyLines + 1);
    recordLines += linesWithin(record);
    nextLine = recordLines + emptyLines + 1;
  });
  let failure: unknown = null;
  parser.on('error', (error) => (failure ??= reasonOf(error, nextLine)));
  const ended = new Promise<void>((resolve) => parser.on('close', resolve));
  parser.resume();

  const take = (): RecordBatch => {
    if (failure !== null) throw failure as Error;
    for (const [index, record] of batch.records.entries())
      if (record.length > MAX_COLUMNS) throw new UnreadableFile('too_many_columns', batch.lines[index] ?? 1);
    const taken = batch;
    batch = { records: [], lines: [], bytes: taken.bytes };
    return taken;
  };

  let unfinished = 0;
  try {
    for await (const chunk of bytes) {
      const text = decoder.decode(chunk as Uint8Array, { stream: true });
      batch.bytes += (chunk as Uint8Array).length;
      if (text === '') continue;
      const encoded = Buffer.from(text, 'utf8');
      await write(parser, encoded);
      unfinished = batch.records.length > 0 ? 0 : unfinished + encoded.length;
      yield take();
      if (unfinished > MAX_UNFINISHED_BYTES) throw new UnreadableFile('line_too_long', nextLine);
    }
    const rest = decoder.decode();
    if (rest !== '') await write(parser, Buffer.from(rest, 'utf8'));
    parser.end();
    await ended;
    yield take();
  } finally {
    parser.destroy();
  }
}

function makeParser(delimiter: Delimiter, onRecord: (record: string[], emptyLines: number) => void): Parser {
  return parse({
    bom: true,
    delimiter,
    quote: '"',
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: MAX_RECORD_CHARS,
    // Taken here and not pushed on: an object stream costs more than the parsing.
    on_record: (record: string[], context) => {
      onRecord(record, context.empty_lines);
      return null;
    },
  });
}

function write(parser: Parser, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    parser.write(bytes, () => resolve());
  });
}
