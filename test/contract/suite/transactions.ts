import { AsyncLocalStorage } from 'node:async_hooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DuplicateKey, RefusedByPort, VersionConflict } from '#server/store/port.ts';
import type { Store, Tx, WorkspaceStore } from '#server/store/port.ts';
import { buildEvent, buildThing, freshWorkspace, TEST_KINDS, things } from './kinds.ts';
import type { MakeDatabase, TestDatabase } from './kinds.ts';

export function transactionContract(makeDatabase: MakeDatabase): void {
  describe.each([{ injectRetry: false }, { injectRetry: true }])(
    'transactions (retry injected: $injectRetry)',
    ({ injectRetry }) => {
      let database: TestDatabase;
      let store: Store;
      beforeAll(async () => {
        database = await makeDatabase();
        store = await database.open({ kinds: TEST_KINDS, strictIndexes: true, injectRetry });
      });
      afterAll(async () => {
        await store.close();
        await database.destroy();
      });
      const workspace = (): WorkspaceStore => store.workspace(freshWorkspace());

      test('facts and events commit together, once', async () => {
        const w = workspace();
        const doc = buildThing({ words: ['once'] });
        const event = buildEvent({ personal: { who: 'Zoé' } });
        let runs = 0;
        const stored = await w.transaction(async (tx) => {
          runs += 1;
          await tx.docs(things).insert(doc);
          return await tx.append('s', [event]);
        });
        expect(runs).toBeGreaterThanOrEqual(injectRetry ? 2 : 1);
        expect(await w.docs(things).get(doc.id)).toEqual(doc);
        expect(await w.docs(things).count({ words: 'once' })).toBe(1);
        expect(await w.journal.read('s', 0, 10)).toEqual(stored);
        expect(stored.map(({ seq }) => seq)).toEqual([1]);
      });

      test('a transaction sees its own writes; a reader outside sees committed data only', async () => {
        const w = workspace();
        const doc = buildThing({ state: 'open', access: ['a'] });
        await w.transaction(async (tx) => {
          await tx.docs(things).insert(doc);
          const mine = tx.docs(things);
          expect(await mine.get(doc.id)).toEqual(doc);
          expect(await mine.getMany([doc.id])).toEqual([doc]);
          expect(await mine.count({ state: 'open' })).toBe(1);
          expect((await mine.find({ state: 'open', access: 'a' }, { sort: ['-priority'] })).docs).toEqual([doc]);
          expect((await mine.group({}, { by: ['state'] })).map(({ count }) => count)).toEqual([1]);
          expect(await w.docs(things).get(doc.id)).toBeNull();
          expect(await w.docs(things).count({})).toBe(0);
          await mine.replace(doc);
          await mine.remove(doc.id, 2);
          expect((await mine.find({ state: 'open', access: 'a' }, { sort: ['-priority'] })).docs).toEqual([]);
          await mine.insert(doc);
        });
        expect(await w.docs(things).get(doc.id)).toEqual(doc);
      });

      test('an error undoes everything and leaves no gap in the stream', async () => {
        const w = workspace();
        await w.transaction((tx) => tx.append('s', [buildEvent()]));
        const doc = buildThing({ access: ['a'] });
        const failing = w.transaction(async (tx) => {
          await tx.docs(things).insert(doc);
          await tx.append('s', [buildEvent(), buildEvent()]);
          throw new RangeError('decided otherwise');
        });
        await expect(failing).rejects.toThrow(RangeError);
        expect(await w.docs(things).get(doc.id)).toBeNull();
        expect((await w.docs(things).find({ state: 'open', access: 'a' }, { sort: ['-priority'] })).docs).toEqual([]);
        await w.transaction((tx) => tx.append('s', [buildEvent()]));
        expect((await w.journal.read('s', 0, 10)).map(({ seq }) => seq)).toEqual([1, 2]);
        expect(await w.journal.verify('s')).toBeNull();
      });

      test('once an operation has failed, nothing of the transaction is kept, even if the error is swallowed', async () => {
        const w = workspace();
        const doc = buildThing();
        await w.transaction((tx) => tx.docs(things).insert(doc));
        const swallowed = w.transaction(async (tx) => {
          await tx.docs(things).insert(buildThing({ id: 'kept' }));
          await tx
            .docs(things)
            .insert(doc)
            .catch(() => undefined);
          return 'as if nothing had happened';
        });
        await expect(swallowed).rejects.toThrow(DuplicateKey);
        const goingOn = w.transaction(async (tx) => {
          await tx
            .docs(things)
            .replace({ ...doc, version: 7 })
            .catch(() => undefined);
          await tx.docs(things).insert(buildThing({ id: 'kept' }));
        });
        await expect(goingOn).rejects.toThrow(VersionConflict);
        expect(await w.docs(things).get('kept')).toBeNull();
      });

      test('two operations at once, or one after the end, are refused', async () => {
        const w = workspace();
        const parallel = w.transaction(async (tx) => {
          await Promise.all([tx.docs(things).insert(buildThing()), tx.docs(things).insert(buildThing())]);
        });
        await expect(parallel).rejects.toThrow(RefusedByPort);
        let kept: Tx | null = null;
        await w.transaction(async (tx) => {
          kept = tx;
          await tx.docs(things).count({});
        });
        const late = kept as unknown as Tx;
        await expect(late.docs(things).insert(buildThing())).rejects.toThrow(RefusedByPort);
        await expect(late.docs(things).get('x')).rejects.toThrow(RefusedByPort);
        await expect(late.append('s', [buildEvent()])).rejects.toThrow(RefusedByPort);
        expect(await w.docs(things).count({})).toBe(0);
      });

      test('a write of its own inside a transaction is refused instead of waiting for itself', async () => {
        const w = workspace();
        const nested = w.transaction(async () => {
          await w.transaction(async (tx) => tx.docs(things).insert(buildThing()));
        });
        await expect(nested).rejects.toThrow(RefusedByPort);
        const logged = w.transaction(async () => {
          await w.log.append('note:x', 0, 'm', new Uint8Array([1]));
        });
        await expect(logged).rejects.toThrow(RefusedByPort);
        await w.transaction((tx) => tx.docs(things).insert(buildThing()));
      });

      test('[K1] of many who replace one version, one wins', async () => {
        const w = workspace();
        const doc = buildThing();
        await w.transaction((tx) => tx.docs(things).insert(doc));
        for (let round = 0; round < 5; round += 1) {
          const version = round + 1;
          const claims = Array.from({ length: 20 }, (_, at) =>
            w
              .transaction(async (tx) => {
                await tx.docs(things).replace({ ...doc, version, owner: `m${at}` });
                await tx.append('s', [buildEvent({ data: { owner: `m${at}` } })]);
                return at;
              })
              .catch((error: unknown) => error),
          );
          const results = await Promise.all(claims);
          const winners = results.filter((result) => typeof result === 'number');
          expect(winners).toHaveLength(1);
          expect(results.filter((result) => result instanceof VersionConflict)).toHaveLength(19);
          expect(await w.docs(things).get(doc.id)).toMatchObject({
            version: version + 1,
            owner: `m${String(winners[0])}`,
          });
        }
        expect(await w.journal.head('s')).toMatchObject({ seq: 5 });
      });

      test('read, decide, replace, tried again on conflict: no update is lost', async () => {
        const w = workspace();
        const doc = buildThing();
        await w.transaction((tx) => tx.docs(things).insert(doc));
        const addOne = async (): Promise<void> => {
          for (;;) {
            const done = await w
              .transaction(async (tx) => {
                const current = await tx.docs(things).get(doc.id);
                if (current) await tx.docs(things).replace({ ...current, priority: current.priority + 1 });
                return true;
              })
              .catch((error: unknown) => {
                if (error instanceof VersionConflict) return false;
                throw error;
              });
            if (done) return;
          }
        };
        await Promise.all(Array.from({ length: 30 }, addOne));
        expect(await w.docs(things).get(doc.id)).toMatchObject({ priority: 30, version: 31 });
      });

      test("each caller's work runs in that caller's asynchronous context", async () => {
        const w = workspace();
        const context = new AsyncLocalStorage<number>();
        const seen = await Promise.all(
          Array.from({ length: 8 }, (_, n) =>
            context.run(n, () => w.transaction(async (tx) => [await tx.docs(things).count({}), context.getStore()])),
          ),
        );
        expect(seen.map(([, store]) => store)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
      });

      test('the installation is a workspace of its own', async () => {
        const doc = buildThing();
        await store.installation.transaction((tx) => tx.docs(things).insert(doc));
        expect(store.installation.workspaceId).toBe('installation');
        expect(await store.installation.docs(things).get(doc.id)).toEqual(doc);
        expect(await workspace().docs(things).get(doc.id)).toBeNull();
      });

      test('ping answers', async () => {
        await expect(store.ping()).resolves.toBeUndefined();
      });
    },
  );
}
