import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import type { Workspace } from '#lib/domain/workspace/workspace.ts';
import type { EinvoiceResult } from '#lib/protocol/views/einvoice.ts';
import { disputes } from '#server/store/kinds/disputes.ts';
import { items, tasks } from '#server/store/kinds/workspace.ts';
import { buildApp, type TestApp } from '../../../test/support/app.ts';
import { statusXml, type StatusSpec } from '../../../test/support/einvoice.ts';
import { actorFor, buildAccount, buildMember, buildWorkspace } from '../../../test/support/factories.ts';
import { Follower } from '../../../test/support/replay.ts';
import { takeFile } from '../../import/einvoice/take-file.ts';
import { NO_META } from '../command.ts';

let app: TestApp;
let workspace: Workspace;
let ada: Actor;
let accountId: Id;

beforeEach(async () => {
  app = await buildApp({ today: '2026-09-14' });
  workspace = await buildWorkspace(app);
  ada = actorFor(await buildMember(app, workspace, { name: 'Ada', role: 'manager', scope: 'all', locale: 'en' }));
  const one = { dueDay: '2026-08-01', issueDay: '2026-07-02' };
  const openItems = [
    { ...one, cents: 120_000, number: 'F-1' },
    { ...one, cents: -30_000, number: 'A-1', kind: 'credit_note' as const },
  ];
  accountId = (await buildAccount(app, workspace, { name: 'Épicerie du Lac', siren: '552100554', openItems })).id;
});
afterEach(() => app.close());

const store = () => app.store.workspace(workspace.id);
const receive = async (spec: StatusSpec): Promise<EinvoiceResult[]> => {
  const file = new TextEncoder().encode(statusXml({ day: '20260702', ...spec }));
  const answer = await takeFile(app, ada, { name: 's.xml' }, file, NO_META);
  if (answer.kind !== 'status') throw new Error('no status');
  return answer.results;
};
const found = async () => ({
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
  invoice: (await store().docs(items).find({ number: 'F-1' })).docs[0],
  credit: (await store().docs(items).find({ number: 'A-1' })).docs[0],
});

describe('[EIN-2] whatever comes does no harm', () => {
  const ALL = [
    '200',
    '201',
    '202',
    '203',
    '204',
    '205',
    '206',
    '207',
    '208',
    '209',
    '210',
    '211',
    '212',
    '213',
    '214',
    '250',
    '299',
    '999',
    'OK',
  ];
  it('every status without a reason or an amount, forwards, backwards and again', async () => {
    const specs = ALL.map((code, n): StatusSpec => ({
      code,
      invoice: 'F-1',
      stated: `202609${String(10 + n)}100000`.slice(0, 14),
    }));
    for (const spec of [...specs, ...specs].reverse()) expect((await receive(spec))[0]?.accountId).toBe(accountId);
    for (const spec of specs) expect((await receive(spec))[0]?.outcome).toBe('known');
    const { disputes: held, invoice } = await found();
    expect(held).toHaveLength(1);
    expect(invoice).toMatchObject({ openCents: 120_000, state: 'open', einvoice: { state: 'refused' } });
    await new Follower(store(), accountId).expectSame('2026-09-14');
  });
  it('every status of a credit note disputes nothing and takes nothing out of collection', async () => {
    for (const [n, code] of ALL.entries())
      await receive({
        code,
        invoice: 'A-1',
        type: '381',
        stated: `202608${String(10 + n)}100000`,
        reasons: [{ code: 'PU_ERR', action: 'NOA' }],
      });
    const { disputes: held, credit, invoice } = await found();
    expect(held).toEqual([]);
    expect(credit).toMatchObject({ openCents: -30_000, disputedCents: 0 });
    expect(invoice?.einvoice).toBeNull();
    await new Follower(store(), accountId).expectSame('2026-09-14');
  });
  it('a credit note and an invoice of one number are told apart; a correction is an invoice', async () => {
    await receive({ code: '203', invoice: 'A-1', type: '381' });
    expect((await receive({ code: '203', invoice: 'F-1', type: '381' }))[0]?.outcome).toBe('unmatched');
    expect((await receive({ code: '203', invoice: 'F-1', type: '384' }))[0]?.outcome).toBe('applied');
  });
  it('an announcement in another currency has no amount on the invoice, a contest is of the whole', async () => {
    await receive({
      code: '211',
      invoice: 'F-1',
      stated: '20260901100000',
      amounts: [{ type: 'MPA', value: '900', currency: 'USD', day: '20260930' }],
    });
    expect((await found()).invoice?.einvoice).toMatchObject({ announcedCents: null, announcedDay: '2026-09-30' });
    await receive({
      code: '206',
      invoice: 'F-1',
      stated: '20260902100000',
      amounts: [{ type: 'MNATTC', value: '10', currency: 'USD' }],
    });
    expect((await found()).disputes).toMatchObject([{ currency: 'EUR', disputedCents: 120_000 }]);
  });
  it('amounts that cannot be are bounded: nothing, less than nothing, more than all', async () => {
    for (const [n, value] of ['0', '-5', '0.001', '999999999'].entries()) {
      await receive({
        code: '206',
        invoice: 'F-1',
        stated: `2026090${n + 1}100000`,
        amounts: [{ type: 'MNATTC', value }],
      });
      const { invoice } = await found();
      expect([value, invoice?.disputedCents]).toEqual([value, 120_000]);
    }
    await new Follower(store(), accountId).expectSame('2026-09-14');
  });
  it('one message about many documents: each for itself, the unknown ones wait', async () => {
    const results = await receive({
      code: '203',
      invoice: 'F-1',
      more: [
        { code: '204', invoice: 'F-1' },
        { code: '203', invoice: 'NONE' },
      ],
    });
    expect(results.map(({ outcome }) => outcome)).toEqual(['applied', 'applied', 'unmatched']);
    expect((await found()).invoice?.einvoice?.state).toBe('acknowledged');
  });
});
