import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canonicalJson, eventHash } from '#server/store/chain.ts';
import { DuplicateKey, RefusedByPort } from '#server/store/port.ts';
import type { Store, StoredEvent, WorkspaceStore } from '#server/store/port.ts';
import { buildEvent, buildThing, freshWorkspace, TEST_KINDS, things } from './kinds.ts';
import type { MakeDatabase, TestDatabase } from './kinds.ts';

export function journalContract(makeDatabase: MakeDatabase): void {
  describe('journal', () => {
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

    test('an event comes back as it was said, numbered and chained', async () => {
      const w = workspace();
      const said = buildEvent({ data: { b: 1, a: [{ z: null, y: 'é😀' }] }, personal: { text: 'à rappeler', n: 2 } });
      const [stored] = await w.transaction((tx) => tx.append('account:1:internal', [said]));
      expect(stored).toMatchObject({
        ...said,
        workspaceId: w.workspaceId,
        stream: 'account:1:internal',
        seq: 1,
        erased: false,
        prevHash: '',
      });
      expect(await w.journal.get(said.id)).toEqual(stored);
      expect(await w.journal.get('nothing')).toBeNull();
      expect(await w.journal.head('account:1:internal')).toEqual({ seq: 1, hash: stored?.hash });
      expect(await w.journal.head('nothing')).toEqual({ seq: 0, hash: '' });
      const { personal: _personal, erased: _erased, hash, ...hashed } = stored as StoredEvent;
      expect(hash).toBe(eventHash(hashed));
      expect(canonicalJson(said.data)).toBe('{"a":[{"y":"é😀","z":null}],"b":1}');
    });

    test('[K3] writers of three streams at once: each gapless, growing in time, its chain whole', async () => {
      const w = workspace();
      const streams = ['s:1', 's:2', 's:3'];
      const writers = Array.from({ length: 16 }, async (_, writer) => {
        for (let round = 0; round < 6; round += 1) {
          const stream = streams[(writer + round) % 3] as string;
          await w.transaction(async (tx) => {
            await tx.docs(things).insert(buildThing());
            await tx.append(stream, [
              buildEvent({ data: { writer, round } }),
              buildEvent({ at: '2026-11-22T07:00:00.000Z' }),
            ]);
          });
        }
      });
      await Promise.all(writers);
      let total = 0;
      for (const stream of streams) {
        const events = await w.journal.read(stream, 0, 1_000);
        total += events.length;
        expect(events.map(({ seq }) => seq)).toEqual(events.map((_, at) => at + 1));
        for (const [at, event] of events.entries()) {
          expect(event.prevHash).toBe(events[at - 1]?.hash ?? '');
          if (at > 0) expect(event.at > (events[at - 1]?.at ?? '')).toBe(true);
        }
        expect(await w.journal.verify(stream)).toBeNull();
      }
      expect(total).toBe(16 * 6 * 2);
      const names: string[] = [];
      for await (const { stream, seq, hash } of w.journal.streams()) {
        expect({ seq, hash }).toEqual(await w.journal.head(stream));
        names.push(stream);
      }
      expect(names.sort()).toEqual(streams);
    });

    test('an event id is stored once', async () => {
      const w = workspace();
      const event = buildEvent();
      await w.transaction((tx) => tx.append('s', [event]));
      await expect(w.transaction((tx) => tx.append('t', [event]))).rejects.toThrow(DuplicateKey);
      expect(await w.journal.head('t')).toEqual({ seq: 0, hash: '' });
    });

    test('streams of two workspaces do not meet', async () => {
      const [one, two] = [workspace(), workspace()];
      await one.transaction((tx) => tx.append('s', [buildEvent()]));
      const [first] = await two.transaction((tx) => tx.append('s', [buildEvent()]));
      expect(first?.seq).toBe(1);
      expect(await two.journal.read('s', 0, 10)).toEqual([first]);
    });

    test('read pages forwards by seq', async () => {
      const w = workspace();
      await w.transaction((tx) =>
        tx.append(
          's',
          Array.from({ length: 7 }, () => buildEvent()),
        ),
      );
      expect((await w.journal.read('s', 2, 3)).map(({ seq }) => seq)).toEqual([3, 4, 5]);
      expect(await w.journal.read('s', 7, 3)).toEqual([]);
      await expect(w.journal.read('s', 0, 0)).rejects.toThrow(RefusedByPort);
    });

    test('page merges streams backwards by instant and id, with and without names', async () => {
      const w = workspace();
      const all: StoredEvent[] = [];
      for (let at = 0; at < 60; at += 1) {
        const second = String(at % 7).padStart(2, '0');
        const event = buildEvent({ at: `2026-11-22T08:00:${second}.000Z`, name: at % 4 === 0 ? 'a.said' : 'b.said' });
        all.push(...(await w.transaction((tx) => tx.append(`s:${at % 3}`, [event]))));
      }
      const latestFirst = (one: StoredEvent, two: StoredEvent): number =>
        one.at === two.at ? (one.id < two.id ? 1 : -1) : one.at < two.at ? 1 : -1;
      for (const names of [null, ['a.said'], ['b.said', 'a.said'], []]) {
        for (const streams of [['s:0'], ['s:0', 's:2'], ['s:0', 's:1', 's:2', 's:9']]) {
          const wanted = all
            .filter(({ stream, name }) => streams.includes(stream) && (names === null || names.includes(name)))
            .sort(latestFirst);
          const got: StoredEvent[] = [];
          for (let before: { at: string; id: string } | null = null; ;) {
            const page: StoredEvent[] = await w.journal.page(streams, { names, before, limit: 7 });
            got.push(...page);
            const last = page.at(-1);
            if (page.length < 7 || !last) break;
            before = { at: last.at, id: last.id };
          }
          expect(got.map(({ id }) => id)).toEqual(wanted.map(({ id }) => id));
        }
      }
      expect(await w.journal.page([], { limit: 5 })).toEqual([]);
    });

    test('[U6] erasing forgets the personal part, and the chain still verifies', async () => {
      const w = workspace();
      const event = buildEvent({ personal: { name: 'Jeanne' } });
      const plain = buildEvent();
      await w.transaction((tx) => tx.append('s', [event, plain, buildEvent()]));
      await w.journal.erase(event.id);
      await w.journal.erase(plain.id);
      await w.journal.erase(event.id);
      const [erased, untouched] = await w.journal.read('s', 0, 2);
      expect(erased).toMatchObject({ personal: null, erased: true });
      expect(erased?.personalDigest).toMatch(/^[0-9a-f]{64}$/);
      expect(untouched).toMatchObject({ personal: null, erased: false, personalDigest: null });
      expect(await w.journal.get(event.id)).toMatchObject({ personal: null, erased: true });
      expect(await w.journal.verify('s')).toBeNull();
    });

    test('[U5] an anchor kept outside must be met', async () => {
      const w = workspace();
      await w.transaction((tx) => tx.append('s', [buildEvent(), buildEvent()]));
      const head = await w.journal.head('s');
      await w.transaction((tx) => tx.append('s', [buildEvent()]));
      expect(await w.journal.verify('s', head)).toBeNull();
      expect(await w.journal.verify('s', { seq: 9, hash: 'x' })).toEqual({ seq: 4, reason: 'missing' });
      expect(await w.journal.verify('s', { ...head, hash: 'x' })).toMatchObject({ seq: 2 });
    });

    test('what an event may not hold is refused', async () => {
      const w = workspace();
      const wrong = [
        { data: { a: undefined } },
        { data: { $set: 1 } },
        { at: 'now' },
        { day: '' },
        { name: '' },
        { id: '' },
        { personal: { x: '\ud800' } },
      ];
      for (const part of wrong) {
        await expect(w.transaction((tx) => tx.append('s', [buildEvent(part as never)]))).rejects.toThrow(RefusedByPort);
      }
      const long = buildEvent({ data: { text: 'x'.repeat(600_000) } });
      await expect(w.transaction((tx) => tx.append('s', [long]))).rejects.toThrow(RefusedByPort);
      expect(await w.journal.head('s')).toEqual({ seq: 0, hash: '' });
    });
  });
}
