import { describe, expect, it } from 'vitest';
import { readRecords } from './read-records.ts';
import { refuseForeign } from './recognise.ts';
import { UnreadableFile } from './unreadable.ts';

const MB = 1024 * 1024;

async function* inChunks(bytes: Buffer, size = 64 * 1024): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function* repeated(first: string, chunk: Buffer, times: number): AsyncGenerator<Uint8Array> {
  yield Buffer.from(first);
  for (let index = 0; index < times; index += 1) yield chunk;
}

async function readAll(
  source: AsyncIterable<Uint8Array>,
  options: Partial<Parameters<typeof readRecords>[1]> = {},
): Promise<{ rows: [number, ...string[]][]; failure: UnreadableFile | null; heapGrowth: number }> {
  const rows: [number, ...string[]][] = [];
  const before = process.memoryUsage().rss;
  let peak = before;
  try {
    for await (const batch of readRecords(source, { encoding: 'utf-8', delimiter: ';', ...options })) {
      for (const [index, record] of batch.records.entries()) rows.push([batch.lines[index] ?? 0, ...record]);
      peak = Math.max(peak, process.memoryUsage().rss);
    }
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
    return { rows, failure: error, heapGrowth: peak - before };
  }
  return { rows, failure: null, heapGrowth: peak - before };
}

describe('reading rows', () => {
  it.each([1, 3, 64 * 1024])('keeps quoted line ends and says where each row begins, by chunks of %i', async (size) => {
    const text = '\ufeffcode;label\r\n1;"two\r\nlines"\r\n\r\n2;"he said ""no"""\r\n3;5" pipe;extra\r\n';
    const { rows } = await readAll(inChunks(Buffer.from(text), size));
    expect(rows).toEqual([
      [1, 'code', 'label'],
      [2, '1', 'two\r\nlines'],
      [5, '2', 'he said "no"'],
      [6, '3', '5" pipe', 'extra'],
    ]);
  });

  it('reads a long file to its end, in bounded memory', async () => {
    const chunk = Buffer.from(`${'1;2;3'.padEnd(127, 'x')}\n`.repeat(512));
    let rows = 0;
    for await (const batch of readRecords(repeated('a;b\n', chunk, 200), { encoding: 'utf-8', delimiter: ';' }))
      rows += batch.records.length;
    expect(rows).toBe(1 + 200 * 512);
  });

  it.each([
    ['utf-16le', Buffer.from('\ufeffé;b\r\n1;2', 'utf16le')],
    ['utf-16be', Buffer.from('\ufeffé;b\r\n1;2', 'utf16le').swap16()],
    ['windows-1252', Buffer.from('é;b\r\n1;2', 'latin1')],
  ] as const)('reads %s, even cut inside a character', async (encoding, bytes) => {
    const { rows } = await readAll(inChunks(bytes, 1), { encoding });
    expect(rows).toEqual([
      [1, 'é', 'b'],
      [2, '1', '2'],
    ]);
  });
});

describe('[B5] files that are no ledger', () => {
  it('stops at a quote left open for 50 MB, naming its line, in bounded memory', async () => {
    const { failure, rows, heapGrowth } = await readAll(repeated('a;b\n1;2\n3;"', Buffer.alloc(64 * 1024, 'x'), 800));
    expect(failure).toMatchObject({ code: 'line_too_long', line: 3 });
    expect(rows).toHaveLength(2);
    expect(heapGrowth).toBeLessThan(60 * MB);
  });

  it('stops at a quote left open over whole rows', async () => {
    const rows = Buffer.from('1;2;3;4\n'.repeat(8_192));
    const { failure, heapGrowth } = await readAll(repeated('a;b\n3;"', rows, 800));
    expect(failure).toMatchObject({ code: 'line_too_long', line: 2 });
    expect(heapGrowth).toBeLessThan(60 * MB);
  });

  it('names the line of a quote left open at the end', async () => {
    const { failure } = await readAll(inChunks(Buffer.from('a;b\n1;2\n3;"open\nx;y\n')));
    expect(failure).toMatchObject({ code: 'open_quote', line: 3 });
  });

  it.each([
    ['a million columns', () => inChunks(Buffer.from(`a;b\n${'1;'.repeat(1e6)}\n1;2\n`)), 'line_too_long'],
    ['commas without end', () => repeated('a;b\n', Buffer.alloc(64 * 1024, ';'), 3_000), 'line_too_long'],
    ['500 columns', () => inChunks(Buffer.from(`a;b\n${'1;'.repeat(500)}\n`)), 'too_many_columns'],
  ])('refuses %s in bounded memory', async (_name, source, code) => {
    const { failure, heapGrowth } = await readAll(source());
    expect(failure).toMatchObject({ code, line: 2 });
    expect(heapGrowth).toBeLessThan(120 * MB);
  });

  it.each([
    ['gzip', Buffer.from([0x1f, 0x8b, 8, 0, 0]), 'file_compressed'],
    ['a spreadsheet', Buffer.from('PK\u0003\u0004....', 'latin1'), 'file_spreadsheet'],
    ['PDF', Buffer.from('%PDF-1.7'), 'file_pdf'],
    ['NUL bytes', Buffer.from('a;b\n1;\0\n'), 'file_binary'],
    ['nothing', Buffer.alloc(0), 'file_empty'],
  ])('recognises %s', (_name, bytes, code) => {
    expect(() => refuseForeign(bytes, 'utf-8')).toThrow(expect.objectContaining({ code }));
  });

  it('takes UTF-16 for what it is', () => {
    expect(() => refuseForeign(Buffer.from('a;b', 'utf16le'), 'utf-16le')).not.toThrow();
  });
});
