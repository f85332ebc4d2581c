import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RefusedByPort } from '#server/store/port.ts';
import type { Store, WorkspaceStore } from '#server/store/port.ts';
import { freshWorkspace, TEST_KINDS } from './kinds.ts';
import type { MakeDatabase, TestDatabase } from './kinds.ts';

export function logContract(makeDatabase: MakeDatabase): void {
  describe('log of Yjs updates', () => {
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
    const workspace = (): WorkspaceStore => store.workspace(freshWorkspace());
    const bytes = (...values: number[]): Uint8Array => new Uint8Array(values);

    test('entries come back in order, byte for byte, each with its author', async () => {
      const w = workspace();
      const first = await w.log.append('note:1', 0, 'ada', bytes(0, 255, 128));
      const second = await w.log.append('note:1', 0, 'bob', bytes());
      const read = await w.log.read('note:1', 0);
      expect(read.map(({ id, author, bytes: b }) => ({ id, author, bytes: [...b] }))).toEqual([
        { id: first, author: 'ada', bytes: [0, 255, 128] },
        { id: second, author: 'bob', bytes: [] },
      ]);
      expect(read[0]?.bytes).toBeInstanceOf(Uint8Array);
    });

    test('documents, epochs and workspaces do not meet', async () => {
      const [one, two] = [workspace(), workspace()];
      await one.log.append('note:1', 0, 'a', bytes(1));
      await one.log.append('note:1', 1, 'a', bytes(2));
      await one.log.append('note:2', 0, 'a', bytes(3));
      await two.log.append('note:1', 0, 'a', bytes(4));
      const of = async (w: WorkspaceStore, doc: string, epoch: number): Promise<number[]> =>
        (await w.log.read(doc, epoch)).flatMap((entry) => [...entry.bytes]);
      expect([
        await of(one, 'note:1', 0),
        await of(one, 'note:1', 1),
        await of(one, 'note:2', 0),
        await of(two, 'note:1', 0),
      ]).toEqual([[1], [2], [3], [4]]);
      expect(await of(two, 'note:2', 0)).toEqual([]);
    });

    test('appends made at once are all kept', async () => {
      const w = workspace();
      const ids = await Promise.all(Array.from({ length: 200 }, (_, at) => w.log.append('note:1', 0, 'a', bytes(at))));
      expect(new Set(ids).size).toBe(200);
      const read = await w.log.read('note:1', 0);
      expect(read.map(({ id }) => id).sort()).toEqual(ids.toSorted());
    });

    test('[D8] compaction replaces exactly the entries it merged, and gives up if one is gone', async () => {
      const w = workspace();
      const ids: string[] = [];
      for (let at = 0; at < 4; at += 1) ids.push(await w.log.append('note:1', 0, 'a', bytes(at)));
      const merged = ids.slice(0, 3);
      expect(await w.log.compact('note:1', 0, merged, bytes(9, 9))).toBe(true);
      const after = await w.log.read('note:1', 0);
      expect(after.map((entry) => [...entry.bytes]).sort()).toEqual([[3], [9, 9]]);
      expect(after.find((entry) => entry.id === ids[3])).toBeDefined();
      expect(await w.log.compact('note:1', 0, [...merged, ids[3] as string], bytes(8))).toBe(false);
      expect(await w.log.compact('note:2', 0, [ids[3] as string], bytes(8))).toBe(false);
      expect(await w.log.compact('note:1', 1, [ids[3] as string], bytes(8))).toBe(false);
      expect(await w.log.compact('note:1', 0, ['no such id'], bytes(8))).toBe(false);
      expect((await w.log.read('note:1', 0)).map(({ id }) => id)).toEqual(after.map(({ id }) => id));
    });

    test('two compactions at once: one of them gives up', async () => {
      const w = workspace();
      const ids: string[] = [];
      for (let at = 0; at < 3; at += 1) ids.push(await w.log.append('note:1', 0, 'a', bytes(at)));
      const results = await Promise.all([
        w.log.compact('note:1', 0, ids, bytes(7)),
        w.log.compact('note:1', 0, ids, bytes(7)),
        w.log.append('note:1', 0, 'b', bytes(5)),
      ]);
      expect(results.slice(0, 2).filter(Boolean)).toHaveLength(1);
      expect((await w.log.read('note:1', 0)).map((entry) => [...entry.bytes]).sort()).toEqual([[5], [7]]);
    });

    test('[U6] dropping takes the epochs that it names, of that document alone', async () => {
      const [one, two] = [workspace(), workspace()];
      for (const epoch of [0, 1, 2, 3]) await one.log.append('note:1', epoch, 'a', bytes(epoch));
      await one.log.append('note:2', 1, 'a', bytes(7));
      await two.log.append('note:1', 1, 'a', bytes(8));
      await one.log.drop('note:1', 1, 3);
      const left = async (w: WorkspaceStore, doc: string): Promise<number[]> =>
        (await Promise.all([0, 1, 2, 3].map((epoch) => w.log.read(doc, epoch)))).flatMap((entries) =>
          entries.flatMap((entry) => [...entry.bytes]),
        );
      expect([await left(one, 'note:1'), await left(one, 'note:2'), await left(two, 'note:1')]).toEqual([
        [0, 3],
        [7],
        [8],
      ]);
      await one.log.drop('note:1', 1, 1);
      await one.log.drop('never written', 0, 9);
      expect(await left(one, 'note:1')).toEqual([0, 3]);
      await expect(one.log.drop('note:1', 2, 1)).rejects.toThrow(RefusedByPort);
      await expect(one.log.drop('', 0, 1)).rejects.toThrow(RefusedByPort);
    });

    test('what is no update is refused', async () => {
      const w = workspace();
      await expect(w.log.append('', 0, 'a', bytes(1))).rejects.toThrow(RefusedByPort);
      await expect(w.log.append('note:1', -1, 'a', bytes(1))).rejects.toThrow(RefusedByPort);
      await expect(w.log.append('note:1', 0, 'a', 'text' as never)).rejects.toThrow(RefusedByPort);
      await expect(w.log.compact('note:1', 0, [], bytes(1))).rejects.toThrow(RefusedByPort);
    });
  });
}
