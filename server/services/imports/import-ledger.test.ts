import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ImportRun } from '#lib/domain/import/import.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { StageImportInput } from '#lib/protocol/commands/import.ts';
import { stageImport } from '#server/import/stage-import.ts';
import { NO_META } from '#server/services/command.ts';
import { workspaces } from '#server/store/kinds/installation.ts';
import {
  accounts,
  balances,
  cases,
  contacts,
  importRuns,
  items,
  movements,
  promises,
  queueRows,
  stagedAccounts,
  tasks,
} from '#server/store/kinds/workspace.ts';
import type { Kind, Versioned, WorkspaceStore } from '#server/store/port.ts';
import { buildApp, type TestApp } from '../../../test/support/app.ts';
import { actorFor, buildMember, buildWorkspace } from '../../../test/support/factories.ts';
import { stopBackground } from '../background.ts';
import { recordContact } from '../accounts/record-contact.ts';
import { applyImport } from './apply-import.ts';
import { importsIdle, resumeImports } from './import-work.ts';
import { stagedParts } from './staged-lines.ts';
import { completeTask } from '../tasks/complete-task.ts';
import { createTask } from '../tasks/create-task.ts';

const HEADER = 'customerID,invoiceNumber,InvoiceDate,DueDate,InvoiceAmount,Disputed,SettledDate\r\n';
const KINDS = [accounts, contacts, items, movements, balances, cases, queueRows, promises] as Kind<Versioned>[];

let directory: string;
let app: TestApp;
let manager: Actor;
let store: WorkspaceStore;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'encours-import-'));
  app = await buildApp({ directory, today: '2013-06-30' });
  const workspace = await buildWorkspace(app);
  manager = actorFor(await buildMember(app, workspace, { role: 'manager' }));
  store = app.store.workspace(workspace.id);
});
afterEach(async () => {
  await stopBackground(app);
  await app.close();
  await rm(directory, { recursive: true, force: true });
});

async function* bytesOf(text: string | Buffer): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text as string);
  for (let at = 0; at < bytes.length; at += 10_000) yield bytes.subarray(at, at + 10_000);
}

const stage = (text: string | Buffer, input: Partial<StageImportInput> = {}): Promise<ImportRun> =>
  stageImport(
    app,
    manager,
    { kind: 'ledger', asOf: '2013-06-30', fileName: 'ledger.csv', mapping: null, ...input },
    bytesOf(text),
    NO_META,
    { waitMs: 120_000 },
  );

async function apply(run: ImportRun, options: { excludeRefused?: boolean; confirmOlder?: boolean } = {}) {
  await applyImport(app, manager, { id: run.id, excludeRefused: false, confirmOlder: false, ...options }, NO_META);
  await importsIdle(app);
  return store.docs(importRuns).get(run.id);
}

async function everything(): Promise<string> {
  const found: unknown[] = [];
  for (const kind of KINDS) for await (const doc of store.docs(kind).each({})) found.push([kind.name, doc]);
  return JSON.stringify(found);
}

async function heads(): Promise<number> {
  let seq = 0;
  for await (const head of store.journal.streams()) if (head.stream.startsWith('account:')) seq += head.seq;
  return seq;
}

/** A ledger of that many lines on that many accounts, in the shape of files met in the wild. */
function ledger(lines: number, onAccounts: number): string {
  let text = HEADER;
  for (let index = 0; index < lines; index += 1) {
    const month = 1 + (index % 6);
    const day = 1 + (index % 28);
    const settled = index % 5 === 0 ? '12/31/2013' : `${month + 1}/${day}/2013`;
    text += `${String(index % onAccounts).padStart(4, '0')}-VAUL,F${index},${month}/${day}/2013,${month + 1}/${day}/2013,${(index % 900) + 0.25},${index % 7 === 0 ? 'Yes' : 'No'},${settled}\r\n`;
  }
  return text;
}

describe('a ledger', () => {
  it('is staged without a trace, then applied; the same file again changes nothing', async () => {
    const run = await stage(ledger(600, 30));
    expect(run).toMatchObject({
      state: 'staged',
      report: { lines: 600, newItems: 600, newAccounts: 30, refusedLines: 0 },
    });
    expect(run.mapping.dateOrder).toBe('mdy');
    expect(await store.docs(items).count({})).toBe(0);
    expect(await apply(run)).toMatchObject({ state: 'applied' });
    expect(await store.docs(items).count({})).toBe(600);
    expect(await store.docs(stagedAccounts).count({})).toBe(0);
    expect((await app.store.installation.docs(workspaces).get(manager.workspaceId))?.ledgerAsOf).toBe('2013-06-30');
    const before = await everything();
    const said = await heads();
    const again = await stage(ledger(600, 30));
    expect(again.report).toMatchObject({ newItems: 0, changedItems: 0, unchangedItems: 600, changedAccounts: 0 });
    await apply(again);
    expect(await everything()).toBe(before);
    expect(await heads()).toBe(said);
  }, 300_000);

  it('goes on after a stop in the middle, and after its cursor was lost', async () => {
    const run = await stage(ledger(6_000, 300));
    await applyImport(app, manager, { id: run.id, excludeRefused: false, confirmOlder: false }, NO_META);
    await expect.poll(() => store.docs(items).count({}), { timeout: 30_000, interval: 1 }).toBeGreaterThan(100);
    await stopBackground(app);
    const half = await store.docs(items).count({});
    expect(half).toBeLessThan(6_000);
    await app.store.close();
    app = await buildApp({ directory, today: '2013-06-30' });
    store = app.store.workspace(manager.workspaceId);
    await resumeImports(app, manager.workspaceId);
    await importsIdle(app);
    expect(await store.docs(importRuns).get(run.id)).toMatchObject({ state: 'applied' });
    expect(await store.docs(items).count({})).toBe(6_000);
    for await (const balance of store.docs(balances).each({})) {
      const open = await store
        .docs(items)
        .group({ accountId: balance.accountId, state: 'open' }, { by: ['currency'], sum: ['openCents'] });
      expect(open[0]?.sum.openCents ?? 0).toBe(balance.openCents);
    }
    for await (const { stream } of store.journal.streams()) expect(await store.journal.verify(stream)).toBeNull();
  }, 300_000);

  it('holds an account of several parts, scattered over the file', async () => {
    const run = await stage(ledger(1_300, 2));
    await apply(run);
    const page = await store.docs(accounts).find({ number: '0001-VAUL' }, { limit: 1 });
    const id = page.docs[0]?.id ?? '';
    expect(await store.docs(items).count({ accountId: id })).toBe(650);
    for (const event of await store.journal.read(`account:${id}:internal`, 0, 100))
      expect(((event.data.records as { items?: unknown[] }).items ?? []).length).toBeLessThanOrEqual(200);
  }, 300_000);

  it('flags what a complete file no longer mentions, and takes the flag back', async () => {
    await apply(await stage(ledger(40, 4)));
    const lines = ledger(40, 4)
      .split('\r\n')
      .filter((line) => !line.startsWith('0003'));
    const shorter = await stage(lines.slice(0, 21).join('\r\n'));
    expect(shorter.report.missingItems).toBeGreaterThan(0);
    await apply(shorter);
    const missing = async () => {
      let count = 0;
      for await (const item of store.docs(items).each({})) count += item.missingSince === null ? 0 : 1;
      return count;
    };
    expect(await missing()).toBe(shorter.report.missingItems);
    expect(await store.docs(items).count({})).toBe(40);
    await apply(await stage(ledger(40, 4)));
    expect(await missing()).toBe(0);
  }, 300_000);

  it('keeps what members decided unless the ledger says otherwise than before', async () => {
    const awa = await buildMember(app, { id: manager.workspaceId }, { name: 'Awa Vaudran', ledgerCode: 'AV' });
    const denis = await buildMember(app, { id: manager.workspaceId }, { name: 'Denis Orlival', ledgerCode: 'DO' });
    const file = (who: string) => `Compte;Chargé de recouvrement;Facture;Date;Montant\nC1;${who};F1;01/03/2013;10\n`;
    const ownerOf = async () => (await store.docs(accounts).find({ number: 'C1' }, { limit: 1 })).docs[0];
    await apply(await stage(file('AV')));
    const first = await ownerOf();
    expect(first?.ownerId).toBe(awa.id);
    if (first === undefined) throw new Error('no account');
    await store.transaction((tx) => tx.docs(accounts).replace({ ...first, ownerId: denis.id }));
    await apply(await stage(file('AV')));
    expect((await ownerOf())?.ownerId).toBe(denis.id);
    await apply(await stage(file('Denis Orlival')));
    await apply(await stage(file('awa vaudran')));
    expect((await ownerOf())?.ownerId).toBe(awa.id);
    const unknown = await stage(file('Personne'));
    expect(unknown.report.unknownPeople).toEqual(['Personne']);
  }, 300_000);

  it('judges promises by the money that it shows', async () => {
    const file = (open: string) =>
      `Compte;Facture;Date;Échéance;Montant;Solde\nC1;F1;01/03/2013;31/03/2013;100,00;${open}\n`;
    await apply(await stage(file('100,00')));
    const account = (await store.docs(accounts).find({ number: 'C1' }, { limit: 1 })).docs[0];
    const told = {
      id: account?.id ?? '',
      channel: 'call',
      direction: 'made',
      outcome: 'promise',
      contactId: null,
      text: null,
    } as const;
    const promise = { cents: 10_000, currency: 'EUR', dueDay: '2013-07-05' };
    await recordContact(app, manager, { ...told, promise, nextAction: null, nextActionOn: null }, NO_META);
    expect(await store.docs(cases).get(told.id)).toMatchObject({ state: 'parked' });
    app.clock.setToday('2013-07-20');
    await apply(await stage(file('100,00'), { asOf: '2013-07-20' }));
    expect((await store.docs(promises).find({ accountId: told.id }, { sort: ['state'] })).docs[0]).toMatchObject({
      state: 'broken',
    });
    expect(await store.docs(cases).get(told.id)).toMatchObject({ state: 'open' });
  }, 300_000);
});

describe('refusals', () => {
  it('blocks on refused lines until they are left out, and names both lines of a double', async () => {
    const text = `${HEADER}C1,F1,1/2/2013,2/2/2013,10,No,\r\nC1,F2,13/45/2013,,10,No,\r\nC1,F1,1/2/2013,2/2/2013,10,No,\r\n`;
    const run = await stage(text);
    expect(run.report.refused.map(({ line, code, value }) => [line, code, value])).toEqual([
      [3, expect.stringMatching(/^date_/), '13/45/2013'],
      [4, 'duplicate_item', '2'],
    ]);
    await expect(apply(run)).rejects.toMatchObject({ code: 'import_refused_lines' });
    await apply(run, { excludeRefused: true });
    expect(await store.docs(items).count({})).toBe(1);
  }, 300_000);

  it('asks before an older ledger, and runs one at a time', async () => {
    await apply(await stage(ledger(20, 2)));
    const older = await stage(ledger(20, 2), { asOf: '2013-06-01' });
    await expect(apply(older)).rejects.toMatchObject({ code: 'import_older', details: { ledgerAsOf: '2013-06-30' } });
    expect(await apply(older, { confirmOlder: true })).toMatchObject({ state: 'applied' });
    await expect(apply(older)).rejects.toMatchObject({ code: 'import_state' });
    const runs = await Promise.allSettled([stage(ledger(3_000, 30)), stage(ledger(3_000, 30))]);
    expect(runs.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(runs.find((one) => one.status === 'rejected')?.reason).toMatchObject({ code: 'import_running' });
  }, 300_000);

  it('[B5] changes nothing for what is no ledger, and says why', async () => {
    const before = await everything();
    await expect(stage(Buffer.from([0x1f, 0x8b, 8, 0]))).rejects.toMatchObject({
      code: 'unsupported_media',
      details: { rule: 'file_compressed' },
    });
    await expect(stage('')).rejects.toMatchObject({ details: { rule: 'file_empty' } });
    await expect(stage('a;b\n\0;1\n')).rejects.toMatchObject({ details: { rule: 'file_binary' } });
    const quote = await stage(`${ledger(2_000, 20)}C1,"${'x'.repeat(400_000)}`);
    expect(quote).toMatchObject({ state: 'refused', report: { refused: [{ code: 'line_too_long', line: 2_002 }] } });
    app.config.importMaxBytes = 50_000;
    await expect(stage(ledger(2_000, 20))).rejects.toMatchObject({ code: 'too_large' });
    expect(await everything()).toBe(before);
    expect(await store.docs(stagedAccounts).count({})).toBe(0);
  }, 300_000);

  it('[B5] reads UTF-16 and semicolons with a decimal comma', async () => {
    const text = '\ufeffCompte;Nom;Facture;Date;Montant\r\nC1;Société Élan;F1;31/01/2013;1 234,56\r\n';
    const run = await stage(Buffer.from(text, 'utf16le'));
    expect(run.mapping).toMatchObject({ encoding: 'utf-16le', delimiter: ';', decimal: ',', dateOrder: 'dmy' });
    expect(run.report.totals).toMatchObject([{ currency: 'EUR', cents: 123_456 }]);
  });
});

it('gives the new owner what the account once asked of others: closed tasks carry its rights too', async () => {
  const workspace = { id: manager.workspaceId };
  const awa = await buildMember(app, workspace, { name: 'Awa Vaudran', ledgerCode: 'AV' });
  const denis = await buildMember(app, workspace, { name: 'Denis Orlival', ledgerCode: 'DO' });
  const file = (who: string, cents: string) =>
    `Compte;Chargé de recouvrement;Facture;Date;Montant\nC1;${who};F1;01/03/2013;${cents}\n`;
  await apply(await stage(file('AV', '10')));
  const account = (await store.docs(accounts).find({ number: 'C1' }, { limit: 1 })).docs[0];
  const asked = {
    accountId: account?.id ?? '',
    kind: 'other' as const,
    dueDay: '2013-07-05',
    text: 'Relire',
    itemIds: [],
  };
  const task = await createTask(app, manager, { ...asked, memberId: null, department: 'quality' }, NO_META);
  await completeTask(app, manager, { id: task.id, answer: null }, NO_META);
  const accessOfTask = async () => (await store.docs(tasks).get(task.id))?.access ?? [];
  expect(await accessOfTask()).toContain(`owner:${awa.id}`);
  const { version } = (await store.docs(tasks).get(task.id)) ?? { version: 0 };
  await apply(await stage(file('AV', '20')));
  expect((await store.docs(tasks).get(task.id))?.version).toBe(version);
  await apply(await stage(file('DO', '20')));
  expect(await accessOfTask()).toContain(`owner:${denis.id}`);
  expect(await accessOfTask()).not.toContain(`owner:${awa.id}`);
  expect((await store.docs(tasks).get(task.id))?.state).toBe('done');
}, 300_000);

it('takes the parts of an account together that a file not sorted by account is staged in', async () => {
  const run = await stage(`${HEADER}C1,F1,1/2/2013,2/2/2013,10,No,\r\nC2,F2,1/2/2013,2/2/2013,10,No,\r\n`);
  for (const doc of (await store.docs(stagedAccounts).find({ importId: run.id }, { sort: ['accountNumber', 'part'] }))
    .docs) {
    const [row, ...rest] = doc.lines.rows;
    if (row === undefined || doc.accountNumber !== 'C1') continue;
    const next = { ...doc, id: `${doc.id}-1`, part: 1 };
    next.lines = { ...doc.lines, rows: [[...row].with(2, 'F3') as typeof row, ...rest] };
    await store.transaction((tx) => tx.docs(stagedAccounts).insert(next));
  }
  const parts = [];
  for await (const { accountNumber, part, lines, first, last } of stagedParts(store, run.id))
    parts.push([accountNumber, part, lines.map(({ number }) => number), first, last]);
  expect(parts).toEqual([
    ['C1', 1, ['F1', 'F3'], true, true],
    ['C2', 0, ['F2'], true, true],
  ]);
  const rest = [];
  for await (const part of stagedParts(store, run.id, { accountNumber: 'C1', part: 0 })) rest.push(part);
  expect(rest.map(({ part, first }) => [part, first])).toEqual([
    [1, false],
    [0, true],
  ]);
});

it('[O5] lets others work while 20,000 lines come in', async () => {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  const run = await stage(ledger(20_000, 800));
  delay.enable();
  await applyImport(app, manager, { id: run.id, excludeRefused: false, confirmOlder: false }, NO_META);
  let others = 0;
  const idle = importsIdle(app).then(() => true);
  while (!(await Promise.race([idle, Promise.resolve(false)]))) {
    await store.transaction(async (tx) => {
      await tx.docs(importRuns).get(run.id);
    });
    others += 1;
  }
  delay.disable();
  expect(others).toBeGreaterThan(5);
  expect(delay.percentile(99) / 1e6).toBeLessThan(500);
}, 600_000);
