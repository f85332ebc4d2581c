import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FileTooLarge } from '#server/store/port.ts';
import type { Files, Store } from '#server/store/port.ts';
import { freshWorkspace, TEST_KINDS } from './kinds.ts';
import type { MakeDatabase, TestDatabase } from './kinds.ts';

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(files: Files, fileId: string): Promise<Buffer | null> {
  const source = await files.open(fileId);
  if (source === null) return null;
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function idsOf(files: Files): Promise<string[]> {
  const found: string[] = [];
  for await (const { fileId } of files.list()) found.push(fileId);
  return found.sort();
}

export function filesContract(makeDatabase: MakeDatabase): void {
  describe('files', () => {
    let database: TestDatabase;
    let store: Store;
    beforeAll(async () => {
      database = await makeDatabase();
      store = await database.open({ kinds: TEST_KINDS, strictIndexes: true });
    });
    afterAll(async () => {
      await store.close();
      await database.destroy();
    });
    const fresh = (): Files => store.workspace(freshWorkspace()).files;

    test('a file comes back byte for byte, with its size and digest', async () => {
      const files = fresh();
      for (const size of [0, 1, 65_536, 700_001]) {
        const bytes = randomBytes(size);
        const kept = await files.put(pieces(bytes, 10_000), 1_000_000);
        expect(kept).toMatchObject({ bytes: size, sha256: createHash('sha256').update(bytes).digest('hex') });
        expect((await read(files, kept.fileId))?.equals(bytes)).toBe(true);
      }
      expect(await idsOf(files)).toHaveLength(4);
    });

    test('[B4] more than the limit is refused while it comes, and nothing of it stays', async () => {
      const files = fresh();
      let given = 0;
      const endless = (async function* (): AsyncGenerator<Uint8Array> {
        for (;;) {
          given += 10_000;
          yield new Uint8Array(10_000);
        }
      })();
      await expect(files.put(endless, 25_000)).rejects.toBeInstanceOf(FileTooLarge);
      expect(given).toBeLessThan(100_000);
      expect(await idsOf(files)).toEqual([]);
      expect((await files.put(pieces(new Uint8Array(25_000), 10_000), 25_000)).bytes).toBe(25_000);
    });

    test('what its source gave up leaves nothing behind', async () => {
      const files = fresh();
      const broken = (async function* (): AsyncGenerator<Uint8Array> {
        yield new Uint8Array(10);
        throw new Error('cut off');
      })();
      await expect(files.put(broken, 1_000)).rejects.toThrow('cut off');
      expect(await idsOf(files)).toEqual([]);
      const longer = (async function* (): AsyncGenerator<Uint8Array> {
        for (let at = 0; at < 9; at += 1) yield new Uint8Array(100_000);
        throw new Error('cut off later');
      })();
      await expect(files.put(longer, 1_000_000)).rejects.toThrow('cut off later');
      expect(await idsOf(files)).toEqual([]);
    });

    test('a removed file is gone, once and for all', async () => {
      const files = fresh();
      const { fileId } = await files.put(pieces(randomBytes(100), 10), 1_000);
      const other = await files.put(pieces(randomBytes(100), 10), 1_000);
      await files.remove(fileId);
      await files.remove(fileId);
      expect(await read(files, fileId)).toBeNull();
      expect(await idsOf(files)).toEqual([other.fileId]);
    });

    test('a reader that goes away midway leaves nothing behind, and others read on', async () => {
      const files = fresh();
      const bytes = randomBytes(900_000);
      const { fileId } = await files.put(pieces(bytes, 70_000), 1_000_000);
      for await (const piece of (await files.open(fileId)) ?? []) {
        expect(bytes.subarray(0, piece.length).equals(piece)).toBe(true);
        break;
      }
      const readers = await Promise.all([read(files, fileId), read(files, fileId)]);
      expect(readers.every((one) => one?.equals(bytes))).toBe(true);
    });

    test('[A8] workspaces do not meet, and a name that is no id finds nothing', async () => {
      const [one, two] = [fresh(), fresh()];
      const { fileId } = await one.put(pieces(randomBytes(100), 10), 1_000);
      expect(await read(two, fileId)).toBeNull();
      await two.remove(fileId);
      expect(await read(one, fileId)).not.toBeNull();
      for (const name of ['..', '../../encours.db', `x/${fileId}`, '', '.part', '%2e%2e', `${fileId}\0`]) {
        expect(await read(one, name)).toBeNull();
        await one.remove(name);
      }
      expect(await idsOf(one)).toEqual([fileId]);
    });

    test('files are there after the store was opened again', async () => {
      const workspace = freshWorkspace();
      const bytes = randomBytes(5_000);
      const { fileId } = await store.workspace(workspace).files.put(pieces(bytes, 999), 10_000);
      await store.close();
      store = await database.open({ kinds: TEST_KINDS, strictIndexes: true });
      expect((await read(store.workspace(workspace).files, fileId))?.equals(bytes)).toBe(true);
    });

    test('scrubbing goes on while others write', async () => {
      const w = store.workspace(freshWorkspace());
      const [scrubbed] = await Promise.all([
        store.scrub(),
        w.log.append('note:1', 0, 'a', new Uint8Array([1])),
        w.log.append('note:1', 0, 'b', new Uint8Array([2])),
      ]);
      expect(scrubbed).toBe(true);
      expect(await w.log.read('note:1', 0)).toHaveLength(2);
    });
  });
}
