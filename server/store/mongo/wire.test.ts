import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Document } from 'mongodb';
import { buildEvent, buildThing, TEST_KINDS, things, until } from '../../../test/contract/suite/kinds.ts';
import { openWireServer, type WireServer } from '../../../test/support/wire-server.ts';
import { DuplicateKey, RefusedByPort, StoreUnavailable, type Store } from '../port.ts';
import { openMongoStore } from './open.ts';

/** The adapter and the driver against answers as MongoDB 4.4 gives them. */

let server: WireServer;
let store: Store;

const named = (name: string): Document[] => server.commands.filter((command) => Object.keys(command)[0] === name);
const cursor = (firstBatch: Document[] = [], id = 0): Document => ({
  cursor: { id: BigInt(id), ns: 'db.x', firstBatch, postBatchResumeToken: { _data: '82' } },
});

function usual(command: Document): Document | undefined {
  if ('listCollections' in command || 'find' in command || 'listIndexes' in command) return cursor();
  if ('insert' in command) return { n: (command.documents as unknown[]).length };
  if ('update' in command) return { n: 1, nModified: 1 };
  if ('delete' in command) return { n: 1 };
  if ('aggregate' in command) return cursor([], 7);
  if ('getMore' in command)
    return { cursor: { id: 7n, ns: 'db.x', nextBatch: [], postBatchResumeToken: { _data: '83' } } };
  return undefined;
}

const duplicate = (index: string): Document => ({
  n: 0,
  writeErrors: [
    {
      index: 0,
      code: 11_000,
      keyPattern: { w: 1, 'd.key': 1 },
      keyValue: { w: 'w', 'd.key': 'K L' },
      errmsg: `E11000 duplicate key error collection: db.k_thing index: ${index} dup key: { w: "w", d.key: "K L" }`,
    },
  ],
});
const transient = (code: number, codeName: string): Document => ({
  ok: 0,
  code,
  codeName,
  errmsg: codeName,
  errorLabels: ['TransientTransactionError'],
});

beforeEach(async () => {
  server = await openWireServer(usual);
  store = await openMongoStore({ uri: server.uri, database: 'db', kinds: TEST_KINDS });
  server.commands.length = 0;
});
afterEach(async () => {
  await store.close();
  await server.close();
});

describe('a transaction', () => {
  it('is one of the server, by snapshot, committed by the majority', async () => {
    await store.workspace('w').transaction(async (tx) => {
      await tx.docs(things).insert(buildThing());
      await tx.append('s', [buildEvent({ personal: { a: 1 } })]);
    });
    expect(server.commands.map((command) => Object.keys(command)[0])).toEqual([
      'insert',
      'find',
      'update',
      'insert',
      'insert',
      'commitTransaction',
    ]);
    expect(server.commands[0]).toMatchObject({ startTransaction: true, readConcern: { level: 'snapshot' } });
    for (const command of server.commands) expect(command).toMatchObject({ autocommit: false });
    expect(server.commands.at(-1)).toMatchObject({ writeConcern: { w: 'majority', j: true }, maxTimeMS: 20_000 });
  });

  it('that was left with an operation under way is ended after it: nothing is written outside', async () => {
    const parallel = store.workspace('w').transaction(async (tx) => {
      await Promise.all([tx.docs(things).insert(buildThing()), tx.docs(things).insert(buildThing())]);
    });
    await expect(parallel).rejects.toThrow(RefusedByPort);
    expect(server.commands.map((command) => Object.keys(command)[0])).toEqual(['insert', 'abortTransaction']);
    expect(server.commands[0]).toMatchObject({ autocommit: false });
  });

  it.each(['insert', 'insertMany', 'replace', 'replaceMany'] as const)(
    'names the index that refused a %s',
    async (operation) => {
      for (const [index, name] of [
        ['_id_', 'id'],
        ['i_byKey', 'byKey'],
      ]) {
        server.answer = (command) =>
          'insert' in command || 'update' in command ? duplicate(index ?? '') : usual(command);
        const failing = store.workspace('w').transaction(async (tx) => {
          const docs = tx.docs(things);
          if (operation === 'insert' || operation === 'replace') await docs[operation](buildThing());
          else await docs[operation]([buildThing(), buildThing()]);
        });
        await expect(failing).rejects.toThrow(DuplicateKey);
        await expect(failing).rejects.toMatchObject({ kind: 'thing', index: name });
      }
    },
  );

  it.each(['insert', 'insertMany', 'replaceMany'] as const)(
    'runs again after a conflict of a %s',
    async (operation) => {
      let conflicts = 2;
      server.answer = (command) => {
        const writes = 'insert' in command || 'update' in command;
        if (writes && conflicts-- > 0) return transient(112, 'WriteConflict');
        return 'update' in command ? { n: (command.updates as unknown[]).length, nModified: 1 } : usual(command);
      };
      let runs = 0;
      await store.workspace('w').transaction(async (tx) => {
        runs += 1;
        const docs = tx.docs(things);
        if (operation === 'insert') await docs.insert(buildThing());
        else await docs[operation]([buildThing(), buildThing()]);
      });
      expect(runs).toBe(3);
      expect(named('commitTransaction')).toHaveLength(1);
    },
  );

  it('runs again when another node has taken the head or the number of its stream', async () => {
    let refusals = 1;
    server.answer = (command) => {
      if (command.insert === 'journal' && refusals-- > 0) return duplicate('seq');
      return usual(command);
    };
    const stored = await store.workspace('w').transaction((tx) => tx.append('s', [buildEvent()]));
    expect(stored).toMatchObject([{ seq: 1 }]);
    expect(named('commitTransaction')).toHaveLength(1);
  });

  it('asks again for a commit whose answer was lost, and says so when that stays', async () => {
    let lost = 1;
    server.answer = (command) => {
      if ('commitTransaction' in command && lost-- > 0)
        return {
          ok: 0,
          code: 91,
          codeName: 'ShutdownInProgress',
          errmsg: 'going',
          errorLabels: ['RetryableWriteError'],
        };
      return usual(command);
    };
    let runs = 0;
    await store.workspace('w').transaction(async (tx) => {
      runs += 1;
      await tx.docs(things).insert(buildThing());
    });
    expect([runs, named('commitTransaction').length]).toEqual([1, 2]);
    server.answer = (command) =>
      'commitTransaction' in command
        ? { ok: 0, code: 50, codeName: 'MaxTimeMSExpired', errmsg: 'slow' }
        : usual(command);
    const slow = store.workspace('w').transaction((tx) => tx.docs(things).insert(buildThing()));
    await expect(slow).rejects.toThrow(StoreUnavailable);
  });
});

describe('change streams', () => {
  const opened = (collection: string): Document[] =>
    named('aggregate').filter(({ aggregate }) => aggregate === collection);

  it('are read with majority concern from a known moment, those of signals too', async () => {
    store.tail.journal(
      null,
      () => undefined,
      () => undefined,
    );
    store.tail.log(
      null,
      () => undefined,
      () => undefined,
    );
    store.signals.tail('s', () => undefined);
    await until(() => named('aggregate').length === 3, 'three streams');
    for (const { readConcern, pipeline } of named('aggregate')) {
      expect(readConcern).toEqual({ level: 'majority' });
      expect((pipeline as Document[])[0]?.$changeStream).toHaveProperty('startAtOperationTime');
    }
  });

  it('whose position is lost are begun anew, and said to be lost', async () => {
    server.answer = (command) => {
      const stage = (command.pipeline as Document[] | undefined)?.[0]?.$changeStream as Document | undefined;
      if (stage?.resumeAfter !== undefined)
        return {
          ok: 0,
          code: 286,
          codeName: 'ChangeStreamHistoryLost',
          errmsg: 'gone',
          errorLabels: ['NonResumableChangeStreamError'],
        };
      return usual(command);
    };
    let lost = 0;
    store.tail.journal(
      '{"_data":"8263"}',
      () => undefined,
      () => (lost += 1),
    );
    await until(() => opened('journal').length === 2, 'the second stream');
    expect(lost).toBe(1);
    const stages = opened('journal').map(({ pipeline }) => (pipeline as Document[])[0]?.$changeStream as Document);
    expect(Object.keys(stages[0] ?? {})).toContain('resumeAfter');
    expect(Object.keys(stages[1] ?? {})).toContain('startAtOperationTime');
  });

  it('that a step-down ended without an error are opened again', async () => {
    let cut = false;
    server.answer = async (command) => {
      if ('getMore' in command && cut) {
        cut = false;
        return {
          ok: 0,
          code: 11_602,
          codeName: 'InterruptedDueToReplStateChange',
          errmsg: 'operation was interrupted',
          errorLabels: ['ResumableChangeStreamError'],
        };
      }
      if ('getMore' in command) await new Promise((resolve) => setTimeout(resolve, 5));
      return usual(command);
    };
    store.tail.journal(
      null,
      () => undefined,
      () => undefined,
    );
    await until(() => opened('journal').length === 1, 'the stream');
    cut = true;
    await until(() => opened('journal').length === 2, 'the stream again');
  });
});

describe('files', () => {
  async function* parts(count: number): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < count; at += 1) yield new Uint8Array(200_000);
  }

  it('are stored part by part, their record last, by the majority', async () => {
    const { fileId } = await store.workspace('w').files.put(parts(3), 1_000_000);
    const sent = server.commands.map(({ insert, documents, writeConcern }) => {
      const [{ n = null, files_id, _id, length = null } = {}] = documents as Document[];
      return [insert, n ?? length, files_id ?? _id, writeConcern];
    });
    const durable = { w: 'majority', j: true };
    expect(sent).toEqual([
      ['files.chunks', 0, `w/${fileId}`, durable],
      ['files.chunks', 1, `w/${fileId}`, durable],
      ['files.chunks', 2, `w/${fileId}`, durable],
      ['files.files', 600_000, `w/${fileId}`, durable],
    ]);
  });

  it.each(['files.chunks', 'files.files'])('that %s does not take leave no part behind', async (collection) => {
    server.answer = (command) =>
      command.insert === collection && (command.documents as Document[])[0]?.n !== 0
        ? { ok: 0, code: 14_031, codeName: 'OutOfDiskSpace', errmsg: 'full' }
        : usual(command);
    await expect(store.workspace('w').files.put(parts(2), 1_000_000)).rejects.toThrow(StoreUnavailable);
    const [record, chunks] = named('delete').map(({ delete: from, deletes }) => [from, (deletes as Document[])[0]?.q]);
    expect(record?.[0]).toBe('files.files');
    expect(chunks).toEqual(['files.chunks', { files_id: (record?.[1] as Document)._id as string }]);
  });

  it('of which a killed process left parts only are listed with the moment at which they were begun', async () => {
    const [whole, half] = ['0193f000-0000-7000-8000-000000000001', '0193f000-0001-7000-8000-000000000002'];
    server.answer = (command) => {
      if ('find' in command) return cursor([{ _id: `w/${whole}`, uploadDate: new Date(7) }]);
      if ('aggregate' in command) return cursor([{ _id: `w/${half}` }, { _id: `w/${whole}` }]);
      return usual(command);
    };
    const found: unknown[] = [];
    for await (const file of store.workspace('w').files.list()) found.push(file);
    expect(found).toEqual([
      { fileId: whole, storedAt: 7 },
      { fileId: half, storedAt: 0x0193f0000001 },
    ]);
  });

  it('whose part is gone end in an error, not before their end', async () => {
    const file = { _id: 'w/f', length: 2, chunkSize: 1, uploadDate: new Date(), filename: 'w/f', metadata: {} };
    server.answer = (command) => {
      if (command.find === 'files.files') return cursor([file]);
      if (command.find !== 'files.chunks') return usual(command);
      return cursor((command.filter as Document).n === 0 ? [{ _id: 'c', data: Buffer.from([5]) }] : []);
    };
    const read: number[] = [];
    const reading = (async () => {
      for await (const part of (await store.workspace('w').files.open('f')) ?? []) read.push(...part);
    })();
    await expect(reading).rejects.toThrow(StoreUnavailable);
    expect(read).toEqual([5]);
  });
});
