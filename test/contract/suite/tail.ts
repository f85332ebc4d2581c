import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LogUpdate, Signal, Store, StoredEvent, TailPosition } from '#server/store/port.ts';
import { buildEvent, freshWorkspace, TEST_KINDS, until } from './kinds.ts';
import type { MakeDatabase, TestDatabase } from './kinds.ts';

export function tailContract(makeDatabase: MakeDatabase): void {
  describe('tail and signals', () => {
    let database: TestDatabase;
    let store: Store;
    const open = (): Promise<Store> => database.open({ kinds: TEST_KINDS, strictIndexes: true });
    beforeEach(async () => {
      database = await makeDatabase();
      store = await open();
    });
    afterEach(async () => {
      await store.close();
      await database.destroy();
    });
    const neverLost = (): void => {
      throw new Error('position lost');
    };
    const say = (workspaceId: string, stream: string, n: number): Promise<StoredEvent[]> =>
      store
        .workspace(workspaceId)
        .transaction((tx) => tx.append(stream, [buildEvent({ data: { n }, personal: { n } })]));

    test('[P3] every committed event of every workspace, in the order of each stream, and none undone', async () => {
      const seen: StoredEvent[] = [];
      const stop = store.tail.journal(null, (events) => seen.push(...events), neverLost);
      const [one, two] = [freshWorkspace(), freshWorkspace()];
      // A change stream may take a moment to stand: what it says first shows that it does.
      await until(async () => {
        await say(one, 'warm-up', 0);
        return seen.length > 0;
      }, 'the tail to stand');
      const stored: StoredEvent[] = [];
      await Promise.all(
        Array.from({ length: 40 }, async (_, n) => stored.push(...(await say(n % 2 ? one : two, `s:${n % 3}`, n)))),
      );
      await store
        .workspace(one)
        .transaction(async (tx) => {
          await tx.append('s:0', [buildEvent({ name: 'never.said' })]);
          throw new RangeError('undone');
        })
        .catch(() => undefined);
      stored.push(...(await say(one, 's:0', 99)));
      const told = (): StoredEvent[] => seen.filter(({ stream }) => stream !== 'warm-up');
      await until(() => told().length >= 41, 'all events');
      const order = (events: StoredEvent[]): Record<string, StoredEvent[]> =>
        Object.groupBy(
          events.toSorted((a, b) => a.seq - b.seq),
          ({ workspaceId, stream }) => `${workspaceId} ${stream}`,
        ) as Record<string, StoredEvent[]>;
      const asTold = Object.groupBy(told(), ({ workspaceId, stream }) => `${workspaceId} ${stream}`);
      expect(asTold).toEqual(order(stored));
      await stop();
      await say(one, 's:0', 100);
      await new Promise(setImmediate);
      expect(told().length).toBe(41);
    });

    test('[M2] goes on after a restart from the last position, with what was said meanwhile', async () => {
      const w = freshWorkspace();
      const first: number[] = [];
      let position: TailPosition = null;
      const stop = store.tail.journal(
        null,
        (events, at) => {
          position = at;
          first.push(...events.map(({ data }) => data['n'] as number));
        },
        neverLost,
      );
      await until(async () => {
        await say(w, 'warm-up', -1);
        return first.length > 0;
      }, 'the tail to stand');
      await say(w, 's', 1);
      await until(() => first.includes(1), 'the first event');
      await stop();
      for (let n = 2; n <= 700; n += 100) await say(w, 's', n);
      await store.close();
      store = await open();
      await say(w, 's', 1_000);
      const second: number[] = [];
      store.tail.journal(
        position,
        (events) => second.push(...events.map(({ data }) => data['n'] as number)),
        neverLost,
      );
      await until(() => second.includes(1_000), 'what was missed');
      await say(w, 's', 1_001);
      await until(() => second.includes(1_001), 'what is new');
      expect(second).toEqual([2, 102, 202, 302, 402, 502, 602, 1_000, 1_001]);
    });

    test('a position that is not known any more is said to be lost, and the tail goes on from now', async () => {
      const w = freshWorkspace();
      await say(w, 's', 1);
      let lost = 0;
      const seen: number[] = [];
      store.tail.journal(
        'nonsense',
        (events) => seen.push(...events.map(({ data }) => data['n'] as number)),
        () => (lost += 1),
      );
      await until(() => lost === 1, 'the loss to be told');
      await until(async () => {
        await say(w, 's', 2);
        return seen.includes(2);
      }, 'the tail to go on');
      expect(seen).not.toContain(1);
    });

    test('a listener that throws stops neither the others nor the store', async () => {
      const w = freshWorkspace();
      const seen: number[] = [];
      store.tail.journal(
        null,
        () => {
          throw new Error('listener');
        },
        neverLost,
      );
      store.tail.journal(null, (events) => seen.push(...events.map(({ data }) => data['n'] as number)), neverLost);
      await until(async () => {
        await say(w, 's', 1);
        return seen.length > 1;
      }, 'the other listener');
    });

    test('the log is tailed likewise, snapshots included, and resumed', async () => {
      const w = freshWorkspace();
      const seen: LogUpdate[] = [];
      let position: TailPosition = null;
      const stop = store.tail.log(
        null,
        (updates, at) => {
          position = at;
          seen.push(...updates);
        },
        neverLost,
      );
      const { log } = store.workspace(w);
      await until(async () => {
        await log.append('warm-up', 0, 'm', new Uint8Array([0]));
        return seen.length > 0;
      }, 'the tail to stand');
      const ids = await Promise.all([1, 2, 3].map((n) => log.append('note:1', 2, `m${n}`, new Uint8Array([n]))));
      const notes = (): LogUpdate[] => seen.filter(({ doc }) => doc === 'note:1');
      await until(() => notes().length === 3, 'three updates');
      expect(
        notes()
          .map(({ id }) => id)
          .sort(),
      ).toEqual(ids.toSorted());
      expect(
        notes().every(({ workspaceId, epoch, bytes }) => workspaceId === w && epoch === 2 && bytes.length === 1),
      ).toBe(true);
      await stop();
      await log.compact('note:1', 2, ids, new Uint8Array([9, 9]));
      await store.close();
      store = await open();
      const later: LogUpdate[] = [];
      store.tail.log(position, (updates) => later.push(...updates), neverLost);
      await until(() => later.some(({ doc, bytes }) => doc === 'note:1' && bytes.length === 2), 'the snapshot');
    });

    test('signals: who listens hears what stands, what comes and what goes, in its scope only', async () => {
      const seen: Signal[] = [];
      const start = Date.now();
      await store.signals.put('presence:1', 'before', { who: 'ada' }, 60_000);
      await store.signals.put('presence:1', 'gone', 1, 1);
      await until(() => Date.now() > start + 20, 'a millisecond');
      const stop = store.signals.tail('presence:1', (signals) => seen.push(...signals));
      await until(() => seen.some(({ key }) => key === 'before'), 'what stands');
      await store.signals.put('presence:2', 'elsewhere', 1, 60_000);
      await store.signals.put('presence:1', 'new', [1], 60_000);
      await until(() => seen.some(({ key }) => key === 'new'), 'what comes');
      await store.signals.remove('presence:1', 'new');
      await until(() => seen.some(({ key, value }) => key === 'new' && value === null), 'what goes');
      expect(seen.some(({ key }) => key === 'elsewhere' || key === 'gone')).toBe(false);
      const before = seen.find(({ key }) => key === 'before');
      expect(before).toMatchObject({ scope: 'presence:1', value: { who: 'ada' } });
      expect(Math.abs((before?.expiresAt ?? 0) - start - 60_000)).toBeLessThan(10_000);
      await stop();
    });
  });
}
