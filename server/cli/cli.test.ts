import { spawn } from 'node:child_process';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { accounts, documentHeads } from '#server/store/kinds/workspace.ts';
import { workspaces } from '#server/store/kinds/installation.ts';
import type { WorkspaceStore } from '#server/store/port.ts';
import { buildApp } from '../../test/support/app.ts';
import { listenForCli } from './listen.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'encours-cli-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

function encours(args: string[], input = ''): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve) => {
    const { MONGODB_URI: _uri, ENCOURS_TODAY: _today, ...env } = process.env;
    const child = spawn(process.execPath, ['server/cli.ts', ...args], { env: { ...env, DATA_DIR: directory } });
    let out = '';
    let err = '';
    child.stdout.on('data', (text) => (out += String(text)));
    child.stderr.on('data', (text) => (err += String(text)));
    child.on('close', (code) => resolve({ code, out, err }));
    child.stdin.end(input);
  });
}

const LEDGER =
  'Compte;Nom;Facture;Date;Échéance;Montant\nC1;Société Vaulnac;F1;01/03/2026;31/03/2026;1 234,50\nC2;Tressalier;F2;02/03/2026;01/04/2026;10\n';

describe('encours', () => {
  it('tells its commands, and answers 64 to wrong usage', async () => {
    expect(await encours(['--help'])).toMatchObject({ code: 0, out: expect.stringContaining('create-workspace') });
    expect(await encours(['verify', '--help'])).toMatchObject({ code: 0, out: expect.stringContaining('--anchor') });
    expect((await encours(['frobnicate'])).code).toBe(64);
    expect((await encours(['import'])).code).toBe(64);
    expect((await encours(['verify', '--nonsense'])).code).toBe(64);
  }, 60_000);

  it('makes a workspace and a member, imports, backs up and restores, with honest exit codes', async () => {
    expect((await encours(['import', join(directory, 'none.csv')])).code).toBe(1);
    expect((await encours(['create-workspace', '--name', 'Brévalis'])).code).toBe(0);
    const member = ['create-member', '--email', 'a@b.example', '--name', 'Awa', '--role', 'manager'];
    expect(await encours(member, 'short\n')).toMatchObject({ code: 1 });
    expect((await encours(member, 'a password of twelve\n')).code).toBe(0);
    expect(await encours(member, 'a password of twelve\n')).toMatchObject({
      code: 1,
      err: expect.stringContaining('already_exists'),
    });
    const ledger = join(directory, 'ledger.csv');
    await writeFile(ledger, LEDGER);
    const backup = join(directory, 'backup.db');
    expect((await encours(['backup', backup])).code).toBe(0);
    expect(await encours(['import', ledger, '--as-of', '2026-04-30'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('2 new'),
    });
    await writeFile(ledger, `${LEDGER}C3;X;F3;32/13/2026;;5\n`);
    expect(await encours(['import', ledger, '--as-of', '2026-04-30'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('line 4'),
    });
    expect((await encours(['verify'])).code).toBe(0);
    expect((await encours(['migrate'])).code).toBe(0);
    expect(await encours(['restore', backup])).toMatchObject({ code: 0, out: expect.stringContaining('kept in') });
    const app = await buildApp({ directory, engine: 'embedded' });
    for await (const { id } of app.store.installation.docs(workspaces).each({}))
      expect(await app.store.workspace(id).docs(accounts).count({})).toBe(0);
    await app.store.close();
  }, 120_000);

  it('[U2] restores documents into an epoch that no browser knows, with the content of the backup, each time anew', async () => {
    await encours(['create-workspace', '--name', 'Brévalis']);
    const bytes = new Uint8Array([0, 0]);
    const inStore = async <R>(work: (store: WorkspaceStore) => Promise<R>): Promise<R> => {
      const app = await buildApp({ directory, engine: 'embedded' });
      try {
        for await (const { id } of app.store.installation.docs(workspaces).each({}))
          return await work(app.store.workspace(id));
        throw new Error('no workspace');
      } finally {
        await app.store.close();
      }
    };
    const doc = 'note:a1:internal';
    await inStore(async (store) => {
      await store.log.append(doc, 1, 'm1', bytes);
      await store.transaction((tx) =>
        tx.docs(documentHeads).insert({ id: doc, version: 1, epoch: 1, schemaVersion: 1 }),
      );
    });
    const backup = join(directory, 'backup.db');
    await encours(['backup', backup]);
    const epochs: number[] = [];
    for (let time = 0; time < 2; time += 1) {
      expect(await encours(['restore', backup])).toMatchObject({
        code: 0,
        out: expect.stringContaining('1 co-written'),
      });
      await inStore(async (store) => {
        const epoch = (await store.docs(documentHeads).get(doc))?.epoch ?? 0;
        epochs.push(epoch);
        expect((await store.log.read(doc, epoch)).map((entry) => [...entry.bytes])).toEqual([[...bytes]]);
      });
    }
    expect(epochs[0]).toBeGreaterThan(1);
    expect(epochs[1]).toBeGreaterThan(epochs[0] ?? 0);
  }, 120_000);

  it('has a running server do the work, through a file that only its owner reads', async () => {
    const app = await buildApp({ directory, engine: 'embedded' });
    const stop = await listenForCli(app);
    expect((await stat(join(directory, 'running.json'))).mode & 0o777).toBe(0o600);
    expect((await encours(['create-workspace', '--name', 'Brévalis'])).code).toBe(0);
    let found = 0;
    for await (const workspace of app.store.installation.docs(workspaces).each({}))
      found += workspace.name === 'Brévalis' ? 1 : 0;
    expect(found).toBe(1);
    expect((await encours(['restore', join(directory, 'x')])).err).toContain('Stop the server');
    await stop();
    await expect(stat(join(directory, 'running.json'))).rejects.toThrow();
    await app.store.close();
  }, 60_000);

  it('[U5] names the row that was altered, and what was cut off the end, with exit code 2', async () => {
    await encours(['create-workspace', '--name', 'Brévalis']);
    const ledger = join(directory, 'ledger.csv');
    await writeFile(ledger, LEDGER);
    await encours(['import', ledger, '--as-of', '2026-04-30']);
    const anchor = join(directory, 'anchor.json');
    expect((await encours(['verify', '--anchor', anchor])).code).toBe(0);
    expect((await encours(['verify', '--anchor', anchor])).code).toBe(0);
    await writeFile(anchor, JSON.stringify({ 'ws account:gone:internal': { seq: 3, hash: 'x' } }));
    expect(await encours(['verify', '--anchor', anchor])).toMatchObject({
      code: 2,
      err: expect.stringContaining('gone'),
    });
  }, 120_000);
});
