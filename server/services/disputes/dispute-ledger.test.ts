import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Dispute } from '#lib/domain/dispute/dispute.ts';
import { parseAmount } from '#lib/domain/money/money.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Cents, Id } from '#lib/domain/values.ts';
import { stageImport } from '#server/import/stage-import.ts';
import { proposalList } from '#server/queries/proposal-list.ts';
import { disputeProposals, disputes } from '#server/store/kinds/disputes.ts';
import { balances, items, tasks } from '#server/store/kinds/workspace.ts';
import type { WorkspaceStore } from '#server/store/port.ts';
import { buildApp, type TestApp } from '../../../test/support/app.ts';
import { actorFor, buildMember, buildWorkspace } from '../../../test/support/factories.ts';
import { stopBackground } from '../background.ts';
import { NO_META } from '../command.ts';
import { applyImport } from '../imports/apply-import.ts';
import { importsIdle } from '../imports/import-work.ts';
import { assignDispute } from './assign-dispute.ts';
import { closeDispute } from './close-dispute.ts';
import { confirmProposal, dismissProposal } from './judge-proposal.ts';
import { openDispute } from './open-dispute.ts';
import { qualifyDispute } from './qualify-dispute.ts';
import { resolveDispute } from './resolve-dispute.ts';

interface Golden {
  cases: { id: string; input: Record<string, unknown>; expected: Record<string, unknown> }[];
}
const GOLDEN = JSON.parse(
  readFileSync(new URL('../../../test/fixtures/golden/dispute_workflow.json', import.meta.url), 'utf8'),
) as Golden;
const parseCents = (text: unknown): Cents => parseAmount(String(text), '.')?.cents ?? NaN;
const golden = (id: string): { input: Record<string, unknown>; expected: Record<string, unknown> } => {
  const found = GOLDEN.cases.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no golden case ${id}`);
  return found;
};

const HEADER = 'customerID,invoiceNumber,Type,InvoiceDate,DueDate,InvoiceAmount,OpenAmount,SettledDate\r\n';

let app: TestApp;
let store: WorkspaceStore;
let max: Actor;
let ana: Actor;

beforeEach(async () => {
  app = await buildApp({ today: '2026-06-10' });
  const workspace = await buildWorkspace(app);
  max = actorFor(await buildMember(app, workspace, { role: 'manager' }));
  ana = actorFor(await buildMember(app, workspace, { name: 'Ana' }));
  store = app.store.workspace(workspace.id);
});
afterEach(async () => {
  await stopBackground(app);
  await app.close();
});

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

/** Brings a ledger of that day in. */
async function bring(asOf: string, lines: readonly string[]): Promise<void> {
  app.clock.advance(60_000);
  app.clock.setToday(asOf);
  const run = await stageImport(
    app,
    max,
    { kind: 'ledger', asOf, fileName: 'ledger.csv', mapping: null },
    bytesOf(HEADER + lines.map((line) => `${line}\r\n`).join('')),
    NO_META,
    { waitMs: 60_000 },
  );
  await applyImport(app, max, { id: run.id, excludeRefused: false, confirmOlder: false }, NO_META);
  await importsIdle(app);
}

const invoice = (amount: string, open: string): string => `C1,F100,Invoice,2026-05-01,2026-06-01,${amount},${open},`;

async function itemId(number: string): Promise<Id> {
  for await (const item of store.docs(items).each({})) if (item.number === number) return item.id;
  throw new Error(`no item ${number}`);
}

/** Open, disputed, awaiting and collectable of the one invoice, and what the account's balance says of it. */
async function amounts(): Promise<Record<string, Cents>> {
  const item = await store.docs(items).get(await itemId('F100'));
  if (item === null) throw new Error('no item');
  const { openCents, disputedCents, awaitingCents } = item;
  const { docs } = await store.docs(balances).find({ accountId: item.accountId }, { limit: 10 });
  expect(docs[0]?.disputedCents).toBe(disputedCents + awaitingCents);
  return {
    open: openCents,
    disputed: disputedCents,
    awaiting: awaitingCents,
    collectable: openCents - disputedCents - awaitingCents,
  };
}

async function opened(cents: Cents): Promise<Id> {
  const account = await store.docs(items).get(await itemId('F100'));
  const asked = [{ itemId: await itemId('F100'), cents }];
  const rest = { reason: 'quality' as const, detail: null, department: null, memberId: null };
  const { id } = await openDispute(app, ana, { accountId: account?.accountId ?? '', items: asked, ...rest }, NO_META);
  await qualifyDispute(app, ana, { id, reason: 'quality', department: null, memberId: null }, NO_META);
  await assignDispute(app, ana, { id, department: 'quality', memberId: null, ask: 'Accepter ?' }, NO_META);
  return id;
}
const disputeOf = (id: Id): Promise<Dispute | null> => store.docs(disputes).get(id);

describe('[DIS-8] [DIS-9] golden amounts, from commands and ledgers', () => {
  it('amounts: an agreed credit note waits until the ledger brings it', async () => {
    const { input, expected } = golden('amounts');
    const resolution = input.resolution as Record<string, string>;
    const step = (name: string): Record<string, Cents> => {
      const wanted = expected[name] as Record<string, string>;
      return {
        open: parseCents(wanted.open),
        disputed: parseCents(wanted.disputed),
        awaiting: parseCents(wanted.awaitingCreditNote ?? '0.00'),
        collectable: parseCents(wanted.collectable),
      };
    };
    await bring('2026-06-10', [invoice('10000.00', '10000.00')]);
    const id = await opened(parseCents(input.disputed));
    expect(await amounts()).toEqual(step('duringDispute'));
    const parts = {
      creditNoteCents: parseCents(resolution.creditNoteAgreed),
      rejectedCents: parseCents(resolution.rejected),
      paidCents: 0,
      replacementCents: 0,
      writeOffCents: 0,
      withdrawnCents: 0,
    };
    await resolveDispute(app, ana, { id, parts, rootCause: 'carrier', answer: 'Avoir partiel.' }, NO_META);
    expect(await amounts()).toEqual(step('afterResolution'));
    // The accounts allocate it to the invoice at once: less is open, and a credit note stands settled beside it.
    await bring('2026-06-20', [
      invoice('10000.00', '8200.00'),
      'C1,A1,Credit note,2026-06-15,2026-06-15,-1800.00,0.00,2026-06-15',
    ]);
    expect(await amounts()).toEqual(step('afterCreditNote'));
    await closeDispute(app, ana, { id, reason: null }, NO_META);
    expect(await disputeOf(id)).toMatchObject({ state: 'closed' });
    expect(await store.docs(tasks).count({ disputeId: id, state: 'open' })).toBe(0);
  });

  it('amounts-payment-below-undisputed: money takes the undisputed part first', async () => {
    const { input, expected } = golden('amounts-payment-below-undisputed');
    await bring('2026-06-10', [invoice(String(input.invoiceOpen), String(input.invoiceOpen))]);
    const id = await opened(parseCents(input.disputed));
    const left = (parseCents(input.invoiceOpen) - parseCents(input.payment)) / 100;
    await bring('2026-06-20', [invoice(String(input.invoiceOpen), left.toFixed(2))]);
    expect(await amounts()).toEqual({
      open: parseCents(expected.openAfter),
      disputed: parseCents(expected.disputedAfter),
      awaiting: 0,
      collectable: parseCents(expected.collectable),
    });
    expect(await disputeOf(id)).toMatchObject({ state: 'assigned' });
    await bring('2026-06-25', [`C1,F100,Invoice,2026-05-01,2026-06-01,${String(input.invoiceOpen)},0.00,2026-06-24`]);
    expect(await disputeOf(id)).toMatchObject({
      state: 'resolved',
      resolution: { paidCents: parseCents(input.disputed) },
    });
    await closeDispute(app, ana, { id, reason: null }, NO_META);
  });
});

describe('[DIS-12] what a payment pattern lets suppose', () => {
  const paid = (number: string, due: string, on = '2026-06-05'): string =>
    `C1,${number},Invoice,2026-04-01,${due},100.00,0.00,${on}`;
  const skipped = [
    'C1,F100,Invoice,2026-04-01,2026-05-01,500.00,500.00,',
    paid('F101', '2026-05-10'),
    paid('F102', '2026-05-12', '2026-06-08'),
    'C1,F103,Invoice,2026-04-01,2026-05-20,1000.00,30.00,',
    paid('F104', '2026-05-14'),
  ];
  const waiting = async () => (await proposalList(app, ana, { limit: 50, after: null })).proposals;

  it('becomes a dispute when somebody confirms it, once', async () => {
    await bring('2026-06-10', skipped);
    const found = (await waiting()).find((one) => one.itemNumber === 'F103');
    expect(found).toMatchObject({ kind: 'short_payment', cents: 3_000 });
    const id = found?.id ?? '';
    const answers = await Promise.allSettled(
      [1, 2, 3].map(() => confirmProposal(app, ana, { id, reason: 'short_payment' }, NO_META)),
    );
    expect(answers.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
    const proposal = await store.docs(disputeProposals).get(id);
    expect(proposal).toMatchObject({ state: 'confirmed' });
    expect(await disputeOf(proposal?.disputeId ?? '')).toMatchObject({
      source: 'proposal',
      reason: 'short_payment',
      department: 'credit',
      disputedCents: 3_000,
    });
    expect(await store.docs(disputes).count({ source: 'proposal' })).toBe(1);
    expect((await waiting()).map((one) => one.itemNumber)).not.toContain('F103');
  });

  it('does not come again once dismissed', async () => {
    await bring('2026-06-10', skipped);
    const found = (await waiting()).find((one) => one.itemNumber === 'F100');
    expect(found).toMatchObject({ kind: 'skipped_invoice', cents: 50_000 });
    const id = found?.id ?? '';
    await dismissProposal(app, ana, { id, reason: 'Réglé par traite' }, NO_META);
    await expect(confirmProposal(app, ana, { id, reason: 'other' }, NO_META)).rejects.toMatchObject({
      code: 'conflict',
    });
    await bring('2026-06-12', skipped);
    expect((await waiting()).map((one) => one.itemNumber)).not.toContain('F100');
    const narrow = { ...ana, rights: [] };
    expect((await proposalList(app, narrow, { limit: 50, after: null })).proposals).toEqual([]);
    await expect(dismissProposal(app, narrow, { id, reason: null }, NO_META)).rejects.toMatchObject({
      code: 'not_found',
    });
  });
});
