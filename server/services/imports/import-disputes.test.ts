import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Dispute, DisputeProposal } from '#lib/domain/dispute/dispute.ts';
import type { Item } from '#lib/domain/item/item.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Day, Id } from '#lib/domain/values.ts';
import { memberStream } from '#lib/protocol/streams.ts';
import { stageImport } from '#server/import/stage-import.ts';
import { disputeProposals, disputes } from '#server/store/kinds/disputes.ts';
import { accounts, balances, items, tasks } from '#server/store/kinds/workspace.ts';
import type { Docs, Kind, Versioned, WorkspaceStore } from '#server/store/port.ts';
import { buildApp, type TestApp } from '../../../test/support/app.ts';
import { NO_PARTS } from '../../../test/support/dispute-cases.ts';
import { actorFor, buildMember, buildWorkspace } from '../../../test/support/factories.ts';
import { Follower } from '../../../test/support/replay.ts';
import { recordContact } from '../accounts/record-contact.ts';
import { stopBackground } from '../background.ts';
import { NO_META } from '../command.ts';
import { assignDispute } from '../disputes/assign-dispute.ts';
import { closeDispute } from '../disputes/close-dispute.ts';
import { escalateLate } from '../disputes/escalate-late.ts';
import { confirmProposal, dismissProposal } from '../disputes/judge-proposal.ts';
import { openDispute } from '../disputes/open-dispute.ts';
import { qualifyDispute } from '../disputes/qualify-dispute.ts';
import { resolveDispute } from '../disputes/resolve-dispute.ts';
import { applyImport } from './apply-import.ts';
import { importsIdle } from './import-work.ts';

const HEADER = 'Compte;Nom;Type;Pièce;Date;Échéance;Montant;Solde;Date de règlement;Litige';

let app: TestApp;
let ana: Actor;
let max: Actor;
let logistician: Actor;
let store: WorkspaceStore;

beforeEach(async () => {
  app = await buildApp({ today: '2026-11-20' });
  const workspace = await buildWorkspace(app);
  const person = async (given: Parameters<typeof buildMember>[2]): Promise<Actor> =>
    actorFor(await buildMember(app, workspace, given));
  ana = await person({});
  max = await person({ role: 'manager' });
  logistician = await person({ role: 'logistics', departments: ['logistics'], scope: 'department' });
  store = app.store.workspace(workspace.id);
});
afterEach(async () => {
  await stopBackground(app);
  await app.close();
});

interface Row {
  number: string;
  cents: number;
  open?: number;
  due?: Day;
  issued?: Day;
  settled?: Day | '';
  disputed?: boolean;
  kind?: string;
}
const amount = (cents: number): string => (cents / 100).toFixed(2).replace('.', ',');
const line = ({
  number,
  cents,
  open,
  due = '2026-10-01',
  issued = '2026-09-01',
  settled = '',
  disputed,
  kind,
}: Row): string =>
  `C1;Société Vaulnac;${kind ?? 'Facture'};${number};${issued};${due};${amount(cents)};${open === undefined ? '' : amount(open)};${settled};${disputed === true ? 'oui' : 'non'}`;

/** Brings in a ledger of one account, as of the day or today. */
async function bring(rows: Row[], asOf: Day = app.clock.today('Europe/Paris')): Promise<void> {
  const text = [HEADER, ...rows.map(line), ''].join('\r\n');
  const run = await stageImport(
    app,
    max,
    { kind: 'ledger', asOf, fileName: 'x.csv', mapping: null },
    (async function* () {
      yield await Promise.resolve(Buffer.from(text));
    })(),
    NO_META,
    { waitMs: 30_000 },
  );
  expect(run.report.refused).toEqual([]);
  await applyImport(app, max, { id: run.id, excludeRefused: false, confirmOlder: false }, NO_META);
  await importsIdle(app);
}

async function all<T extends Versioned>(kind: Kind<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of (store.docs(kind) as Docs<T>).each({})) found.push(one);
  return found;
}
const only = async (): Promise<Dispute> => {
  const [found, more] = await all(disputes);
  if (found === undefined || more !== undefined) throw new Error('not one dispute');
  return found;
};
const item = async (number: string): Promise<Item> => {
  const found = (await all(items)).find((one) => one.number === number);
  if (found === undefined) throw new Error(`no item ${number}`);
  return found;
};
const accountId = async (): Promise<Id> => (await all(accounts))[0]?.id ?? '';
const balance = async () => (await all(balances))[0];
const proposals = async (): Promise<Pick<DisputeProposal, 'kind' | 'state' | 'itemNumber' | 'cents'>[]> =>
  (await all(disputeProposals)).map(({ kind, state, itemNumber, cents }) => ({ kind, state, itemNumber, cents }));
/** What a client that followed the account's stream holds equals what is stored (C2). */
const replays = async (): Promise<Set<string>> => {
  const follower = new Follower(store, await accountId());
  await follower.expectSame(app.clock.today('Europe/Paris'));
  return follower.names;
};
const toldTo = async (actor: Actor): Promise<unknown[]> =>
  (await store.journal.read(memberStream(actor.memberId), 0, 100)).map((event) => event.data.kind);

/** Opened on part of an invoice and given to logistics, which is asked. */
async function disputed(number: string, cents: number): Promise<Id> {
  const { id } = await openDispute(
    app,
    ana,
    {
      accountId: await accountId(),
      items: [{ itemId: (await item(number)).id, cents }],
      reason: 'quantity',
      detail: null,
      department: null,
      memberId: null,
    },
    NO_META,
  );
  await qualifyDispute(app, ana, { id, reason: 'quantity', department: null, memberId: null }, NO_META);
  await assignDispute(app, ana, { id, department: 'logistics', memberId: null, ask: 'Preuve de livraison ?' }, NO_META);
  return id;
}
/** Somebody called, and was promised a sum. */
async function promised(cents: number, dueDay: Day): Promise<void> {
  await recordContact(
    app,
    ana,
    {
      id: await accountId(),
      channel: 'call',
      direction: 'made',
      outcome: 'promise',
      contactId: null,
      text: null,
      promise: { cents, currency: 'EUR', dueDay },
      nextAction: null,
      nextActionOn: null,
    },
    NO_META,
  );
}
const resolve = (id: Id, parts: Partial<typeof NO_PARTS>, answer: string | null = null) =>
  resolveDispute(app, ana, { id, parts: { ...NO_PARTS, ...parts }, rootCause: 'carrier', answer }, NO_META);

describe('what the ledger says is contested', () => {
  it('[DIS-10] opens a dispute on all that is open, once, and stays out of collection', async () => {
    await bring([
      { number: 'F1', cents: 100_000, disputed: true },
      { number: 'F2', cents: 40_000 },
    ]);
    expect(await only()).toMatchObject({
      number: 1,
      state: 'open',
      source: 'ledger',
      reason: 'other',
      department: 'credit',
      disputedCents: 100_000,
      openedBy: max.memberId,
      dueDay: '2026-11-24',
    });
    expect(await item('F1')).toMatchObject({ flagTaken: true, disputedCents: 100_000 });
    expect(await balance()).toMatchObject({ overdueCents: 140_000, contestedCents: 100_000, disputedItems: 1 });
    expect((await all(accounts))[0]?.access).toContain('dept:credit');
    const before = JSON.stringify([await all(disputes), await all(items)]);
    await bring([
      { number: 'F1', cents: 100_000, disputed: true },
      { number: 'F2', cents: 40_000 },
    ]);
    expect(JSON.stringify([await all(disputes), await all(items)])).toBe(before);
    expect(await replays()).toContain('dispute.opened');
  });

  it('[DIS-10] what was decided holds though the ledger goes on saying so', async () => {
    await bring([{ number: 'F1', cents: 100_000, disputed: true }]);
    const { id } = await only();
    await qualifyDispute(app, ana, { id, reason: 'quality', department: null, memberId: null }, NO_META);
    await resolve(id, { rejectedCents: 100_000 }, 'Votre réclamation n’est pas fondée.');
    expect(await balance()).toMatchObject({ overdueCents: 100_000, contestedCents: 0 });
    await closeDispute(app, ana, { id, reason: null }, NO_META);
    app.clock.setToday('2026-11-25');
    await bring([{ number: 'F1', cents: 100_000, open: 90_000, disputed: true }]);
    expect(await only()).toMatchObject({ state: 'closed' });
    expect(await balance()).toMatchObject({ overdueCents: 90_000, contestedCents: 0 });
    await bring([{ number: 'F1', cents: 100_000, open: 90_000 }]);
    await bring([{ number: 'F1', cents: 100_000, open: 90_000, disputed: true }]);
    expect((await all(disputes)).map(({ state, disputedCents }) => [state, disputedCents])).toEqual([
      ['closed', 0],
      ['open', 90_000],
    ]);
    await replays();
  });

  it('[DIS-10] taken back, it is withdrawn while nobody has worked on it, else a person is asked', async () => {
    await bring([
      { number: 'F1', cents: 100_000, disputed: true },
      { number: 'F2', cents: 50_000, disputed: true },
    ]);
    const second = (await all(disputes)).find((one) => one.items[0]?.number === 'F2');
    await qualifyDispute(
      app,
      ana,
      { id: second?.id ?? '', reason: 'price', department: null, memberId: null },
      NO_META,
    );
    await bring([
      { number: 'F1', cents: 100_000 },
      { number: 'F2', cents: 50_000 },
    ]);
    expect(
      (await all(disputes)).map(({ state, closureProposed, disputedCents }) => [state, closureProposed, disputedCents]),
    ).toEqual([
      ['resolved', false, 0],
      ['qualified', true, 50_000],
    ]);
    expect(await balance()).toMatchObject({ overdueCents: 150_000, contestedCents: 50_000 });
    const names = await replays();
    expect([...names]).toEqual(expect.arrayContaining(['dispute.resolved', 'dispute.closure_proposed']));
  });
});

describe('what the ledger brings', () => {
  it('[DIS-8] money below the undisputed part leaves the dispute; the whole of it resolves it and ends its question', async () => {
    await bring([{ number: 'F1', cents: 100_000 }]);
    const id = await disputed('F1', 30_000);
    await bring([{ number: 'F1', cents: 100_000, open: 30_000 }], '2026-11-21');
    expect(await item('F1')).toMatchObject({ openCents: 30_000, disputedCents: 30_000 });
    expect((await only()).state).toBe('assigned');
    await bring([{ number: 'F1', cents: 100_000, open: 10_000 }], '2026-11-22');
    expect(await only()).toMatchObject({ state: 'assigned', disputedCents: 10_000 });
    await bring([{ number: 'F1', cents: 100_000, open: 0, settled: '2026-11-23' }], '2026-11-23');
    expect(await only()).toMatchObject({ id, state: 'resolved', resolution: { paidCents: 10_000, by: max.memberId } });
    expect((await all(tasks)).map(({ state }) => state)).toEqual(['done']);
    expect((await all(accounts))[0]?.access).toContain('dept:logistics');
    await closeDispute(app, ana, { id, reason: null }, NO_META);
    expect((await all(accounts))[0]?.access).not.toContain('dept:logistics');
    expect([...(await replays())]).toEqual(
      expect.arrayContaining(['dispute.changed', 'dispute.resolved', 'dispute.closed']),
    );
  });

  it.each<[string, Row[]]>([
    ['as less open on the invoice', [{ number: 'F1', cents: 100_000, open: 82_000 }]],
    [
      'as a credit note of its own',
      [
        { number: 'F1', cents: 100_000 },
        { number: 'A1', cents: -18_000, kind: 'Avoir', issued: '2026-11-21', due: '2026-11-21' },
      ],
    ],
    [
      'as both',
      [
        { number: 'F1', cents: 100_000, open: 82_000 },
        {
          number: 'A1',
          cents: -18_000,
          open: 0,
          kind: 'Avoir',
          issued: '2026-11-21',
          due: '2026-11-21',
          settled: '2026-11-21',
        },
      ],
    ],
  ])('[DIS-9] the agreed credit note, %s: nothing is left to chase but the rest', async (_, rows) => {
    await bring([{ number: 'F1', cents: 100_000 }]);
    const id = await disputed('F1', 24_000);
    await resolve(id, { creditNoteCents: 18_000, rejectedCents: 6_000 }, 'Nous vous accordons 180 euros.');
    expect(await item('F1')).toMatchObject({ openCents: 100_000, disputedCents: 0, awaitingCents: 18_000 });
    expect(await balance()).toMatchObject({ overdueCents: 100_000, contestedCents: 18_000 });
    await expect(closeDispute(app, ana, { id, reason: null }, NO_META)).rejects.toMatchObject({
      details: { rule: 'DIS-9' },
    });
    await bring(rows, '2026-11-22');
    expect(await only()).toMatchObject({ state: 'resolved', awaitingCents: 0 });
    const { overdueCents = 0, contestedCents = 0, creditCents = 0 } = (await balance()) ?? {};
    expect(overdueCents - contestedCents + creditCents).toBe(82_000);
    expect((await all(tasks)).filter(({ state }) => state === 'open')).toEqual([]);
    await closeDispute(app, ana, { id, reason: null }, NO_META);
    expect([...(await replays())]).toContain('dispute.credit_note_received');
  });

  it('[DIS-9] money does not take what waits for a credit note', async () => {
    await bring([{ number: 'F1', cents: 100_000 }]);
    const id = await disputed('F1', 24_000);
    await resolve(id, { creditNoteCents: 24_000 });
    await bring([{ number: 'F1', cents: 100_000, open: 24_000 }], '2026-11-22');
    expect(await item('F1')).toMatchObject({ openCents: 24_000, awaitingCents: 24_000 });
    expect(await balance()).toMatchObject({ overdueCents: 24_000, contestedCents: 24_000 });
  });

  it('[DIS-8] a credit note of exactly the disputed amount resolves it, and whoever settles it is told', async () => {
    await bring([{ number: 'F1', cents: 100_000 }]);
    const id = await disputed('F1', 24_000);
    await assignDispute(app, ana, { id, department: 'logistics', memberId: logistician.memberId, ask: null }, NO_META);
    await bring(
      [
        { number: 'F1', cents: 100_000 },
        { number: 'A1', cents: -24_000, kind: 'Avoir', issued: '2026-11-21', due: '2026-11-21' },
      ],
      '2026-11-22',
    );
    expect(await only()).toMatchObject({
      state: 'resolved',
      resolution: { creditNoteCents: 24_000, paidCents: 0 },
      awaitingCents: 0,
    });
    expect(await toldTo(logistician)).toContain('dispute.resolved');
    await replays();
  });
});

describe('what the ledger lets suppose', () => {
  const SHORT: Row[] = [
    { number: 'F1', cents: 100_000, open: 15_000 },
    { number: 'F2', cents: 100_000, open: 60_000 },
  ];
  const paid = (number: string, due: Day, settled: Day): Row => ({ number, cents: 20_000, due, settled, open: 0 });
  const SKIPPED: Row[] = [
    { number: 'F1', cents: 100_000, due: '2026-10-01' },
    { number: 'F2', cents: 100_000, due: '2026-11-15' },
    paid('F3', '2026-10-10', '2026-10-12'),
    paid('F4', '2026-10-20', '2026-10-22'),
    paid('F5', '2026-11-16', '2026-11-18'),
  ];

  it('[DIS-12] a short payment and a skipped invoice are proposed once; gone when they are paid', async () => {
    await bring(SHORT);
    expect(await proposals()).toEqual([{ kind: 'short_payment', state: 'waiting', itemNumber: 'F1', cents: 15_000 }]);
    await bring(SHORT);
    expect(await proposals()).toHaveLength(1);
    await bring([{ number: 'F1', cents: 100_000, open: 0, settled: '2026-11-20' }], '2026-11-21');
    expect(await proposals()).toEqual([{ kind: 'short_payment', state: 'gone', itemNumber: 'F1', cents: 15_000 }]);
    expect(await replays()).toContain('proposal.made');
  });

  it('[DIS-12] an invoice left out while later ones were paid is proposed; a recent one is not', async () => {
    await bring(SKIPPED.slice(0, -1));
    expect(await proposals()).toEqual([]);
    await bring(SKIPPED);
    expect(await proposals()).toEqual([
      { kind: 'skipped_invoice', state: 'waiting', itemNumber: 'F1', cents: 100_000 },
    ]);
    await bring(SKIPPED.slice(0, 1).map((row) => ({ ...row, disputed: true })));
    expect(await proposals()).toEqual([expect.objectContaining({ state: 'gone' })]);
    await replays();
  });

  it('[DIS-12] dismissed, it does not come again; confirmed, it is a dispute', async () => {
    await bring(SHORT);
    const [first] = await all(disputeProposals);
    await dismissProposal(app, ana, { id: first?.id ?? '', reason: null }, NO_META);
    await bring(
      [
        { number: 'F1', cents: 100_000, open: 14_000 },
        { number: 'F2', cents: 100_000, open: 5_000 },
      ],
      '2026-11-21',
    );
    expect((await proposals()).map(({ state, itemNumber }) => [itemNumber, state])).toEqual([
      ['F1', 'dismissed'],
      ['F2', 'waiting'],
    ]);
    const [, second] = await all(disputeProposals);
    await confirmProposal(app, ana, { id: second?.id ?? '', reason: 'short_payment' }, NO_META);
    await bring([{ number: 'F2', cents: 100_000, open: 4_000 }], '2026-11-22');
    expect((await proposals()).map(({ state }) => state)).toEqual(['dismissed', 'confirmed']);
    expect(await only()).toMatchObject({ source: 'proposal', disputedCents: 4_000 });
    await replays();
  });

  it('[DIS-12] contested by hand it waits no more, at once; a promise explains it until it is broken', async () => {
    await bring(SHORT);
    const mark = await disputed('F1', 1_000);
    expect(await proposals()).toEqual([expect.objectContaining({ itemNumber: 'F1', state: 'gone' })]);
    const [gone] = await all(disputeProposals);
    await expect(
      confirmProposal(app, ana, { id: gone?.id ?? '', reason: 'short_payment' }, NO_META),
    ).rejects.toMatchObject({ code: 'conflict' });
    await resolve(mark, { rejectedCents: 1_000 }, 'Votre réclamation n’est pas fondée.');
    await closeDispute(app, ana, { id: mark, reason: null }, NO_META);
    await bring(SHORT, '2026-11-20');
    expect((await proposals()).map(({ state }) => state)).toEqual(['waiting']);
    app.clock.setToday('2026-11-21');
    await promised(15_000, '2026-11-24');
    await bring(SHORT, '2026-11-22');
    expect((await proposals()).map(({ state }) => state)).toEqual(['gone']);
    app.clock.setToday('2026-12-10');
    await bring(SHORT, '2026-12-10');
    expect((await proposals()).map(({ state }) => state)).toEqual(['waiting']);
    await replays();
  });
});

describe('what is late', () => {
  it('[DIS-11] the managers hear once of a late dispute and of its late task, each deadline anew', async () => {
    await bring([{ number: 'F1', cents: 100_000 }]);
    const id = await disputed('F1', 24_000);
    const { dueDay } = await only();
    app.clock.setToday(dueDay);
    expect(await escalateLate(app, max.workspaceId)).toBe(0);
    app.clock.setToday('2026-12-01');
    expect(await escalateLate(app, max.workspaceId)).toBe(2);
    expect(await escalateLate(app, max.workspaceId)).toBe(0);
    expect(await toldTo(max)).toEqual(expect.arrayContaining(['dispute.late', 'task.escalated']));
    expect(await toldTo(ana)).not.toContain('dispute.late');
    await assignDispute(app, ana, { id, department: 'sales', memberId: null, ask: null }, NO_META);
    expect((await only()).escalatedOn).toBeNull();
    app.clock.setToday('2027-01-15');
    expect(await escalateLate(app, max.workspaceId)).toBe(2);
    expect([...(await replays())]).toEqual(expect.arrayContaining(['dispute.escalated', 'task.escalated']));
  });
});
