import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openDatabase } from '#server/store/embedded/database.ts';

test('[D1] the writer flushes at each commit, which no kill can show, and overwrites what it deletes', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'encours-database-'));
  const log = { warn: () => undefined, error: () => undefined };
  const database = await openDatabase({ directory, kinds: [], log, maxPageCount: undefined, schemaVersion: 1 });
  try {
    const pragma = (name: string): unknown => database.writer.get(`PRAGMA ${name}`)?.[0];
    expect(pragma('synchronous')).toBe(2);
    expect(pragma('journal_mode')).toBe('wal');
    expect(pragma('secure_delete')).toBe(1);
    expect(() => database.reader.exec('DELETE FROM meta')).toThrow(/readonly/);
  } finally {
    await database.close();
    await rm(directory, { recursive: true });
  }
});
