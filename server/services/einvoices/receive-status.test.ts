import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { blockedOf } from '#lib/domain/dispute/blocked.ts';
import type { Dispute } from '#lib/domain/dispute/dispute.ts';
import type { Item } from '#lib/domain/item/item.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Task } from '#lib/domain/task/task.ts';
import type { Id } from '#lib/domain/values.ts';
import type { Workspace } from '#lib/domain/workspace/workspace.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import type { EinvoiceResult } from '#lib/protocol/views/einvoice.ts';
import { disputes, einvoiceStatuses, notifications } from '#server/store/kinds/disputes.ts';
import { accounts, balances, items, tasks } from '#server/store/kinds/workspace.ts';
import { buildApp, type TestApp } from '../../../test/support/app.ts';
import { statusXml, type StatusSpec } from '../../../test/support/einvoice.ts';
import { actorFor, buildAccount, buildMember, buildWorkspace } from '../../../test/support/factories.ts';
import { foldEvents, emptyState, readState } from '../../../test/support/replay.ts';
import { readFile } from '../../import/einvoice/read-file.ts';
import { NO_META } from '../command.ts';
import { applyUnmatched } from './apply-unmatched.ts';
import { receiveStatus } from './receive-status.ts';

let app: TestApp;
let workspace: Workspace;
let ada: Actor;
let accountId: Id;

beforeEach(async () => {
  app = await buildApp({ today: '2026-09-14' });
  workspace = await buildWorkspace(app);
  ada = actorFor(await buildMember(app, workspace, { name: 'Ada', role: 'manager', scope: 'all', locale: 'en' }));
  accountId = await anAccount([{ cents: 120_000, dueDay: '2026-08-01', issueDay: '2026-07-02', number: 'F-2026-001' }]);
});
afterEach(() => app.close());

const anAccount = async (
  openItems: { cents: number; dueDay: string; issueDay?: string; number?: string }[],
  more = {},
): Promise<Id> =>
  (await buildAccount(app, workspace, { name: 'Épicerie du Lac', siren: '552100554', openItems, ...more })).id;
const store = () => app.store.workspace(workspace.id);
const receive = async (spec: StatusSpec, actor: Actor = ada): Promise<EinvoiceResult> => {
  const file = await readFile(new TextEncoder().encode(statusXml(spec)), 'Europe/Paris');
  if (file.kind !== 'status') throw new Error('no status');
  const { results } = await receiveStatus(app, actor, file.message, NO_META);
  if (results[0] === undefined) throw new Error('no result');
  return results[0];
};
const all = async () => {
  const found = {
    items: (
      await store()
        .docs(items)
        .find({ accountId }, { sort: ['-issueDay'] })
    ).docs,
    disputes: (
      await store()
        .docs(disputes)
        .find({ accountId }, { sort: ['state'] })
    ).docs,
    tasks: (
      await store()
        .docs(tasks)
        .find({ accountId }, { sort: ['state', 'dueDay'] })
    ).docs,
  };
  const item = found.items[0] as Item;
  return { ...found, item, dispute: found.disputes[0] as Dispute, task: found.tasks[0] as Task };
};
const names = async (): Promise<string[]> =>
  (await store().journal.read(accountStream(accountId), 0, 1_000)).map(({ name }) => name);
/** Folding the stream must give the records as they are stored. */
const replays = async (): Promise<void> => {
  const events = await store().journal.read(accountStream(accountId), 0, 1_000);
  const folded = foldEvents(emptyState(), events);
  const stored = await readState(store(), accountId);
  expect(folded.items).toEqual(stored.items);
  expect(folded.tasks).toEqual(stored.tasks);
  expect(folded.disputes).toEqual(stored.disputes);
  expect(folded.account).toEqual(stored.account);
  expect(folded.balances).toEqual(stored.balances);
  expect(await store().journal.verify(accountStream(accountId))).toBeNull();
};

describe('[EIN-3] a contest opens a dispute', () => {
  it('207: reason, department, first task, words; the whole invoice leaves collection', async () => {
    const reasons = [{ code: 'TX_TVA_ERR', label: 'Taux erroné', action: 'NIN' }];
    const result = await receive({ code: '207', reasons });
    expect(result).toMatchObject({ outcome: 'applied', state: 'dispute', accountId, invoiceNumber: 'F-2026-001' });
    const { item, dispute, task, tasks: asked } = await all();
    expect(item.einvoice).toMatchObject({ state: 'dispute', code: '207' });
    expect(item).toMatchObject({ openCents: 120_000, disputedCents: 120_000 });
    expect(dispute).toMatchObject({
      id: result.disputeId,
      source: 'einvoice',
      state: 'open',
      reason: 'vat',
      department: 'accounting',
      detail: 'Taux erroné',
      requestedAction: 'NIN',
      disputedCents: 120_000,
      number: 1,
    });
    expect(asked).toHaveLength(1);
    expect(task).toMatchObject({
      kind: 'corrective_invoice',
      department: 'accounting',
      disputeId: dispute.id,
      blockedCents: 120_000,
    });
    const account = await store().docs(accounts).get(accountId);
    expect(account?.access).toContain('dept:accounting');
    expect(dispute.access).toEqual(account?.access);
    expect((await names()).slice(1)).toEqual(['einvoice.received', 'dispute.opened', 'task.created']);
    await replays();
  });
  it('tells the department: by its task, or by the dispute where the buyer asks for nothing', async () => {
    const sam = await buildMember(app, workspace, { role: 'sales', departments: ['sales'] });
    await receive({ code: '207', reasons: [{ code: 'PU_ERR', action: 'NOA' }] });
    expect((await all()).tasks).toHaveLength(0);
    const { docs } = await store()
      .docs(notifications)
      .find({ memberId: sam.id }, { sort: ['-at'] });
    expect(docs).toMatchObject([{ kind: 'dispute.opened', disputeId: (await all()).dispute.id }]);
  });
  it('206: only what is refused, above or below the rates; the rest stays due', async () => {
    await receive({
      code: '206',
      reasons: [{ code: 'QTE_ERR', action: 'CNP' }],
      amounts: [
        { type: 'MNATTC', value: '200' },
        { type: 'MNATTC', value: '40.50' },
      ],
    });
    const { item, dispute, task } = await all();
    expect(dispute).toMatchObject({ reason: 'quantity', department: 'logistics', disputedCents: 24_050 });
    expect(blockedOf(item)).toBe(24_050);
    expect(task).toMatchObject({ kind: 'credit_note', department: 'adv', blockedCents: 24_050 });
    const balance = (await store().docs(balances).find({ accountId }, {})).docs[0];
    expect(balance).toMatchObject({ openCents: 120_000, disputedCents: 24_050 });
    await replays();
  });
  it('206: reckons the refused part from the approved one, and never takes more than is open', async () => {
    await receive({ code: '206', reasons: [{ code: 'PU_ERR' }], amounts: [{ type: 'MAPTTC', value: '1000' }] });
    expect((await all()).dispute.disputedCents).toBe(20_000);
    await receive({
      code: '206',
      stated: '20260911000000',
      reasons: [{ code: 'PU_ERR' }],
      amounts: [{ type: 'MNATTC', value: '99999' }],
    });
    const { disputes: found, dispute } = await all();
    expect(found).toHaveLength(1);
    expect(dispute.disputedCents).toBe(120_000);
    await replays();
  });
  it('210: the whole, refused for good: never chased, a credit note asked for', async () => {
    await receive({ code: '210', reasons: [{ code: 'MONTANTTOTAL_ERR', action: 'NIN' }] });
    const { item, dispute, task } = await all();
    expect(item.einvoice?.state).toBe('refused');
    expect(blockedOf({ ...item, disputedCents: 0 })).toBe(120_000);
    expect(dispute).toMatchObject({ reason: 'refused', department: 'accounting', disputedCents: 120_000 });
    expect(task).toMatchObject({ kind: 'credit_note', department: 'accounting' });
    expect(task.text).toContain('invoice anew');
    await receive({ code: '205', stated: '20260912000000' });
    expect((await all()).item.einvoice?.state).toBe('refused');
    expect((await all()).dispute.closureProposed).toBe(false);
  });
  it('spreads an amount over the instalments of one invoice', async () => {
    accountId = await anAccount([{ cents: 50_000, dueDay: '2026-08-01', issueDay: '2026-07-02', number: 'F-9' }]);
    const [first] = (await all()).items;
    if (first === undefined) throw new Error('no item');
    await store().transaction((tx) =>
      tx
        .docs(items)
        .insert({ ...first, id: 'second', key: `${first.key}2`, instalment: '2', dueDay: '2026-09-01', version: 1 }),
    );
    await receive({
      code: '206',
      invoice: 'F-9',
      reasons: [{ code: 'PU_ERR' }],
      amounts: [{ type: 'MNATTC', value: '700' }],
    });
    const { dispute, items: both } = await all();
    expect(dispute.items.map(({ disputedCents }) => disputedCents)).toEqual([50_000, 20_000]);
    expect(both.map(({ einvoice }) => einvoice?.state)).toEqual(['dispute', 'dispute']);
  });
});

describe('[EIN-2] repeated, late, unknown', () => {
  it('takes the same message once, and another of the same content into the same dispute', async () => {
    const spec: StatusSpec = { code: '207', reasons: [{ code: 'PU_ERR', action: 'OTH' }] };
    expect((await receive(spec)).outcome).toBe('applied');
    const before = await names();
    expect((await receive(spec)).outcome).toBe('known');
    expect(await names()).toEqual(before);
    await receive({ ...spec, id: 'another', stated: '20260912101500' });
    const { disputes: found, tasks: asked } = await all();
    expect([found.length, asked.length]).toEqual([1, 1]);
    await replays();
  });
  it('takes ten at once as one', async () => {
    const spec: StatusSpec = { code: '207', reasons: [{ code: 'PU_ERR' }] };
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, () => receive(spec).catch((error: unknown) => error)),
    );
    expect(outcomes.filter((one) => (one as EinvoiceResult).outcome === 'applied')).toHaveLength(1);
    expect((await all()).disputes).toHaveLength(1);
  });
  it('205 proposes to close and closes nothing; a new 207 takes that back', async () => {
    await receive({ code: '207', stated: '20260901100000', reasons: [{ code: 'PU_ERR' }] });
    await receive({ code: '205', stated: '20260902100000' });
    expect((await all()).dispute).toMatchObject({ state: 'open', closureProposed: true, disputedCents: 120_000 });
    expect((await all()).item.einvoice?.state).toBe('approved');
    expect(await names()).toContain('dispute.closure_proposed');
    await receive({ code: '207', stated: '20260903100000', reasons: [{ code: 'PU_ERR' }] });
    expect((await all()).dispute.closureProposed).toBe(false);
    await replays();
  });
  it('an older statement that comes late moves nothing back, and is not lost', async () => {
    await receive({ code: '205', stated: '20260902100000' });
    const late = await receive({ code: '207', stated: '20260901100000', reasons: [{ code: 'PU_ERR' }] });
    expect(late.outcome).toBe('late');
    const { item, dispute } = await all();
    expect(item.einvoice?.state).toBe('approved');
    expect(dispute).toMatchObject({ closureProposed: true, source: 'einvoice' });
  });
  it('a contest after payment is a claim to have money back', async () => {
    const { item } = await all();
    await store().transaction((tx) =>
      tx.docs(items).replace({ ...item, openCents: 0, state: 'settled', settledOn: '2026-09-01' }),
    );
    await receive({ code: '212', stated: '20260902100000', amounts: [{ type: 'MEN', value: '1200' }] });
    await receive({ code: '207', stated: '20260903100000', reasons: [{ code: 'QUALITE_ERR' }] });
    const after = await all();
    expect(after.item).toMatchObject({ state: 'settled', openCents: 0, disputedCents: 0 });
    expect(after.dispute).toMatchObject({ state: 'open', reason: 'quality', disputedCents: 0 });
    expect(after.dispute.items[0]?.claimedCents).toBe(120_000);
  });
  it('keeps a code that it does not know as information', async () => {
    await receive({ code: '203' });
    expect((await receive({ code: '299', stated: '20260912000000' })).outcome).toBe('information');
    expect((await all()).item.einvoice?.state).toBe('received');
  });
  it('a message about an item that a member disputes belongs to that dispute', async () => {
    await receive({ code: '207', reasons: [{ code: 'PU_ERR' }] });
    const { dispute } = await all();
    await store().transaction((tx) => tx.docs(disputes).replace({ ...dispute, source: 'member' }));
    await store().transaction(async (tx) => {
      const [status] = (
        await tx.docs(einvoiceStatuses).find({ itemId: dispute.items[0]?.itemId ?? '' }, { sort: ['receivedAt'] })
      ).docs;
      if (status !== undefined) await tx.docs(einvoiceStatuses).remove(status.id, status.version);
    });
    const result = await receive({
      code: '207',
      stated: '20260912000000',
      reasons: [{ code: 'QTE_ERR', action: 'CNP' }],
    });
    expect(result.disputeId).toBe(dispute.id);
    const { disputes: found } = await all();
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ reason: 'price', requestedAction: 'CNP' });
  });
});

describe('[EIN-7] what is not a dispute', () => {
  it('208 asks ADV within two working days, once, and pauses the invoice; 209 ends both', async () => {
    const result = await receive({ code: '208', reasons: [{ code: 'JUSTIF_ABS', label: 'Bon de livraison ?' }] });
    await receive({ code: '208', id: 'again', stated: '20260911000000', reasons: [{ code: 'JUSTIF_ABS' }] });
    const { tasks: asked, task, disputes: none, item } = await all();
    expect([asked.length, none.length]).toEqual([1, 0]);
    expect(task).toMatchObject({
      id: result.taskId,
      kind: 'send_document',
      department: 'adv',
      state: 'open',
      dueDay: '2026-09-16',
    });
    expect(task.text).toContain('Bon de livraison ?');
    expect([item.einvoice?.state, blockedOf(item)]).toEqual(['waiting_information', 120_000]);
    await receive({ code: '209', stated: '20260913000000' });
    expect((await all()).task.state).toBe('done');
    expect((await all()).item.einvoice?.state).toBe('received');
    expect(blockedOf((await all()).item)).toBe(0);
    await replays();
  });
  it('213 was never issued: not chased until it is deposited again', async () => {
    await receive({ code: '213', reasons: [{ code: 'REJ_SEMAN' }] });
    const { item, task, disputes: none } = await all();
    expect(none).toHaveLength(0);
    expect([item.einvoice?.state, blockedOf(item)]).toEqual(['rejected', 120_000]);
    expect(task).toMatchObject({ kind: 'corrective_invoice', department: 'adv' });
    const balance = (await store().docs(balances).find({ accountId }, {})).docs[0];
    expect(balance?.disputedCents).toBe(120_000);
    await receive({ code: '200', stated: '20260915000000' });
    const after = await all();
    expect([after.item.einvoice?.state, blockedOf(after.item), after.task.state]).toEqual(['sent', 0, 'done']);
  });
  it('211 announces and settles nothing; 212 is information', async () => {
    await receive({
      code: '211',
      stated: '20260910000000',
      amounts: [{ type: 'MPA', value: '1200', day: '20260930' }],
    });
    await receive({ code: '212', stated: '20260911000000', amounts: [{ type: 'MEN', value: '1200' }] });
    expect((await all()).item).toMatchObject({
      openCents: 120_000,
      state: 'open',
      einvoice: { state: 'paid', announcedCents: 120_000, announcedDay: '2026-09-30' },
    });
  });
});

describe('[EIN-10] finding the invoice', () => {
  it('keeps what it does not find, and applies it when the invoice comes', async () => {
    const spec: StatusSpec = { code: '207', invoice: 'F-LATER', reasons: [{ code: 'LIVR_INCOMP' }] };
    expect(await receive(spec)).toMatchObject({ outcome: 'unmatched', accountId: null });
    expect((await receive(spec)).outcome).toBe('unmatched');
    expect(await applyUnmatched(app, workspace.id)).toBe(0);
    accountId = await anAccount([{ cents: 10_000, dueDay: '2026-08-01', issueDay: '2026-07-02', number: 'F-LATER' }]);
    expect(await applyUnmatched(app, workspace.id)).toBe(1);
    expect(await applyUnmatched(app, workspace.id)).toBe(0);
    expect((await all()).dispute).toMatchObject({ reason: 'missing_delivery', disputedCents: 10_000 });
    expect((await receive(spec)).outcome).toBe('known');
  });
  it('does not guess between two firms, nor across years', async () => {
    const other = await anAccount(
      [{ cents: 5_000, dueDay: '2026-08-01', issueDay: '2026-07-02', number: 'F-2026-001' }],
      {
        name: 'Quincaillerie du Port',
        siren: '443061841',
      },
    );
    expect((await receive({ code: '203' })).accountId).toBe(accountId);
    expect((await receive({ code: '203', buyer: { siren: '443061841', name: 'X' } })).accountId).toBe(other);
    expect((await receive({ code: '203', buyer: { siren: '380129866', name: 'Y' } })).outcome).toBe('unmatched');
    expect(
      (await receive({ code: '203', day: '20210702', invoice: 'F-2026-001', buyer: { siren: '380129866' } })).outcome,
    ).toBe('unmatched');
    expect((await receive({ code: '203', type: '381' })).outcome).toBe('unmatched');
  });
  it('does not name what lies outside the sender’s rights', async () => {
    const adv = actorFor(await buildMember(app, workspace, { role: 'adv', departments: ['adv'], scope: 'department' }));
    expect(await receive({ code: '203' }, adv)).toMatchObject({ outcome: 'applied', accountId: null, itemId: null });
    expect(
      await receive({ code: '208', stated: '20260911000000', reasons: [{ code: 'JUSTIF_ABS' }] }, adv),
    ).toMatchObject({ accountId });
    const collector = actorFor(await buildMember(app, workspace, { role: 'collector' }));
    await expect(receive({ code: '203' }, collector)).rejects.toMatchObject({ code: 'forbidden' });
  });
});
