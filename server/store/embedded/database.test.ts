import fs from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openDatabase, type Database } from '#server/store/embedded/database.ts';
import { GroupWriter } from '#server/store/embedded/writer.ts';

let directory: string;
let database: Database;
let told: number;
let writer: GroupWriter;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'encours-database-'));
  const log = { warn: () => undefined, error: () => undefined };
  database = await openDatabase({ directory, kinds: [], log, maxPageCount: undefined, schemaVersion: 1 });
  told = 0;
  const onCommit = (): void => void (told += 1);
  writer = new GroupWriter(database.writer, onCommit, () => undefined, database.flusher);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await writer.close();
  await database.close();
  await rm(directory, { recursive: true });
});

const put = (value: string): Promise<number> =>
  writer.submit(() => database.writer.run("INSERT OR REPLACE INTO meta (key, value) VALUES ('x', ?)", [value]).row);
const read = (): unknown => database.reader.get("SELECT value FROM meta WHERE key = 'x'")?.[0];

test('the writer overwrites what it deletes, and the reader cannot write', () => {
  const pragma = (name: string): unknown => database.writer.get(`PRAGMA ${name}`)?.[0];
  expect(pragma('synchronous')).toBe(1);
  expect(pragma('journal_mode')).toBe('wal');
  expect(pragma('secure_delete')).toBe(1);
  expect(() => database.reader.exec('DELETE FROM meta')).toThrow(/readonly/);
});

test('[D1] nobody is answered or told before the write-ahead log is on the disk, which no kill can show', async () => {
  const flushed: ((error: null) => void)[] = [];
  const wal = fs.statSync(`${database.path}-wal`).ino;
  vi.spyOn(fs, 'fdatasync').mockImplementation((handle, done) => {
    expect(fs.fstatSync(handle).ino).toBe(wal);
    flushed.push(done);
  });
  let answered = 0;
  const all = Promise.all(['a', 'b', 'c'].map(async (value) => [await put(value), (answered += 1)]));
  await vi.waitFor(() => expect(flushed).toHaveLength(1));
  expect(read()).toBe('c');
  // The loop is free meanwhile, and still nobody has heard.
  for (let i = 0; i < 20; i++) await new Promise(setImmediate);
  expect([answered, told, flushed.length]).toEqual([0, 0, 1]);
  flushed[0]?.(null);
  await all;
  expect([answered, told]).toEqual([3, 1]);
});

test('[D1] after a flush that failed nothing more is promised', async () => {
  const disk = vi.spyOn(fs, 'fdatasync').mockImplementation((_, done) => done(new Error('EIO')));
  await expect(put('a')).rejects.toMatchObject({ name: 'StoreUnavailable' });
  disk.mockRestore();
  await expect(put('b')).rejects.toMatchObject({ name: 'StoreUnavailable' });
  expect(read()).not.toBe('b');
  expect(told).toBe(0);
});
