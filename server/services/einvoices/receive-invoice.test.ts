import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Workspace } from '#lib/domain/workspace/workspace.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import type { InvoiceResult } from '#lib/protocol/views/einvoice.ts';
import { attachments, disputes } from '#server/store/kinds/disputes.ts';
import { accounts, balances, items, movements } from '#server/store/kinds/workspace.ts';
import { buildApp, type TestApp } from '../../../test/support/app.ts';
import { ciiXml, pdfWith, statusXml, ublXml } from '../../../test/support/einvoice.ts';
import { actorFor, buildAccount, buildMember, buildWorkspace } from '../../../test/support/factories.ts';
import { takeFile } from '../../import/einvoice/take-file.ts';
import { applyImport } from '../imports/apply-import.ts';
import { importWorkDone } from '../../../test/support/einvoice-import.ts';
import { stageImport } from '../../import/stage-import.ts';
import { NO_META } from '../command.ts';

let app: TestApp;
let workspace: Workspace;
let ada: Actor;

beforeEach(async () => {
  app = await buildApp({ today: '2026-09-14' });
  workspace = await buildWorkspace(app, { entities: [{ id: 'e1', code: '', name: 'Verrerie des Tilleuls' }] });
  ada = actorFor(await buildMember(app, workspace, { name: 'Ada', role: 'manager', scope: 'all' }));
});
afterEach(() => app.close());

const store = () => app.store.workspace(workspace.id);
const take = (file: string | Uint8Array, name = 'invoice.xml', actor = ada) =>
  takeFile(app, actor, { name }, typeof file === 'string' ? new TextEncoder().encode(file) : file, NO_META);
const invoice = async (file: string | Uint8Array, name?: string): Promise<InvoiceResult> => {
  const answer = await take(file, name);
  if (answer.kind !== 'invoice') throw new Error('no invoice');
  return answer.result;
};
const itemOf = async (number: string) => (await store().docs(items).find({ number }, {})).docs;
const filesOf = async (itemId: string | null) =>
  (
    await store()
      .docs(attachments)
      .find({ itemId: itemId ?? '', state: 'posted' }, {})
  ).docs;
const readAll = async (fileId: string): Promise<string> => {
  const parts: Uint8Array[] = [];
  for await (const part of (await store().files.open(fileId)) ?? []) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
};

describe('[EIN-9] an invoice that the ledger does not know', () => {
  it('becomes an item of its buyer, found by SIREN, with the file kept', async () => {
    const account = await buildAccount(app, workspace, { name: 'EPICERIE DU LAC SARL', siren: '552100554' });
    const xml = ciiXml({
      buyer: { siren: '552100554' },
      prepaid: '200.00',
      payable: '1000.00',
      order: 'PO-9',
      delivery: 'BL-7',
    });
    const result = await invoice(xml);
    expect(result).toMatchObject({ outcome: 'created', accountId: account.id, accountCreated: false, differences: [] });
    const [item] = await itemOf('F-2026-001');
    expect(item).toMatchObject({
      id: result.itemId,
      kind: 'invoice',
      key: `|${account.number}|invoice|F-2026-001|`,
      cents: 120_000,
      openCents: 100_000,
      issueDay: '2026-07-02',
      dueDay: '2026-08-01',
      dueAssumed: false,
      orderNumber: 'PO-9',
      deliveryNote: 'BL-7',
      state: 'open',
    });
    const moved = (
      await store()
        .docs(movements)
        .find({ itemId: item?.id ?? '' }, {})
    ).docs;
    expect(moved.reduce((sum, one) => sum + one.cents, 0)).toBe(100_000);
    const balance = (await store().docs(balances).find({ accountId: account.id }, {})).docs[0];
    expect(balance).toMatchObject({ openCents: 100_000, overdueCents: 100_000 });
    const [file, ...more] = await filesOf(result.itemId);
    expect(more).toHaveLength(0);
    expect(file).toMatchObject({ name: 'invoice.xml', type: 'application/xml', audience: 'internal' });
    expect(await readAll(file?.fileId ?? '')).toBe(xml);
    expect(await store().journal.verify(accountStream(account.id))).toBeNull();
  });
  it('makes the account where it is unknown, under the seller’s number for it', async () => {
    const result = await invoice(
      ublXml({
        buyer: { customer: 'C-77', siren: '443061841', name: 'Quincaillerie du Port' },
        due: null,
        terms: '45 jours',
      }),
    );
    expect(result).toMatchObject({ outcome: 'created', accountCreated: true });
    const account = await store()
      .docs(accounts)
      .get(result.accountId ?? '');
    expect(account).toMatchObject({
      number: 'C-77',
      name: 'Quincaillerie du Port',
      siren: '443061841',
      ownerId: null,
      access: ['owner:none'],
    });
    expect((await itemOf('F-2026-001'))[0]).toMatchObject({ dueDay: '2026-08-16', dueAssumed: true });
    const second = await invoice(
      ciiXml({ number: 'F-2', buyer: { siren: '443061841', name: 'QUINCAILLERIE DU PORT' } }),
    );
    expect(second).toMatchObject({ outcome: 'created', accountCreated: false, accountId: result.accountId });
    const other = await invoice(ciiXml({ number: 'F-3', buyer: { siren: '552100554', customer: 'C-77' } }));
    expect(other.accountCreated).toBe(true);
    expect(
      (
        await store()
          .docs(accounts)
          .get(other.accountId ?? '')
      )?.number,
    ).toBe('552100554');
  });
  it('takes credit notes as credits, whatever sign they are written with', async () => {
    for (const [number, total] of [
      ['A-1', '100.11'],
      ['A-2', '-100.11'],
    ] as const)
      await invoice(ublXml({ credit: true, number, total, buyer: { siren: '552100554' } }));
    await invoice(ciiXml({ number: 'A-3', total: '-50.00', buyer: { siren: '552100554' } }));
    const found = [...(await itemOf('A-1')), ...(await itemOf('A-2')), ...(await itemOf('A-3'))];
    expect(found.map(({ kind, cents, openCents }) => [kind, cents, openCents])).toEqual([
      ['credit_note', -10_011, -10_011],
      ['credit_note', -10_011, -10_011],
      ['credit_note', -5_000, -5_000],
    ]);
  });
  it('is one when ten bring it at once', async () => {
    const xml = ciiXml({ buyer: { siren: '552100554' } });
    const results = await Promise.all(Array.from({ length: 10 }, () => invoice(xml)));
    expect(results.filter(({ outcome }) => outcome === 'created')).toHaveLength(1);
    expect(await itemOf('F-2026-001')).toHaveLength(1);
    expect(await filesOf(results[0]?.itemId ?? null)).toHaveLength(1);
  });
  it('does not guess between two accounts of one firm', async () => {
    for (const name of ['Lac Nord', 'Lac Sud']) await buildAccount(app, workspace, { name, siren: '552100554' });
    await expect(take(ciiXml({ buyer: { siren: '552100554' } }))).rejects.toMatchObject({
      code: 'einvoice_unreadable',
      details: { rule: 'buyer_several' },
    });
    const named = await invoice(ciiXml({ buyer: { siren: '552100554', name: 'Lac Sud' } }));
    expect(
      (
        await store()
          .docs(accounts)
          .get(named.accountId ?? '')
      )?.name,
    ).toBe('Lac Sud');
  });
  it('gives statuses that were waiting their invoice', async () => {
    await take(statusXml({ code: '207', reasons: [{ code: 'PU_ERR', action: 'CNP' }] }));
    const result = await invoice(
      pdfWith([{ name: 'factur-x.xml', text: ciiXml({ buyer: { siren: '552100554' } }) }]),
      'F-2026-001.pdf',
    );
    expect(result).toMatchObject({ outcome: 'created', statuses: 1 });
    expect((await filesOf(result.itemId))[0]).toMatchObject({ name: 'F-2026-001.pdf', type: 'application/pdf' });
    const [dispute] = (
      await store()
        .docs(disputes)
        .find({ accountId: result.accountId ?? '' }, { sort: ['state'] })
    ).docs;
    expect(dispute).toMatchObject({ reason: 'price', disputedCents: 120_000 });
  });
});

describe('[EIN-12] an invoice that the ledger knows', () => {
  it('keeps the ledger’s figures, and says what differs', async () => {
    const openItems = [{ cents: 110_000, dueDay: '2026-08-15', issueDay: '2026-07-02', number: 'F-2026-001' }];
    const account = await buildAccount(app, workspace, { name: 'Épicerie du Lac', siren: '552100554', openItems });
    const before = (await itemOf('F-2026-001'))[0];
    const xml = ciiXml({ buyer: { siren: '552100554' } });
    expect(await invoice(xml)).toMatchObject({
      outcome: 'attached',
      accountId: account.id,
      differences: [
        { field: 'amount', ledger: 110_000, invoice: 120_000 },
        { field: 'dueDay', ledger: '2026-08-15', invoice: '2026-08-01' },
      ],
    });
    expect((await invoice(xml)).outcome).toBe('known');
    expect((await invoice(ublXml({ buyer: { siren: '552100554' } }), 'same.ubl.xml')).outcome).toBe('attached');
    expect((await itemOf('F-2026-001'))[0]).toEqual(before);
    expect((await filesOf(before?.id ?? null)).map(({ name }) => name).sort()).toEqual(['invoice.xml', 'same.ubl.xml']);
  });
  it('is the same item when the ledger brings it later', async () => {
    await invoice(ciiXml({ buyer: { siren: '552100554', customer: '411LAC' } }));
    const csv = [
      'compte;nom;piece;type;date;echeance;montant;reste du',
      '411LAC;Epicerie du Lac;F-2026-001;facture;02/07/2026;01/08/2026;1200,00;700,00',
      '',
    ].join('\n');
    const staged = await stageImport(
      app,
      ada,
      { kind: 'ledger', asOf: '2026-09-14', fileName: 'l.csv', mapping: null },
      once(csv),
      NO_META,
    );
    expect(staged.state).toBe('staged');
    await applyImport(app, ada, { id: staged.id, excludeRefused: false, confirmOlder: false }, NO_META);
    await importWorkDone(app, workspace.id, staged.id);
    const found = await itemOf('F-2026-001');
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ openCents: 70_000, key: '|411LAC|invoice|F-2026-001|' });
    const moved = (
      await store()
        .docs(movements)
        .find({ itemId: found[0]?.id ?? '' }, {})
    ).docs;
    expect(moved.reduce((sum, one) => sum + one.cents, 0)).toBe(70_000);
  });
  it('lets a ledger give waiting statuses their invoice', async () => {
    await take(statusXml({ code: '207', reasons: [{ code: 'QTE_ERR' }] }));
    const csv =
      'compte;nom;siren;piece;type;date;echeance;montant\n411LAC;Epicerie du Lac;552100554;F-2026-001;facture;02/07/2026;01/08/2026;1200,00\n';
    const staged = await stageImport(
      app,
      ada,
      { kind: 'ledger', asOf: '2026-09-14', fileName: 'l.csv', mapping: null },
      once(csv),
      NO_META,
    );
    await applyImport(app, ada, { id: staged.id, excludeRefused: false, confirmOlder: false }, NO_META);
    await importWorkDone(app, workspace.id, staged.id);
    expect((await itemOf('F-2026-001'))[0]).toMatchObject({ einvoice: { state: 'dispute' }, disputedCents: 120_000 });
  });
});

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(new TextEncoder().encode(text));
}
