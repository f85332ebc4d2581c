import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import type { Workspace } from '#lib/domain/workspace/workspace.ts';
import type { AppError } from '#lib/protocol/errors.ts';
import { accountStream, workspaceStream } from '#lib/protocol/streams.ts';
import type { EinvoiceResult } from '#lib/protocol/views/einvoice.ts';
import { einvoiceCandidates } from '#server/queries/einvoice-candidates.ts';
import { einvoiceList } from '#server/queries/einvoices.ts';
import { disputes, einvoiceStatuses } from '#server/store/kinds/disputes.ts';
import { items, tasks } from '#server/store/kinds/workspace.ts';
import { buildApp, type TestApp } from '../../../test/support/app.ts';
import { statusXml, type StatusSpec } from '../../../test/support/einvoice.ts';
import { actorFor, buildAccount, buildMember, buildWorkspace } from '../../../test/support/factories.ts';
import { Follower } from '../../../test/support/replay.ts';
import { takeFile } from '../../import/einvoice/take-file.ts';
import { NO_META } from '../command.ts';
import { applyUnmatched } from './apply-unmatched.ts';
import { matchStatus } from './match-status.ts';
import { previewMatch } from './preview-match.ts';
import { setStatusAside } from './set-status-aside.ts';

let app: TestApp;
let workspace: Workspace;
let ada: Actor;
let accountId: Id;

beforeEach(async () => {
  app = await buildApp({ today: '2026-09-14' });
  workspace = await buildWorkspace(app);
  ada = actorFor(await buildMember(app, workspace, { name: 'Ada', role: 'manager', scope: 'all', locale: 'en' }));
  accountId = await anAccount('Épicerie du Lac', '552100554', ['FA-2026-001', 'FA-2026-002']);
});
afterEach(() => app.close());

async function anAccount(name: string, siren: string, numbers: string[]): Promise<Id> {
  const openItems = numbers.map((number) => ({
    cents: 120_000,
    dueDay: '2026-08-01',
    issueDay: '2026-07-02',
    number,
  }));
  return (await buildAccount(app, workspace, { name, siren, openItems })).id;
}
const store = () => app.store.workspace(workspace.id);
const receive = async (spec: StatusSpec): Promise<EinvoiceResult> => {
  const answer = await takeFile(app, ada, { name: 's.xml' }, new TextEncoder().encode(statusXml(spec)), NO_META);
  const result = answer.kind === 'status' ? answer.results[0] : undefined;
  if (result === undefined) throw new Error('no result');
  return result;
};
const itemOf = async (number: string) => {
  const item = (await store().docs(items).find({ number })).docs[0];
  if (item === undefined) throw new Error(`no item ${number}`);
  return item;
};
const code = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'ok',
    (error: unknown) => (error as AppError).code,
  );
/** What an automatic match leaves behind, without what differs by nature (ids, instants). */
async function left(account: Id) {
  const all = {
    disputes: await store()
      .docs(disputes)
      .find({ accountId: account }, { sort: ['state'] }),
    tasks: await store()
      .docs(tasks)
      .find({ accountId: account }, { sort: ['state', 'dueDay'] }),
    items: await store()
      .docs(items)
      .find({ accountId: account }, { sort: ['-issueDay'] }),
  };
  return {
    disputes: all.disputes.docs.map(
      ({ reason, department, detail, disputedCents, requestedAction, source, state }) => ({
        reason,
        department,
        detail,
        disputedCents,
        requestedAction,
        source,
        state,
      }),
    ),
    tasks: all.tasks.docs.map(({ kind, department, state, dueDay, blockedCents }) => ({
      kind,
      department,
      state,
      dueDay,
      blockedCents,
    })),
    items: all.items.docs
      .filter(({ einvoice }) => einvoice !== null)
      .map(({ einvoice, disputedCents }) => ({ einvoice, disputedCents })),
  };
}

describe('[EIN-16] a status is joined to its invoice by hand', () => {
  const CODES: [string, StatusSpec][] = [
    ['203', { code: '203' }],
    ['205', { code: '205' }],
    [
      '206',
      { code: '206', reasons: [{ code: 'QTE_ERR', action: 'CNP' }], amounts: [{ type: 'MNATTC', value: '240.50' }] },
    ],
    ['207', { code: '207', reasons: [{ code: 'TX_TVA_ERR', label: 'Taux erroné', action: 'NIN' }] }],
    ['208', { code: '208', reasons: [{ code: 'JUSTIF_ABS' }] }],
    ['210', { code: '210', reasons: [{ code: 'DOUBLON' }] }],
    ['211', { code: '211', amounts: [{ type: 'MPA', value: '1200', day: '20260930' }] }],
    ['213', { code: '213', reasons: [{ code: 'REJ_SEMAN' }] }],
    ['299', { code: '299' }],
  ];
  it.each(CODES)('%s does what it would have done by itself, once, as its preview says', async (_code, spec) => {
    const other = await anAccount('Moulin du Pré', '443061841', ['G-1']);
    await receive({ ...spec, invoice: 'G-1', buyer: { siren: '443061841', name: 'Moulin du Pré' } });
    const byItself = await left(other);

    const waiting = await receive({ ...spec, invoice: '2026/001' });
    expect(waiting.outcome).toBe('unmatched');
    const item = await itemOf('FA-2026-001');
    const before = await store().journal.head(accountStream(accountId));
    const preview = await previewMatch(app, ada, { id: waiting.id, itemId: item.id });
    expect((await store().journal.head(accountStream(accountId))).seq).toBe(before.seq);
    expect(await left(accountId)).toEqual({ disputes: [], tasks: [], items: [] });

    const input = { id: waiting.id, itemId: item.id };
    const all = await Promise.all(Array.from({ length: 5 }, () => matchStatus(app, ada, input, NO_META)));
    expect(all.map(({ outcome }) => outcome).sort()).toEqual(
      [preview.outcome, 'known', 'known', 'known', 'known'].sort(),
    );
    const done = await left(accountId);
    expect(done).toEqual(byItself);
    expect(preview).toMatchObject({
      state: done.items[0]?.einvoice?.state,
      dispute:
        done.disputes.length === 0
          ? null
          : {
              effect: 'opened',
              number: null,
              reason: done.disputes[0]?.reason,
              disputedCents: done.disputes[0]?.disputedCents,
            },
      task: done.tasks.length === 0 ? null : { kind: done.tasks[0]?.kind, dueDay: done.tasks[0]?.dueDay },
    });
    const events = await store().journal.read(accountStream(accountId), before.seq, 100);
    expect(events.slice(0, 2).map(({ name, actor }) => [name, actor])).toEqual([
      ['einvoice.matched', ada.memberId],
      ['einvoice.received', ada.memberId],
    ]);
    expect(events[0]?.data).toMatchObject({ itemNumber: 'FA-2026-001', toldNumber: '2026/001' });
    expect(await store().docs(einvoiceStatuses).get(waiting.id)).toMatchObject({
      accountId,
      judged: { by: ada.memberId, reason: null },
    });
    expect((await receive({ ...spec, invoice: '2026/001' })).outcome).toBe('known');
    expect(await code(matchStatus(app, ada, { ...input, itemId: (await itemOf('G-1')).id }, NO_META))).toBe(
      'einvoice_matched',
    );
    expect(await left(accountId)).toEqual(byItself);
    await new Follower(store(), accountId).expectSame('2026-09-14');
  });

  it('offers what is near it, what is searched for, and only what one may see', async () => {
    await anAccount('Moulin du Pré', '443061841', ['2026/001']);
    const waiting = await receive({ code: '203', invoice: '2026/001', buyer: { siren: '552100554' } });
    const near = await einvoiceCandidates(app, ada, { id: waiting.id, search: '' });
    expect(near.candidates.map(({ number, doubts }) => [number, doubts])).toEqual([
      ['FA-2026-001', ['number']],
      ['FA-2026-002', ['number']],
      ['2026/001', ['buyer']],
    ]);
    for (const search of ['fa-2026-002', 'FA-2026-002'])
      expect((await einvoiceCandidates(app, ada, { id: waiting.id, search })).candidates).toMatchObject([
        { number: 'FA-2026-002', accountName: 'Épicerie du Lac', cents: 120_000, state: 'open' },
      ]);
    expect((await einvoiceCandidates(app, ada, { id: waiting.id, search: 'epicerie' })).candidates).toHaveLength(2);
    const adv = actorFor(await buildMember(app, workspace, { role: 'adv', scope: 'department', departments: ['adv'] }));
    expect((await einvoiceCandidates(app, adv, { id: waiting.id, search: '' })).candidates).toEqual([]);
    const input = { id: waiting.id, itemId: (await itemOf('FA-2026-001')).id };
    expect(await code(matchStatus(app, adv, input, NO_META))).toBe('not_found');
    expect(await code(previewMatch(app, adv, input))).toBe('not_found');
    const collector = actorFor(await buildMember(app, workspace, { role: 'collector', scope: 'all' }));
    expect(await code(matchStatus(app, collector, input, NO_META))).toBe('forbidden');
    const far = actorFor(
      await buildMember(app, workspace, { role: 'accounting', scope: 'department', departments: ['accounting'] }),
    );
    expect(await code(setStatusAside(app, far, { id: waiting.id, reason: 'x' }, NO_META))).toBe('not_found');
    // What a person has chosen once comes first the next time.
    await matchStatus(app, ada, { ...input, itemId: (await itemOf('FA-2026-002')).id }, NO_META);
    const next = await receive({ code: '204', invoice: '2026/001', buyer: { siren: '999999999' } });
    expect(
      (await einvoiceCandidates(app, ada, { id: next.id, search: '' })).candidates.map(({ number }) => number),
    ).toContain('FA-2026-002');
  });

  it('takes all instalments, and no payment', async () => {
    const one = await itemOf('FA-2026-001');
    await store().transaction(async (tx) => {
      const base = { ...one, version: 1 };
      await tx.docs(items).insert({ ...base, id: 'second', key: 'k2', instalment: '2', dueDay: '2026-09-01' });
      await tx
        .docs(items)
        .insert({ ...base, id: 'paid', key: 'k3', number: 'VIR-1', kind: 'payment', cents: -5, openCents: -5 });
    });
    const waiting = await receive({ code: '204', invoice: 'unknown' });
    expect(await code(matchStatus(app, ada, { id: waiting.id, itemId: 'paid' }, NO_META))).toBe('validation_failed');
    await matchStatus(app, ada, { id: waiting.id, itemId: 'second' }, NO_META);
    for (const id of [one.id, 'second'])
      expect((await store().docs(items).get(id))?.einvoice?.state).toBe('acknowledged');
  });

  it('is set aside with a reason: not applied by itself any more, by hand still', async () => {
    const waiting = await receive({ code: '207', invoice: 'F-LATE', reasons: [{ code: 'PU_ERR' }] });
    const aside = () => setStatusAside(app, ada, { id: waiting.id, reason: 'Not ours' }, NO_META);
    expect([(await aside()).outcome, (await aside()).outcome]).toEqual(['set_aside', 'set_aside']);
    const said = await store().journal.read(workspaceStream(workspace.id), 0, 100);
    expect(said.filter(({ name }) => name === 'einvoice.set_aside')).toMatchObject([
      { actor: ada.memberId, data: { statusId: waiting.id, code: '207' }, personal: null },
    ]);
    await anAccount('Épicerie du Lac', '552100555', ['F-LATE']);
    expect(await applyUnmatched(app, workspace.id, ['F-LATE'])).toBe(0);
    expect((await receive({ code: '207', invoice: 'F-LATE', reasons: [{ code: 'PU_ERR' }] })).outcome).toBe('known');
    const list = (view: 'unmatched' | 'set_aside') => einvoiceList(app, ada, { view, limit: 50, after: null });
    expect([(await list('unmatched')).statuses, (await list('unmatched')).unmatched]).toEqual([[], 0]);
    expect((await list('set_aside')).statuses).toMatchObject([
      { id: waiting.id, judged: { by: ada.memberId, reason: 'Not ours' } },
    ]);
    const input = { id: waiting.id, itemId: (await itemOf('F-LATE')).id };
    expect((await matchStatus(app, ada, input, NO_META)).outcome).toBe('applied');
    expect(await code(aside())).toBe('einvoice_matched');
  });
});
