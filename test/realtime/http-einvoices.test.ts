import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Dispute } from '#lib/domain/dispute/dispute.ts';
import type { Item } from '#lib/domain/item/item.ts';
import type {
  EinvoiceCandidates,
  EinvoiceFileAnswer,
  EinvoicePreview,
  EinvoiceResult,
  EinvoiceStatusPage,
} from '#lib/protocol/views/einvoice.ts';
import { ciiXml, pdfWith, statusXml, type StatusSpec } from '../support/einvoice.ts';
import { buildAccount, buildWorkspace } from '../support/factories.ts';
import { buildPerson, START_MS, startServer, type Answer, type Browser, type TestServer } from '../support/server.ts';

let server: TestServer;
let manager: Browser;
let adv: Browser;
let collector: Browser;
let stranger: Browser;
const LAKE = { name: 'Épicerie du Lac', siren: '552100554' };
let lakeId = '';
let farId = '';
let moveId = '';
let collectorId = '';
let otherId = '';

beforeAll(async () => {
  server = await startServer({
    env: { ENCOURS_TODAY: '2026-09-14' },
    prepare: async (app) => {
      const workspace = await buildWorkspace(app);
      await buildPerson(app, workspace, { email: 'manager@example.com', role: 'manager', scope: 'all' });
      await buildPerson(app, workspace, {
        email: 'adv@example.com',
        role: 'adv',
        departments: ['adv'],
        scope: 'department',
      });
      const collecting = { role: 'collector', scope: 'portfolio' } as const;
      collectorId = (await buildPerson(app, workspace, { email: 'collector@example.com', ...collecting })).id;
      otherId = (await buildPerson(app, workspace, { email: 'other@example.com', ...collecting })).id;
      await buildPerson(app, workspace, { email: 'sales@example.com', role: 'sales', scope: 'portfolio' });
      const number = (n: number): string => `F-2026-00${n}`;
      const openItems = [1, 2, 3, 4, 5, 6].map((n) => ({
        cents: 120_000,
        dueDay: '2026-08-01',
        issueDay: '2026-07-02',
        number: number(n),
      }));
      lakeId = (await buildAccount(app, workspace, { ...LAKE, openItems })).id;
      const farItems = [{ cents: 9_000, dueDay: '2026-08-01', issueDay: '2026-07-02', number: 'G-1' }];
      farId = (await buildAccount(app, workspace, { name: 'Moulin du Pré', siren: '443061841', openItems: farItems }))
        .id;
      const moving = [{ cents: 5_000, dueDay: '2026-08-01', issueDay: '2026-07-02', number: 'M-1' }];
      moveId = (await buildAccount(app, workspace, { name: 'Scierie Neuve', siren: '351475314', openItems: moving }))
        .id;
      const elsewhere = await buildWorkspace(app);
      await buildPerson(app, elsewhere, { email: 'stranger@example.com', role: 'manager', scope: 'all' });
    },
  });
  manager = await server.as('manager@example.com');
  adv = await server.as('adv@example.com');
  collector = await server.as('collector@example.com');
  stranger = await server.as('stranger@example.com');
}, START_MS);
afterAll(() => server.close());

const raw = (who: Browser, body: string | Uint8Array, headers: Record<string, string> = {}): Promise<Answer> =>
  who.request('POST', '/api/v1/einvoice-statuses', {
    body,
    headers: { 'content-type': 'application/xml', ...headers },
  });
const file = (who: Browser, body: string | Uint8Array, name = 'invoice.xml'): Promise<Answer> =>
  who.request('POST', `/api/v1/einvoices?name=${encodeURIComponent(name)}`, {
    body,
    headers: { 'content-type': 'application/octet-stream' },
  });
const told = async (spec: StatusSpec, who = manager): Promise<EinvoiceResult> => {
  const answer = await raw(who, statusXml(spec));
  expect([answer.status, answer.text.slice(0, 300)]).toEqual([200, expect.anything()]);
  const [result] = answer.json<{ results: EinvoiceResult[] }>().results;
  if (result === undefined) throw new Error('no result');
  return result;
};
const itemOf = async (number: string): Promise<Item> => {
  const { items } = (await manager.api('GET', `/accounts/${lakeId}/items?limit=200`)).json<{ items: Item[] }>();
  const item = items.find((one) => one.number === number);
  if (item === undefined) throw new Error(`no item ${number}`);
  return item;
};
const disputesOf = async (): Promise<Dispute[]> =>
  (await manager.api('GET', `/disputes?view=everything&accountId=${lakeId}&limit=200`)).json<{ disputes: Dispute[] }>()
    .disputes;

describe('[EIN-3] statuses over the API', () => {
  it('a contest opens a dispute once, as JSON, raw, repeated and ten at a time', async () => {
    const spec: StatusSpec = { code: '207', reasons: [{ code: 'TX_TVA_ERR', label: 'Taux erroné', action: 'NIN' }] };
    const first = await manager.api('POST', '/einvoice-statuses', { xml: statusXml(spec) });
    expect(first.status).toBe(200);
    expect(first.json<EinvoiceFileAnswer>()).toMatchObject({
      kind: 'status',
      results: [{ outcome: 'applied', state: 'dispute' }],
    });
    const again = await Promise.all(Array.from({ length: 10 }, () => raw(manager, statusXml(spec))));
    expect(again.map((one) => one.json<{ results: EinvoiceResult[] }>().results[0]?.outcome)).toEqual(
      Array(10).fill('known'),
    );
    const found = (await disputesOf()).filter(({ items }) => items.some(({ number }) => number === 'F-2026-001'));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({
      reason: 'vat',
      department: 'accounting',
      source: 'einvoice',
      disputedCents: 120_000,
      detail: 'Taux erroné',
    });
  });
  it('a key used again answers the same, and with another body is refused', async () => {
    const key = { 'idempotency-key': 'status-1' };
    const spec: StatusSpec = { code: '203', invoice: 'F-2026-005' };
    const [one, two] = [await raw(manager, statusXml(spec), key), await raw(manager, statusXml(spec), key)];
    expect(two.text).toBe(one.text);
    expect((await raw(manager, statusXml({ ...spec, code: '204' }), key)).status).toBe(422);
  });
  it('approval proposes to close; an older word that comes late moves nothing back', async () => {
    await told({ code: '207', invoice: 'F-2026-002', stated: '20260901100000', reasons: [{ code: 'PU_ERR' }] });
    await told({ code: '205', invoice: 'F-2026-002', stated: '20260903100000' });
    expect((await told({ code: '203', invoice: 'F-2026-002', stated: '20260831100000' })).outcome).toBe('late');
    expect((await itemOf('F-2026-002')).einvoice?.state).toBe('approved');
    const dispute = (await disputesOf()).find(({ items }) => items[0]?.number === 'F-2026-002');
    expect(dispute).toMatchObject({ state: 'open', closureProposed: true });
  });
  it('an announcement settles nothing, and an unknown code is kept', async () => {
    await told({ code: '211', invoice: 'F-2026-003', amounts: [{ type: 'MPA', value: '1200.00', day: '20260930' }] });
    expect((await told({ code: '777', invoice: 'F-2026-003', stated: '20260912000000' })).outcome).toBe('information');
    expect(await itemOf('F-2026-003')).toMatchObject({
      openCents: 120_000,
      einvoice: { state: 'payment_announced', announcedCents: 120_000, announcedDay: '2026-09-30' },
    });
  });
  it('one message speaks of many documents', async () => {
    const more = [
      { code: '204', invoice: 'F-2026-005' },
      { code: '204', invoice: 'F-2026-999' },
    ];
    const answer = await raw(
      manager,
      statusXml({ code: '204', invoice: 'F-2026-004', more, stated: '20260913000000' }),
    );
    expect(answer.json<{ results: EinvoiceResult[] }>().results.map(({ outcome }) => outcome)).toEqual([
      'applied',
      'applied',
      'unmatched',
    ]);
  });
  it('what waits for its invoice is listed, and applied when its PDF comes', async () => {
    const spec: StatusSpec = {
      code: '206',
      invoice: 'F-2026-050',
      reasons: [{ code: 'QTE_ERR', action: 'CNP' }],
      amounts: [{ type: 'MNATTC', value: '300' }],
    };
    expect((await told(spec)).outcome).toBe('unmatched');
    const waiting = (await manager.api('GET', '/einvoice-statuses?view=unmatched')).json<EinvoiceStatusPage>();
    expect(waiting.statuses.map(({ invoiceNumber }) => invoiceNumber)).toContain('F-2026-050');
    const pdf = pdfWith([{ name: 'factur-x.xml', text: ciiXml({ number: 'F-2026-050', buyer: LAKE }) }]);
    const answer = (await file(manager, pdf, 'F-2026-050.pdf')).json<EinvoiceFileAnswer>();
    expect(answer).toMatchObject({ kind: 'invoice', result: { outcome: 'created', accountId: lakeId, statuses: 1 } });
    const dispute = (await disputesOf()).find(({ items }) => items[0]?.number === 'F-2026-050');
    expect(dispute).toMatchObject({ reason: 'quantity', disputedCents: 30_000 });
    const item = await itemOf('F-2026-050');
    const kept = (await manager.api('GET', `/items/${item.id}/attachments`)).json<{
      attachments: { id: string; name: string; type: string }[];
    }>();
    expect(kept.attachments).toMatchObject([{ name: 'F-2026-050.pdf', type: 'application/pdf' }]);
    const bytes = await manager.request('GET', `/api/v1/attachments/${kept.attachments[0]?.id}`);
    expect(bytes.text.startsWith('%PDF-')).toBe(true);
    expect((await stranger.request('GET', `/api/v1/attachments/${kept.attachments[0]?.id}`)).status).toBe(404);
    expect((await file(manager, pdf, 'F-2026-050.pdf')).json<EinvoiceFileAnswer>()).toMatchObject({
      result: { outcome: 'known' },
    });
  });
});

describe('[EIN-15] rights', () => {
  it('is for managers, administrators and ADV', async () => {
    for (const who of [collector, await server.as('sales@example.com')])
      for (const answer of [
        await raw(who, statusXml({ code: '203' })),
        await file(who, ciiXml()),
        await who.api('POST', '/einvoice-statuses', { xml: '<a/>' }),
      ])
        expect([answer.status, answer.json().code]).toEqual([403, 'forbidden']);
    const nobody = server.browser();
    expect((await raw(nobody, statusXml({ code: '203' }))).status).toBe(401);
    expect((await file(nobody, ciiXml())).status).toBe(401);
  });
  it('does not reach into another workspace', async () => {
    expect((await told({ code: '210', invoice: 'F-2026-006', reasons: [{ code: 'DOUBLON' }] }, stranger)).outcome).toBe(
      'unmatched',
    );
    expect((await itemOf('F-2026-006')).einvoice).toBeNull();
    const seen = (await manager.api('GET', '/einvoice-statuses?view=everything&limit=200')).json<EinvoiceStatusPage>();
    expect(seen.statuses.map(({ invoiceNumber }) => invoiceNumber)).not.toContain('F-2026-006');
  });
  it('names to ADV only what lies within its reach', async () => {
    const spec = { invoice: 'G-1', buyer: { siren: '443061841' } };
    expect(await told({ ...spec, code: '203', stated: '20260901000000' }, adv)).toMatchObject({
      outcome: 'applied',
      accountId: null,
      itemId: null,
    });
    const reasons = [{ code: 'JUSTIF_ABS' }];
    const asked = await told({ ...spec, code: '208', stated: '20260902000000', reasons }, adv);
    expect(asked).toMatchObject({ outcome: 'applied', accountId: farId });
    expect(asked.taskId).not.toBeNull();
  });
  it('shows a collector the statuses of their own accounts only', async () => {
    const page = (await collector.api('GET', '/einvoice-statuses')).json<EinvoiceStatusPage>();
    expect(page).toMatchObject({ statuses: [], unmatched: null });
    const all = (await manager.api('GET', '/einvoice-statuses?view=contests')).json<EinvoiceStatusPage>();
    expect(all.statuses.length).toBeGreaterThan(0);
    expect(all.statuses.every(({ state }) => state === 'dispute' || state === 'refused')).toBe(true);
    expect((await (await server.as('sales@example.com')).api('GET', '/einvoice-statuses')).status).toBe(403);
  });
});

describe('[EIN-16] matched by hand', () => {
  it('finds, previews and joins a waiting status once, and sets another aside', async () => {
    const spec: StatusSpec = {
      code: '207',
      invoice: 'F2026-3',
      stated: '20260914090000',
      reasons: [{ code: 'PU_ERR' }],
    };
    const { id, outcome } = await told(spec);
    expect(outcome).toBe('unmatched');
    const found = (
      await manager.api('GET', `/einvoice-statuses/${id}/candidates?search=F-2026-003`)
    ).json<EinvoiceCandidates>();
    expect(found.candidates).toMatchObject([{ number: 'F-2026-003', accountId: lakeId, doubts: ['number'] }]);
    const itemId = found.candidates[0]?.itemId ?? '';
    const preview = await manager.api('GET', `/einvoice-statuses/${id}/candidates/${itemId}`);
    expect(preview.json<EinvoicePreview>()).toMatchObject({
      outcome: 'applied',
      dispute: { effect: 'opened', reason: 'price', disputedCents: 120_000 },
      task: { kind: 'answer_dispute' },
    });
    const holding = async () => (await disputesOf()).filter(({ items }) => items[0]?.number === 'F-2026-003');
    expect(await holding()).toEqual([]);
    const join = () =>
      manager.api('POST', `/einvoice-statuses/${id}/match`, { itemId }, { 'idempotency-key': 'join-1' });
    const [one, two] = [await join(), await join()];
    expect([one.status, two.text]).toEqual([200, one.text]);
    expect((await manager.api('POST', `/einvoice-statuses/${id}/match`, { itemId })).json()).toMatchObject({
      outcome: 'known',
    });
    expect(await holding()).toHaveLength(1);
    const other = (await itemOf('F-2026-004')).id;
    const late = await manager.api('POST', `/einvoice-statuses/${id}/match`, { itemId: other });
    expect([late.status, late.json().code]).toEqual([409, 'einvoice_matched']);
    expect((await manager.api('POST', `/einvoice-statuses/${id}/set-aside`, { reason: 'x' })).status).toBe(409);

    const lost = await told({ code: '203', invoice: 'ELSEWHERE' });
    expect((await manager.api('POST', `/einvoice-statuses/${lost.id}/set-aside`, { reason: ' ' })).status).toBe(400);
    expect(
      (await manager.api('POST', `/einvoice-statuses/${lost.id}/set-aside`, { reason: 'Not ours' })).json(),
    ).toMatchObject({ outcome: 'set_aside' });
    const aside = (await manager.api('GET', '/einvoice-statuses?view=set_aside')).json<EinvoiceStatusPage>();
    expect(aside.statuses).toMatchObject([{ id: lost.id, judged: { reason: 'Not ours' } }]);
    for (const [who, status] of [
      [collector, 403],
      [stranger, 404],
    ] as const)
      for (const path of ['candidates', `candidates/${itemId}`])
        expect((await who.api('GET', `/einvoice-statuses/${lost.id}/${path}`)).status).toBe(status);
  });
});

it('offers no example outside of the demonstration', async () => {
  expect((await manager.api('GET', '/einvoice-statuses/example')).status).toBe(404);
});

describe('[EIN-15] the account moves', () => {
  const moves = async (ownerId: string | null): Promise<void> => {
    const answer = await manager.api('POST', `/cases/${moveId}/reassign`, { ownerId });
    expect([answer.status, answer.text.slice(0, 200)]).toEqual([200, expect.anything()]);
  };
  const seenBy = async (who: Browser): Promise<string[]> => {
    const { items } = (await manager.api('GET', `/accounts/${moveId}/items?limit=10`)).json<{ items: Item[] }>();
    const lists = [`/einvoice-statuses?itemId=${items[0]?.id}`, '/einvoice-statuses?limit=200'];
    const pages = await Promise.all(
      lists.map(async (path) => (await who.api('GET', path)).json<EinvoiceStatusPage>().statuses),
    );
    const own = pages.map((rows) => rows.filter((row) => row.invoiceNumber === 'M-1').length > 0);
    expect(own[0]).toBe(own[1]);
    return own[0] === true ? ['M-1'] : [];
  };
  it('whoever gains it sees its statuses, whoever loses it does not any more, nor by the message sent again', async () => {
    const other = await server.as('other@example.com');
    await moves(collectorId);
    const spec = { code: '208', invoice: 'M-1', buyer: { siren: '351475314' }, reasons: [{ code: 'JUSTIF_ABS' }] };
    const asked = await told(spec, adv);
    expect(asked).toMatchObject({ outcome: 'applied', accountId: moveId });
    expect([await seenBy(collector), await seenBy(other), await seenBy(adv)]).toEqual([['M-1'], [], ['M-1']]);
    await moves(otherId);
    expect([await seenBy(collector), await seenBy(other)]).toEqual([[], ['M-1']]);
    // ADV reached the account by the task that the status made.
    expect((await adv.api('POST', `/tasks/${asked.taskId}/done`, { answer: null })).status).toBe(200);
    expect(await seenBy(adv)).toEqual([]);
    expect(await told(spec, adv)).toMatchObject({ outcome: 'known', accountId: null, itemId: null, taskId: null });
    expect(await told(spec)).toMatchObject({ outcome: 'known', accountId: moveId, taskId: asked.taskId });
  });
});

describe('[EIN-14] what cannot be read is refused with its reason, fast, and the server goes on', () => {
  const bomb = `<!DOCTYPE a [<!ENTITY a "xxxxxxxxxx">${Array.from({ length: 30 }, (_, n) => `<!ENTITY b${n} "&a;&a;&a;&a;">`).join('')}]><a>&b29;</a>`;
  const cases: [string, string | Uint8Array, string][] = [
    ['entities', bomb, 'xml_doctype'],
    ['an outside entity', '<!DOCTYPE a SYSTEM "http://127.0.0.1:1/x"><a/>', 'xml_doctype'],
    ['depth', '<a>'.repeat(500_000), 'xml_too_deep'],
    ['breadth', `<a>${'<b/>'.repeat(1_000_000)}</a>`, 'xml_too_complex'],
    ['half', statusXml({ code: '207' }).slice(0, 700), 'xml_broken'],
    ['no XML', 'Bonjour', 'file_kind'],
    ['nothing of ours', '<html/>', 'xml_unknown'],
    ['no amount', ciiXml({ total: 'x' }), 'amount_unreadable'],
    ['a PDF of nothing', '%PDF-1.7 nothing', 'pdf_broken'],
  ];
  it.each(cases)('%s', async (_name, body, rule) => {
    const begun = performance.now();
    const answer = await file(manager, body);
    expect([answer.status, answer.json()]).toMatchObject([422, { code: 'einvoice_unreadable', details: { rule } }]);
    expect(performance.now() - begun).toBeLessThan(3_000);
    expect((await manager.api('GET', '/me')).status).toBe(200);
  });
  it('an invoice is no status, and more than 20 MB is too much', async () => {
    expect((await raw(manager, ciiXml())).json()).toMatchObject({
      code: 'einvoice_unreadable',
      details: { rule: 'not_a_status' },
    });
    expect((await file(manager, new Uint8Array(20 * 1_024 * 1_024 + 1))).status).toBe(413);
    expect((await manager.api('POST', '/einvoice-statuses', { xml: 7 })).status).toBe(400);
    expect((await manager.api('POST', '/einvoice-statuses', { xml: bomb })).json()).toMatchObject({
      details: { rule: 'xml_doctype' },
    });
  });
  it('says the encoding of a message by its declaration', async () => {
    const latin = Buffer.from(
      statusXml({
        code: '207',
        invoice: 'F-2026-004',
        stated: '20260914000000',
        reasons: [{ code: 'AUTRE', label: 'Été' }],
      }).replace('UTF-8', 'ISO-8859-1'),
      'latin1',
    );
    expect((await raw(manager, new Uint8Array(latin))).status).toBe(200);
    const dispute = (await disputesOf()).find(({ items }) => items[0]?.number === 'F-2026-004');
    expect(dispute?.detail).toBe('Été');
  });
});
