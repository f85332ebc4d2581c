import { copyFile, open, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { restoreBackup } from '#server/store/embedded/backup.ts';
import { DatabaseDamaged } from '#server/store/embedded/integrity.ts';
import { DirectoryInUse } from '#server/store/embedded/lock.ts';
import type { EmbeddedStore } from '#server/store/embedded/open.ts';
import { newId } from '#server/store/id.ts';
import { StoreUnavailable, VersionConflict } from '#server/store/port.ts';
import type { StoredEvent, WorkspaceStore } from '#server/store/port.ts';
import { runChild } from '../support/child.ts';
import type { Child } from '../support/child.ts';
import { temporaryDatabase } from '../support/embedded-database.ts';
import { buildEvent, buildThing, TEST_KINDS, things, until } from './suite/kinds.ts';

const WRITERS = new URL('../support/store-writers.ts', import.meta.url);

let database: Awaited<ReturnType<typeof temporaryDatabase>>;
let children: Child[] = [];
beforeEach(async () => {
  database = await temporaryDatabase();
});
afterEach(async () => {
  for (const child of children) await child.kill();
  children = [];
  await database.destroy();
});

const openStore = (): Promise<EmbeddedStore> => database.open({ kinds: TEST_KINDS, strictIndexes: true });
const file = (name: string): string => join(database.directory, name);
const spawnWriters = async (mode = 'write'): Promise<Child> => {
  const child = runChild(WRITERS, [database.directory, mode]);
  children.push(child);
  await child.waitFor((line) => line === 'ready');
  return child;
};

async function allEvents(w: WorkspaceStore): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  for await (const { stream, seq } of w.journal.streams()) {
    expect(await w.journal.verify(stream)).toBeNull();
    const before = events.length;
    for (let after = 0; after < seq;) {
      const page = await w.journal.read(stream, after, 5_000);
      events.push(...page);
      after = page.at(-1)?.seq ?? seq;
    }
    expect(events.length - before).toBe(seq);
  }
  return events;
}

describe('kill -9', () => {
  test(
    '[D1] whatever was acknowledged is there, once, whenever the process is killed',
    { timeout: 120_000 },
    async () => {
      const rounds = Number(process.env['KILL_ROUNDS'] ?? 12);
      const facts: string[] = [];
      const updates: string[] = [];
      for (let round = 0; round < rounds; round += 1) {
        const child = await spawnWriters();
        const patience = Math.floor(Math.random() * 400);
        await child.waitFor((line) => line.startsWith('fact'));
        await new Promise((resolve) => setTimeout(resolve, patience));
        await child.kill();
        for (const line of child.lines) {
          if (line.startsWith('fact ')) facts.push(line.slice(5));
          if (line.startsWith('update ')) updates.push(line.slice(7));
        }
      }
      const store = await openStore();
      const w = store.workspace('w');
      const events = await allEvents(w);
      const eventIds = events.map(({ id }) => id);
      expect(new Set(eventIds).size).toBe(eventIds.length);
      const stored = new Set<string>();
      for await (const { id } of w.docs(things).each({})) stored.add(id);
      // A fact and its event are there together or not at all.
      expect(stored).toEqual(new Set(eventIds));
      expect(facts.filter((id) => !stored.has(id))).toEqual([]);
      const logged = new Set<string>();
      for (let writer = 0; writer < 8; writer += 1) {
        for (const { id } of await w.log.read(`note:${writer}`, 0)) logged.add(`${writer} ${id}`);
        const byToken = await w.docs(things).count({ access: `writer:${writer}` });
        expect(byToken).toBeGreaterThan(0);
      }
      expect(updates.filter((one) => !logged.has(one))).toEqual([]);
      expect(facts.length).toBeGreaterThan(rounds * 8);
    },
  );
});

describe('one process', () => {
  test('a second one is stopped with a word about MongoDB; the lock goes with its process', async () => {
    const child = await spawnWriters('idle');
    const refused = await openStore().catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(DirectoryInUse);
    expect((refused as Error).message).toMatch(/MONGODB_URI/);
    await child.kill();
    await (await openStore()).ping();
    await expect(openStore()).rejects.toThrow(DirectoryInUse);
  });
});

describe('[D5] disk full', () => {
  test('a clear error, nothing by halves, and it goes on once there is room', async () => {
    const store = await openStore();
    const w = store.workspace('w');
    const write = (): Promise<string> =>
      w.transaction(async (tx) => {
        const id = newId();
        await tx.docs(things).insert(buildThing({ id, note: 'x'.repeat(3_000), access: ['a'] }));
        await tx.append('s', [buildEvent({ id })]);
        return id;
      });
    const kept = [await write()];
    const pages = new DatabaseSync(file('encours.db'), { readOnly: true });
    const count = Number(pages.prepare('PRAGMA page_count').get()?.['page_count']);
    pages.close();
    store.limitPages(count + 60);
    const failures: unknown[] = [];
    while (failures.length < 20) {
      const results = await Promise.allSettled([write(), write(), write(), write()]);
      for (const result of results) {
        if (result.status === 'fulfilled') kept.push(result.value);
        else failures.push(result.reason);
      }
      expect(kept.length).toBeLessThan(500);
    }
    for (const failure of failures) {
      expect(failure).toBeInstanceOf(StoreUnavailable);
      expect((failure as Error).message).toMatch(/full/);
    }
    await expect(w.log.append('note', 0, 'm', new Uint8Array(2_000_000))).rejects.toThrow(StoreUnavailable);
    const check = async (): Promise<void> => {
      expect((await allEvents(w)).map(({ id }) => id).sort()).toEqual(kept.toSorted());
      expect(await w.docs(things).count({})).toBe(kept.length);
      expect(await w.docs(things).count({ access: 'a' })).toBe(kept.length);
    };
    await check();
    store.limitPages(null);
    kept.push(await write(), await write());
    await check();
    await store.close();
    const raw = new DatabaseSync(file('encours.db'), { readOnly: true });
    expect(raw.prepare('PRAGMA integrity_check').all()).toMatchObject([{ integrity_check: 'ok' }]);
    raw.close();
  });
});

describe('group commit', () => {
  test('those that wait share a COMMIT; nobody is answered or told before it', async () => {
    let commits = 0;
    let ran = 0;
    let committed = 0;
    let answered = 0;
    let told = 0;
    const store = await database.open({
      kinds: TEST_KINDS,
      faults: {
        beforeCommit: () => {
          commits += 1;
          expect(answered).toBe(committed);
          expect(told).toBeLessThanOrEqual(committed);
          committed = ran;
        },
      },
    });
    store.tail.journal(
      null,
      (events) => (told += events.length),
      () => undefined,
    );
    const w = store.workspace('w');
    const say = async (): Promise<void> => {
      await w.transaction(async (tx) => {
        ran += 1;
        await tx.append('s', [buildEvent()]);
      });
      answered += 1;
    };
    await Promise.all(Array.from({ length: 64 }, say));
    expect(commits).toBeLessThan(32);
    await until(() => told === 64, 'the tail');
    const before = commits;
    await say();
    expect(commits).toBe(before + 1);
  });

  test('if the COMMIT fails, all of the group hear that the store is unavailable, even those it had refused', async () => {
    let fail = false;
    const store = await database.open({
      kinds: TEST_KINDS,
      faults: {
        beforeCommit: () => {
          if (fail) throw new Error('no fsync');
        },
      },
    });
    const told: StoredEvent[] = [];
    store.tail.journal(
      null,
      (events) => told.push(...events),
      () => undefined,
    );
    const w = store.workspace('w');
    const doc = buildThing();
    await w.transaction((tx) => tx.docs(things).insert(doc));
    fail = true;
    const results = await Promise.allSettled([
      w.transaction(async (tx) => {
        await tx.docs(things).replace(doc);
        await tx.append('s', [buildEvent()]);
      }),
      w.transaction((tx) => tx.docs(things).replace(doc)),
      w.log.append('note', 0, 'm', new Uint8Array([1])),
    ]);
    for (const result of results)
      expect(result).toMatchObject({ status: 'rejected', reason: { name: 'StoreUnavailable' } });
    fail = false;
    // The version is still the first: the second one's conflict was with something that never happened.
    await w.transaction((tx) => tx.docs(things).replace(doc));
    await expect(w.transaction((tx) => tx.docs(things).replace(doc))).rejects.toThrow(VersionConflict);
    await w.transaction((tx) => tx.append('s', [buildEvent({ name: 'after.all' })]));
    await until(() => told.length > 0, 'the tail');
    expect(told.map(({ name, seq }) => ({ name, seq }))).toEqual([{ name: 'after.all', seq: 1 }]);
    expect(await w.log.read('note', 0)).toEqual([]);
  });
});

describe('[D7] files that were cut short, altered or taken away', () => {
  async function filled(): Promise<string> {
    const store = await openStore();
    const w = store.workspace('w');
    for (let round = 0; round < 20; round += 1) {
      await w.transaction(async (tx) => {
        await tx.docs(things).insertMany(Array.from({ length: 50 }, () => buildThing({ note: 'texte '.repeat(40) })));
        await tx.append('s', [buildEvent()]);
      });
    }
    await store.close();
    return file('encours.db');
  }

  async function flip(path: string, at: number): Promise<void> {
    const handle = await open(path, 'r+');
    const byte = Buffer.alloc(1);
    await handle.read(byte, 0, 1, at);
    byte[0] = (byte[0] ?? 0) ^ 0x41;
    await handle.write(byte, 0, 1, at);
    await handle.close();
  }

  const damages: [string, (path: string, size: number) => Promise<void>][] = [
    ['cut to half', (path, size) => truncate(path, Math.floor(size / 2))],
    ['cut by one page', (path, size) => truncate(path, size - 4_096)],
    ['cut to nothing', (path) => truncate(path, 0)],
    ['one byte altered in its middle', (path, size) => flip(path, Math.floor(size / 2) + 17)],
    ['one byte altered in its header', (path) => flip(path, 3)],
    ['replaced by something else', (path) => writeFile(path, 'not a database at all '.repeat(500))],
    [
      'replaced by another database',
      (path) =>
        rm(path)
          .then(() => new DatabaseSync(path))
          .then((db) => (db.exec('CREATE TABLE x (y)'), db.close())),
    ],
    ['taken away', (path) => rm(path)],
  ];
  test.each(damages)('the database %s: refuses to start and names the way to restore', async (_, damage) => {
    const path = await filled();
    await damage(path, (await stat(path)).size);
    const refused = await openStore().catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(DatabaseDamaged);
    expect((refused as Error).message).toMatch(/restore/);
    // And again: refusing has changed nothing that would let the next start pass.
    await expect(openStore()).rejects.toThrow(DatabaseDamaged);
  });

  const noise = (path: string, size: number): Promise<void> =>
    open(path, 'r+').then(async (handle) => {
      await handle.write(Buffer.alloc(4_096, 0x5a), 0, 4_096, Math.floor(size / 8_192) * 4_096);
      await handle.close();
    });
  test.each([
    ...damages.filter(([name]) => !/middle|taken away/.test(name)),
    ['overwritten in one page', noise] as const,
  ])('after a kill, the database %s: refused likewise', async (_, damage) => {
    const path = await filled();
    const child = await spawnWriters('idle');
    await child.kill();
    await damage(path, (await stat(path)).size);
    await expect(openStore()).rejects.toThrow(/restore/);
  });

  test('the write-ahead log missing after a kill: opens at the last commit in the file, and says so', async () => {
    await filled();
    const child = await spawnWriters();
    await child.waitFor((line) => line.startsWith('fact'));
    await child.kill();
    await rm(`${file('encours.db')}-wal`);
    const warnings: string[] = [];
    const log = { warn: (_: object, message: string) => warnings.push(message), error: () => undefined };
    const store = await database.open({ kinds: TEST_KINDS, log: log as never });
    expect(store.notices).toHaveLength(1);
    expect(warnings).toEqual(store.notices);
    expect(warnings[0]).toMatch(/write-ahead log is missing/);
    expect(await store.workspace('w').docs(things).count({})).toBeGreaterThanOrEqual(1_000);
    await allEvents(store.workspace('w'));
  });

  test('the write-ahead log cut short after a kill: opens at the commit before, and says so', async () => {
    await filled();
    const child = await spawnWriters();
    await child.waitFor((line) => line.startsWith('update 7'));
    await child.kill();
    const wal = `${file('encours.db')}-wal`;
    await flip(wal, (await stat(wal)).size - 2_000);
    const store = await openStore();
    expect(store.notices.join()).toMatch(/opened at the last commit/);
    await allEvents(store.workspace('w'));
  });

  test('a normal start says nothing, after a kill too', async () => {
    await filled();
    const store = await openStore();
    expect(store.notices).toEqual([]);
    await store.close();
    const child = await spawnWriters('idle');
    await child.kill();
    expect((await openStore()).notices).toEqual([]);
  });

  test('a write-ahead log that belongs to another database is not taken in', async () => {
    const path = await filled();
    await writeFile(`${path}-wal`, 'x'.repeat(5_000));
    await expect(openStore()).rejects.toThrow(/does not belong/);
  });
});

describe('the write-ahead log', () => {
  test('is written back while writes go on, and does not grow without end', { timeout: 120_000 }, async () => {
    const store = await openStore();
    const w = store.workspace('w');
    const note = 'texte '.repeat(3_000);
    const N = 400;
    let largest = 0;
    for (let round = 0; round < N; round += 1) {
      const docs = Array.from({ length: 30 }, (_, at) => buildThing({ id: `${round}-${at}`, note }));
      await w.transaction((tx) => tx.docs(things).insertMany(docs));
      largest = Math.max(largest, (await stat(file('encours.db-wal'))).size);
    }
    // Some 240 MB were written.
    expect((await stat(file('encours.db'))).size).toBeGreaterThan(50_000_000);
    expect(largest).toBeLessThan(200_000_000);
    expect(await w.docs(things).count({})).toBe(N * 30);
    await store.close();
    expect((await openStore()).notices).toEqual([]);
  });
});

describe('[D8] compaction', () => {
  test('killed at each of its steps, the document is what its updates say', async () => {
    const text = (w: WorkspaceStore): Promise<string> =>
      w.log.read('note:1', 0).then((entries) => {
        const doc = new Y.Doc();
        for (const { bytes } of entries) Y.applyUpdate(doc, bytes);
        return doc.getText('t').toString();
      });
    let store = await openStore();
    const doc = new Y.Doc();
    const pending: Promise<string>[] = [];
    doc.on('update', (bytes: Uint8Array) => pending.push(store.workspace('w').log.append('note:1', 0, 'm', bytes)));
    for (let n = 0; n < 40; n += 1) doc.getText('t').insert(n % 7 === 0 ? 0 : doc.getText('t').length, `${n} `);
    const ids = await Promise.all(pending);
    const wanted = doc.getText('t').toString();
    await store.close();
    const steps = ['before', 'inserted', 'deleted', 'committed'];
    for (const step of steps) {
      await copyFile(file('encours.db'), file('kept.db'));
      await copyFile(file('encours.state.json'), file('kept.json'));
      const child = runChild(new URL('../support/killed-compaction.ts', import.meta.url), [
        database.directory,
        step,
        ids.slice(0, 30).join(),
      ]);
      children.push(child);
      await child.ended;
      expect(child.process.signalCode, child.errors()).toBe('SIGKILL');
      store = await openStore();
      expect(await text(store.workspace('w')), step).toBe(wanted);
      const entries = await store.workspace('w').log.read('note:1', 0);
      expect(entries.length, step).toBe(step === 'committed' ? 11 : 40);
      await store.close();
      for (const name of (await readdir(database.directory)).filter((one) => one.startsWith('encours.')))
        await rm(file(name));
      await copyFile(file('kept.db'), file('encours.db'));
      await copyFile(file('kept.json'), file('encours.state.json'));
    }
  });
});

describe('[U1] backup', () => {
  test('under writes: one consistent cut, its chains whole, restored elsewhere', async () => {
    const store = await openStore();
    const w = store.workspace('w');
    let written = 0;
    let stop = false;
    const writer = async (): Promise<void> => {
      while (!stop) {
        const id = newId();
        await w.transaction(async (tx) => {
          await tx.docs(things).insert(buildThing({ id, access: ['a'], note: 'x'.repeat(500) }));
          await tx.append(`s:${written % 3}`, [buildEvent({ id, personal: { id } })]);
        });
        written += 1;
      }
    };
    const writers = [writer(), writer(), writer(), writer()];
    await until(() => written > 300, 'some writes');
    const before = written;
    const path = join(database.directory, 'backups', 'one.db');
    await store.backup(path);
    const during = written;
    await until(() => written > during + 50, 'writes after it');
    stop = true;
    await Promise.all(writers);
    await expect(store.backup(path)).rejects.toThrow(/already there/);
    let position = '';
    store.tail.journal(
      null,
      (_, at) => (position = at),
      () => undefined,
    );
    await w.transaction((tx) => tx.append('s:0', [buildEvent()]));
    await until(() => position !== '', 'a position');

    const elsewhere = await temporaryDatabase();
    try {
      expect(restoreBackup(elsewhere.directory, path)).toBeNull();
      const restored = await elsewhere.open({ kinds: TEST_KINDS, strictIndexes: true });
      const copy = restored.workspace('w');
      const ids = (await allEvents(copy)).map(({ id }) => id).sort();
      expect(ids.length).toBeGreaterThanOrEqual(before);
      expect(ids.length).toBeLessThan(written);
      const docs: string[] = [];
      for await (const { id } of copy.docs(things).each({})) docs.push(id);
      expect(docs.sort()).toEqual(ids);
      expect(await copy.docs(things).count({ access: 'a' })).toBe(ids.length);
      // A position of the original says nothing about the copy.
      let lost = false;
      restored.tail.journal(
        position,
        () => undefined,
        () => (lost = true),
      );
      await until(() => lost, 'the loss to be told');
      await copy.transaction((tx) => tx.append('s:0', [buildEvent()]));
      expect(await copy.journal.verify('s:0')).toBeNull();
    } finally {
      await elsewhere.destroy();
    }
  });

  test('restoring keeps what was there aside, and refuses what is no sound backup', async () => {
    const store = await openStore();
    const w = store.workspace('w');
    await w.transaction((tx) => tx.docs(things).insert(buildThing({ id: 'old' })));
    const path = file('backup-file');
    await store.backup(path);
    await w.transaction((tx) => tx.docs(things).insert(buildThing({ id: 'new' })));
    expect(() => restoreBackup(database.directory, path)).toThrow(DirectoryInUse);
    await store.close();
    const bytes = await readFile(path);
    await writeFile(file('cut'), bytes.subarray(0, bytes.length - 9_000));
    expect(() => restoreBackup(database.directory, file('cut'))).toThrow(DatabaseDamaged);
    expect(() => restoreBackup(database.directory, file('nothing'))).toThrow(DatabaseDamaged);
    const aside = restoreBackup(database.directory, path);
    expect(await readdir(aside ?? '')).toContain('encours.db');
    const after = await openStore();
    expect(await after.workspace('w').docs(things).get('old')).not.toBeNull();
    expect(await after.workspace('w').docs(things).get('new')).toBeNull();
    expect(after.notices).toEqual([]);
  });

  test('takes the files along, and puts them back with the database', async () => {
    const store = await openStore();
    const w = store.workspace('w');
    const source = async function* (text: string): AsyncGenerator<Uint8Array> {
      yield new TextEncoder().encode(text);
    };
    const read = async (from: typeof w, fileId: string): Promise<string | null> => {
      const found = await from.files.open(fileId);
      if (found === null) return null;
      let text = '';
      for await (const chunk of found) text += new TextDecoder().decode(chunk);
      return text;
    };
    const before = await w.files.put(source('avant'), 100);
    const path = file('with-files');
    await store.backup(path);
    const later = await w.files.put(source('après'), 100);
    await w.files.remove(before.fileId);
    await store.close();
    const aside = restoreBackup(database.directory, path);
    const after = (await openStore()).workspace('w');
    expect(await read(after, before.fileId)).toBe('avant');
    expect(await read(after, later.fileId)).toBeNull();
    expect(await readdir(join(aside ?? '', 'files', 'w'))).not.toEqual([]);
  });
});
