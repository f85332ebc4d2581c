import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Dispute } from '#lib/domain/dispute/dispute.ts';
import type { Item } from '#lib/domain/item/item.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import type { Workspace } from '#lib/domain/workspace/workspace.ts';
import type { OpenDisputeInput, ResolveDisputeInput } from '#lib/protocol/commands/dispute.ts';
import { accountStream, memberStream } from '#lib/protocol/streams.ts';
import { disputes, messages, threadMarks } from '#server/store/kinds/disputes.ts';
import { accounts, balances, cases, items, tasks } from '#server/store/kinds/workspace.ts';
import { buildApp, type TestApp } from '../../../test/support/app.ts';
import { actorFor, buildAccount, buildMember, buildWorkspace } from '../../../test/support/factories.ts';
import { Follower } from '../../../test/support/replay.ts';
import { NO_META } from '../command.ts';
import { claimCase } from '../cases/claim-case.ts';
import { reassignCase } from '../cases/reassign-case.ts';
import { acceptTask } from '../tasks/accept-task.ts';
import { completeTask } from '../tasks/complete-task.ts';
import { declineTask } from '../tasks/decline-task.ts';
import { answerDispute } from './answer-dispute.ts';
import { approveResolution } from './approve-resolution.ts';
import { assignDispute } from './assign-dispute.ts';
import { changeDispute } from './change-dispute.ts';
import { closeDispute } from './close-dispute.ts';
import { escalateLate } from './escalate-late.ts';
import { openDispute } from './open-dispute.ts';
import { qualifyDispute } from './qualify-dispute.ts';
import { reopenDispute } from './reopen-dispute.ts';
import { resolveDispute } from './resolve-dispute.ts';
import { resumeDispute } from './resume-dispute.ts';
import { waitDispute } from './wait-dispute.ts';

let app: TestApp;
let workspace: Workspace;
let ana: Actor;
let max: Actor;
let qi: Actor;
let leo: Actor;
let ada: Actor;
let accountId: Id;
let itemIds: Id[];

const TODAY = '2026-03-16';

beforeEach(async () => {
  app = await buildApp({ injectRetry: true, today: TODAY });
  workspace = await buildWorkspace(app);
  const person = async (given: Parameters<typeof buildMember>[2]): Promise<Actor> =>
    actorFor(await buildMember(app, workspace, given));
  ana = await person({ name: 'Ana' });
  max = await person({ name: 'Max', role: 'manager' });
  qi = await person({ name: 'Qi', role: 'quality', departments: ['quality'], scope: 'department' });
  leo = await person({ name: 'Léo', role: 'logistics', departments: ['logistics'], scope: 'department' });
  ada = await person({ name: 'Ada', role: 'adv', departments: ['adv'], scope: 'department' });
  const account = await buildAccount(app, workspace, {
    ownerId: ana.memberId,
    openItems: [
      { cents: 1_000_000, dueDay: '2026-02-01', number: 'F100' },
      { cents: 50_000, dueDay: '2026-02-10', number: 'F101' },
      { cents: 20_000, dueDay: '2026-02-10', number: 'F102', currency: 'USD' },
      { cents: -30_000, dueDay: '2026-02-10', number: 'A1' },
    ],
  });
  accountId = account.id;
  const found = await store()
    .docs(items)
    .find({ accountId, state: 'open' }, { sort: ['dueDay'], limit: 10 });
  itemIds = ['F100', 'F101', 'F102', 'A1'].map((number) => found.docs.find((one) => one.number === number)?.id ?? '');
});
/** Whatever a test did: the account's events alone give the records as they are stored. */
afterEach(async () => {
  await new Follower(store(), accountId).expectSame(app.clock.today('Europe/Paris'));
  await app.close();
});

const store = () => app.store.workspace(workspace.id);
const disputeOf = async (id: Id): Promise<Dispute> => {
  const found = await store().docs(disputes).get(id);
  if (found === null) throw new Error('no dispute');
  return found;
};
const opening = (given: Partial<OpenDisputeInput> = {}): OpenDisputeInput => ({
  accountId,
  items: [{ itemId: itemIds[0] ?? '', cents: 240_000 }],
  reason: 'quantity',
  detail: 'Palette incomplète',
  department: null,
  memberId: null,
  ...given,
});
const NO_PARTS = {
  creditNoteCents: 0,
  rejectedCents: 0,
  paidCents: 0,
  replacementCents: 0,
  writeOffCents: 0,
  withdrawnCents: 0,
};
const ending = (id: Id, parts: Partial<typeof NO_PARTS>, answer: string | null = null): ResolveDisputeInput => ({
  id,
  parts: { ...NO_PARTS, ...parts },
  rootCause: null,
  answer,
});
const eventNames = async (audience: 'internal' | 'customer' = 'internal'): Promise<string[]> =>
  (await store().journal.read(accountStream(accountId, audience), 0, 100)).map((event) => event.name);
const toldTo = async (actor: Actor): Promise<unknown[]> =>
  (await store().journal.read(memberStream(actor.memberId), 0, 100)).map((event) => event.data.kind);
const balance = async (currency = 'EUR') =>
  (await store().docs(balances).find({ accountId }, { limit: 10 })).docs.find((one) => one.currency === currency);
const item = async (index: number): Promise<Item | null> =>
  store()
    .docs(items)
    .get(itemIds[index] ?? '');
const accessOfAccount = async (): Promise<string[]> => (await store().docs(accounts).get(accountId))?.access ?? [];

/** Opened, qualified for logistics and assigned there with a question. */
async function assigned(given: Partial<OpenDisputeInput> = {}): Promise<Id> {
  const { id } = await openDispute(app, ana, opening(given), NO_META);
  await qualifyDispute(app, ana, { id, reason: given.reason ?? 'quantity', department: null, memberId: null }, NO_META);
  const { department } = await disputeOf(id);
  await assignDispute(app, ana, { id, department, memberId: null, ask: 'Accepter ou refuser ?' }, NO_META);
  return id;
}

describe('opening a dispute', () => {
  it('[DIS-7] takes only the contested part out of collection, and numbers it', async () => {
    const first = await openDispute(app, ana, opening(), NO_META);
    expect(first).toMatchObject({ number: 1, state: 'open', version: 1, accountId });
    expect(await item(0)).toMatchObject({ openCents: 1_000_000, disputedCents: 240_000, awaitingCents: 0 });
    expect(await balance()).toMatchObject({ disputedCents: 240_000 });
    const second = await openDispute(
      app,
      ana,
      opening({ items: [{ itemId: itemIds[1] ?? '', cents: null }] }),
      NO_META,
    );
    expect(second.number).toBe(2);
    expect(await disputeOf(second.id)).toMatchObject({ disputedCents: 50_000, department: 'logistics' });
  });

  it('gives its owner department sight of the account as long as it lives', async () => {
    const { id } = await openDispute(app, ana, opening(), NO_META);
    expect(await accessOfAccount()).toContain('dept:logistics');
    expect((await disputeOf(id)).access).toEqual(['dept:logistics', `owner:${ana.memberId}`]);
    await closeDispute(app, ana, { id, reason: 'Ouvert par erreur' }, NO_META);
    expect(await accessOfAccount()).toEqual([`owner:${ana.memberId}`]);
    expect((await disputeOf(id)).access).toContain('dept:logistics');
  });

  it('says so once, with its words where they can be erased', async () => {
    const { id } = await openDispute(app, ana, opening(), NO_META);
    expect(await eventNames()).toEqual(['account.created', 'dispute.opened']);
    const said = (await store().journal.read(accountStream(accountId), 1, 10))[0];
    expect(said).toMatchObject({
      data: { disputeId: id, number: 1, records: { disputes: [{ id, disputedCents: 240_000, detail: null }] } },
      personal: { records: { disputes: [{ id, detail: 'Palette incomplète' }] } },
    });
    expect(JSON.stringify(said?.data)).not.toContain('incomplète');
  });

  it.each([
    ['above what is open', [{ item: 0, cents: 1_000_001 }], 'validation_failed', 'above_open'],
    [
      'an item twice',
      [
        { item: 0, cents: 1 },
        { item: 0, cents: 1 },
      ],
      'validation_failed',
      'item_twice',
    ],
    [
      'two currencies',
      [
        { item: 0, cents: 1 },
        { item: 2, cents: 1 },
      ],
      'validation_failed',
      'currencies',
    ],
    ['a credit note', [{ item: 3, cents: null }], 'validation_failed', 'item_credit'],
    ['an unknown item', [{ item: 9, cents: null }], 'validation_failed', 'item_unknown'],
  ] as const)('[DIS-7] is refused for %s, and nothing of it stays', async (_, asked, code, reason) => {
    const wanted = asked.map(({ item: at, cents }) => ({ itemId: itemIds[at] ?? 'elsewhere', cents }));
    await expect(openDispute(app, ana, opening({ items: wanted }), NO_META)).rejects.toMatchObject({
      code,
      details: { issues: [{ path: 'items', reason }] },
    });
    expect(await store().docs(disputes).count({ accountId })).toBe(0);
    expect((await openDispute(app, ana, opening(), NO_META)).number).toBe(1);
  });

  it('[DIS-7] never takes the same cents twice', async () => {
    await openDispute(app, ana, opening({ items: [{ itemId: itemIds[1] ?? '', cents: null }] }), NO_META);
    await expect(
      openDispute(app, ana, opening({ items: [{ itemId: itemIds[1] ?? '', cents: null }] }), NO_META),
    ).rejects.toMatchObject({ code: 'already_disputed', details: { itemId: itemIds[1] } });
    const many = await Promise.allSettled(
      Array.from({ length: 5 }, () =>
        openDispute(app, ana, opening({ items: [{ itemId: itemIds[0] ?? '', cents: 400_000 }] }), NO_META),
      ),
    );
    expect(many.filter((one) => one.status === 'fulfilled')).toHaveLength(2);
    expect((await item(0))?.disputedCents).toBe(800_000);
  });

  it('[A2] knows no item of another account, and no account out of scope', async () => {
    const other = await buildAccount(app, workspace, { openItems: [{ cents: 5_000, dueDay: '2026-02-01' }] });
    const foreign = (
      await store()
        .docs(items)
        .find({ accountId: other.id }, { sort: ['state'], limit: 1 })
    ).docs[0];
    await expect(
      openDispute(app, ana, opening({ items: [{ itemId: foreign?.id ?? '', cents: null }] }), NO_META),
    ).rejects.toMatchObject({ details: { issues: [{ path: 'items', reason: 'item_unknown' }] } });
    await expect(openDispute(app, qi, opening(), NO_META)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('is refused to whoever only looks, and for somebody who settles nothing', async () => {
    const fin = actorFor(await buildMember(app, workspace, { role: 'finance', departments: [] }));
    await expect(openDispute(app, fin, opening(), NO_META)).rejects.toMatchObject({ code: 'forbidden' });
    for (const [memberId, reason] of [
      [fin.memberId, 'no_access'],
      ['nobody', 'unknown'],
    ] as const)
      await expect(openDispute(app, ana, opening({ memberId }), NO_META)).rejects.toMatchObject({
        details: { issues: [{ path: 'memberId', reason }] },
      });
  });
});

describe('changing a dispute', () => {
  it('[DIS-7] corrects its amounts and keeps its words when they are left out', async () => {
    const { id } = await openDispute(app, ana, opening(), NO_META);
    await changeDispute(app, ana, { id, items: [{ itemId: itemIds[0] ?? '', cents: 100_000 }] }, NO_META);
    expect(await disputeOf(id)).toMatchObject({ disputedCents: 100_000, detail: 'Palette incomplète' });
    expect((await item(0))?.disputedCents).toBe(100_000);
    await changeDispute(app, ana, { id, detail: null }, NO_META);
    expect(await disputeOf(id)).toMatchObject({ disputedCents: 100_000, detail: null });
  });
});

describe('assigning a dispute', () => {
  it('asks the department: a task with the amount that waits, before the day of the answer', async () => {
    const id = await assigned();
    const [task] = (
      await store()
        .docs(tasks)
        .find({ disputeId: id, state: 'open' }, { sort: ['dueDay'] })
    ).docs;
    expect(task).toMatchObject({
      kind: 'answer_dispute',
      department: 'logistics',
      blockedCents: 240_000,
      currency: 'EUR',
      dueDay: '2026-03-23',
    });
    expect(await toldTo(leo)).toEqual(['task.created']);
    expect(await toldTo(qi)).toEqual([]);
    expect((await disputeOf(id)).dueDay).toBe('2026-03-23');
  });

  it('tells whoever had it and whoever gets it; the question goes along, the former department sees nothing more', async () => {
    const id = await assigned();
    await assignDispute(app, ana, { id, department: 'logistics', memberId: leo.memberId, ask: null }, NO_META);
    expect(await toldTo(leo)).toEqual(['task.created', 'dispute.assigned']);
    await assignDispute(app, max, { id, department: 'quality', memberId: qi.memberId, ask: null }, NO_META);
    expect((await store().journal.read(memberStream(leo.memberId), 2, 5))[0]?.data).toMatchObject({
      kind: 'dispute.assigned',
      change: 'lost',
    });
    expect(await toldTo(qi)).toEqual(['dispute.assigned']);
    const open = (
      await store()
        .docs(tasks)
        .find({ disputeId: id, state: 'open' }, { sort: ['dueDay'] })
    ).docs;
    expect(open).toMatchObject([{ memberId: qi.memberId, department: null, acceptedBy: null }]);
    expect((await disputeOf(id)).access).not.toContain('dept:logistics');
    expect(await accessOfAccount()).not.toContain('dept:logistics');
    await expect(
      answerDispute(app, leo, { id, decision: 'accepted', rootCause: 'carrier', text: null }, NO_META),
    ).rejects.toMatchObject({ code: 'not_found' });
  });

  it('given again to the same leaves the question with whoever has taken it on, who follows the dispute', async () => {
    const id = await assigned();
    const [task] = (
      await store()
        .docs(tasks)
        .find({ disputeId: id, state: 'open' }, { sort: ['dueDay'] })
    ).docs;
    await acceptTask(app, leo, { id: task?.id ?? '' }, NO_META);
    await assignDispute(app, ana, { id, department: 'logistics', memberId: null, ask: null }, NO_META);
    expect(
      await store()
        .docs(tasks)
        .get(task?.id ?? ''),
    ).toMatchObject({ state: 'open', acceptedBy: leo.memberId });
    const mark = await store().docs(threadMarks).get(`${leo.memberId}:${id}:internal`);
    expect(mark).toMatchObject({ following: true });
  });

  it('[DIS-1] needs to be qualified first', async () => {
    const { id } = await openDispute(app, ana, opening(), NO_META);
    await expect(
      assignDispute(app, ana, { id, department: 'quality', memberId: null, ask: null }, NO_META),
    ).rejects.toMatchObject({ code: 'dispute_state' });
  });
});

describe('[OWN-6] another owner of the account', () => {
  it('leaves the claim of somebody who sees it through their dispute', async () => {
    const cleo = actorFor(await buildMember(app, workspace, { name: 'Cléo', scope: 'portfolio' }));
    const id = await assigned();
    await assignDispute(app, ana, { id, department: 'credit', memberId: cleo.memberId, ask: null }, NO_META);
    for (const task of (
      await store()
        .docs(tasks)
        .find({ disputeId: id, state: 'open' }, { sort: ['dueDay'] })
    ).docs)
      await declineTask(app, cleo, { id: task.id, reason: 'Déjà vu' }, NO_META);
    await claimCase(app, cleo, { id: accountId }, NO_META);
    await reassignCase(app, max, { id: accountId, ownerId: max.memberId, reason: null }, NO_META);
    expect((await store().docs(cases).get(accountId))?.claimedBy).toBe(cleo.memberId);
    expect((await disputeOf(id)).access).toEqual(
      ['dept:credit', `member:${cleo.memberId}`, `owner:${max.memberId}`].toSorted(),
    );
  });
});

describe('waiting for the customer', () => {
  it('[DIS-4] stops the clock and lets it go on', async () => {
    const id = await assigned();
    await waitDispute(app, ana, { id, until: '2026-03-20', reason: 'Photo demandée' }, NO_META);
    expect(await disputeOf(id)).toMatchObject({ state: 'waiting_customer', dueDay: '9999-12-31', stoppedOn: TODAY });
    app.clock.setToday('2026-03-18');
    await resumeDispute(app, ana, { id }, NO_META);
    expect(await disputeOf(id)).toMatchObject({ state: 'assigned', dueDay: '2026-03-25', stoppedOn: null });
    await expect(resumeDispute(app, ana, { id }, NO_META)).rejects.toMatchObject({ code: 'dispute_state' });
    await expect(waitDispute(app, ana, { id, until: '2026-03-17', reason: null }, NO_META)).rejects.toMatchObject({
      details: { issues: [{ path: 'until', reason: 'day_in_past' }] },
    });
  });
});

describe('answering a dispute', () => {
  it('[DIS-5] is for the owner department, its person, a manager; it answers the question', async () => {
    const id = await assigned();
    const answer = {
      id,
      decision: 'accepted' as const,
      rootCause: 'preparation' as const,
      text: 'Deux cartons manquants',
    };
    await expect(answerDispute(app, ana, answer, NO_META)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(answerDispute(app, qi, answer, NO_META)).rejects.toMatchObject({ code: 'not_found' });
    const [task] = (
      await store()
        .docs(tasks)
        .find({ disputeId: id, state: 'open' }, { sort: ['dueDay'] })
    ).docs;
    await expect(completeTask(app, leo, { id: task?.id ?? '', answer: 'oui' }, NO_META)).rejects.toMatchObject({
      code: 'rule_refused',
      details: { rule: 'TSK-8' },
    });
    await answerDispute(app, leo, answer, NO_META);
    expect(await disputeOf(id)).toMatchObject({
      state: 'assigned',
      rootCause: 'preparation',
      answer: { decision: 'accepted', by: leo.memberId },
    });
    expect(
      await store()
        .docs(tasks)
        .get(task?.id ?? ''),
    ).toMatchObject({ state: 'done', answer: 'Deux cartons manquants' });
    expect(await toldTo(ana)).toContain('dispute.answered');
    const said = (await store().journal.read(accountStream(accountId), 0, 100)).at(-1);
    expect(said).toMatchObject({ name: 'dispute.answered', personal: { text: 'Deux cartons manquants' } });
    expect(JSON.stringify(said?.data)).not.toContain('cartons');
  });

  it('[DIS-5] also for whoever replaces them', async () => {
    const id = await assigned();
    await assignDispute(app, ana, { id, department: 'logistics', memberId: leo.memberId, ask: null }, NO_META);
    const substitute = { ...actorFor(await buildMember(app, workspace, { role: 'logistics', departments: [] })) };
    substitute.owners = [substitute.memberId, leo.memberId];
    await answerDispute(app, substitute, { id, decision: 'refused', rootCause: 'customer_error', text: null }, NO_META);
    expect((await disputeOf(id)).answer).toMatchObject({ decision: 'refused', by: substitute.memberId });
  });
});

describe('resolving a dispute', () => {
  it('[DIS-9] golden amounts: an agreed credit note changes no balance, its part waits out of collection', async () => {
    const id = await assigned();
    const due = async () => {
      const { openCents = 0, disputedCents = 0, awaitingCents = 0 } = (await item(0)) ?? {};
      return { openCents, disputedCents, awaitingCents, collectable: openCents - disputedCents - awaitingCents };
    };
    expect(await due()).toEqual({
      openCents: 1_000_000,
      disputedCents: 240_000,
      awaitingCents: 0,
      collectable: 760_000,
    });
    await resolveDispute(
      app,
      ana,
      ending(id, { creditNoteCents: 180_000, rejectedCents: 60_000 }, 'Un avoir de 1 800 € suit ; le reste est dû.'),
      NO_META,
    );
    expect(await due()).toEqual({
      openCents: 1_000_000,
      disputedCents: 0,
      awaitingCents: 180_000,
      collectable: 820_000,
    });
    expect(await disputeOf(id)).toMatchObject({ state: 'resolved', awaitingCents: 180_000, disputedCents: 0 });
    await expect(closeDispute(app, ana, { id, reason: null }, NO_META)).rejects.toMatchObject({
      code: 'rule_refused',
      details: { rule: 'DIS-9' },
    });
  });

  it('asks ADV for the credit note, accounting where the tax or the sum is wrong', async () => {
    const id = await assigned();
    await resolveDispute(app, ana, ending(id, { creditNoteCents: 240_000 }), NO_META);
    const [task] = (
      await store()
        .docs(tasks)
        .find({ disputeId: id, state: 'open' }, { sort: ['dueDay'] })
    ).docs;
    expect(task).toMatchObject({ kind: 'credit_note', department: 'adv', blockedCents: 240_000 });
    expect(task?.text).toMatch(/2\s400,00\s€.*litige 1, pièces F100/);
    expect(await toldTo(ada)).toEqual(['task.created']);
    const other = await assigned({ reason: 'vat', items: [{ itemId: itemIds[1] ?? '', cents: null }] });
    await resolveDispute(app, ana, ending(other, { creditNoteCents: 50_000 }), NO_META);
    const [second] = (
      await store()
        .docs(tasks)
        .find({ disputeId: other, state: 'open' }, { sort: ['dueDay'] })
    ).docs;
    expect(second).toMatchObject({ kind: 'credit_note', department: 'accounting' });
  });

  it('[DIS-6] rejects only with a written answer to the customer, posted with it', async () => {
    const id = await assigned();
    await expect(resolveDispute(app, ana, ending(id, { rejectedCents: 240_000 }), NO_META)).rejects.toMatchObject({
      details: { issues: [{ path: 'answer', reason: 'answer_required' }] },
    });
    await resolveDispute(app, ana, ending(id, { rejectedCents: 240_000 }, 'La livraison est complète.'), NO_META);
    expect(await eventNames('customer')).toEqual(['message.posted']);
    const [posted] = (
      await store()
        .docs(messages)
        .find({ disputeId: id, audience: 'customer' }, { sort: ['seq'] })
    ).docs;
    expect(posted).toMatchObject({ authorId: ana.memberId, text: 'La livraison est complète.', state: 'posted' });
    expect(await item(0)).toMatchObject({ disputedCents: 0, awaitingCents: 0 });
    await closeDispute(app, ana, { id, reason: null }, NO_META);
    app.clock.advance(1_000);
    await reopenDispute(app, leo, { id, reason: 'Bon de livraison retrouvé' }, NO_META);
    expect(await disputeOf(id)).toMatchObject({ state: 'assigned', disputedCents: 240_000, reopened: 1 });
    await expect(resolveDispute(app, ana, ending(id, { rejectedCents: 240_000 }), NO_META)).rejects.toMatchObject({
      details: { issues: [{ path: 'answer', reason: 'answer_required' }] },
    });
  });

  it('[DIS-6] refuses parts that do not add up, and keeps nothing of the try', async () => {
    const id = await assigned();
    const before = await disputeOf(id);
    for (const cents of [239_999, 240_001])
      await expect(
        resolveDispute(app, ana, ending(id, { creditNoteCents: cents }, 'Bonjour'), NO_META),
      ).rejects.toMatchObject({ details: { issues: [{ path: 'parts', reason: 'parts' }] } });
    expect(await disputeOf(id)).toEqual(before);
    expect(await eventNames('customer')).toEqual([]);
  });

  it('is refused to quality, and the answer to whoever may not write outward', async () => {
    const id = await assigned();
    await expect(
      resolveDispute(app, leo, ending(id, { rejectedCents: 240_000 }, 'Non'), NO_META),
    ).rejects.toMatchObject({ code: 'forbidden' });
    const token = { ...ana, allowedActions: ['dispute.resolve', 'thread.read'] };
    await expect(
      resolveDispute(app, token, ending(id, { rejectedCents: 240_000 }, 'Non'), NO_META),
    ).rejects.toMatchObject({ code: 'forbidden', details: { action: 'thread.write_outward' } });
  });

  it('[DIS-6] from open only money or the customer’s withdrawal settles it', async () => {
    const { id } = await openDispute(app, ana, opening(), NO_META);
    await expect(resolveDispute(app, ana, ending(id, { creditNoteCents: 240_000 }), NO_META)).rejects.toMatchObject({
      code: 'dispute_state',
    });
    await resolveDispute(app, ana, ending(id, { withdrawnCents: 240_000 }), NO_META);
    await closeDispute(app, ana, { id, reason: null }, NO_META);
    expect(await disputeOf(id)).toMatchObject({ state: 'closed', closedOn: TODAY });
  });
});

describe('a second person', () => {
  const big = { items: [{ itemId: '', cents: 900_000 }] };
  beforeEach(() => {
    big.items = [{ itemId: itemIds[0] ?? '', cents: 900_000 }];
  });
  const half = { creditNoteCents: 600_000, rejectedCents: 300_000 };

  it('[DIS-6] is asked above the limit; nothing is settled nor said to the customer until then', async () => {
    const id = await assigned(big);
    await resolveDispute(app, ana, ending(id, half, 'Avoir de 6 000 €.'), NO_META);
    expect(await disputeOf(id)).toMatchObject({
      state: 'assigned',
      disputedCents: 900_000,
      approval: { askedBy: ana.memberId },
    });
    expect(await eventNames('customer')).toEqual([]);
    expect(await toldTo(max)).toContain('dispute.approval_asked');
    const asked = (await store().journal.read(accountStream(accountId), 0, 100)).at(-1);
    expect(asked?.name).toBe('dispute.approval_asked');
    expect(JSON.stringify(asked?.data)).not.toContain('Avoir de');
    await expect(closeDispute(app, ana, { id, reason: 'Fini' }, NO_META)).rejects.toMatchObject({
      code: 'approval_needed',
    });
    await approveResolution(app, max, { id, agree: true, reason: null }, NO_META);
    expect(await disputeOf(id)).toMatchObject({
      state: 'resolved',
      awaitingCents: 600_000,
      resolution: { by: ana.memberId, approvedBy: max.memberId },
      approval: null,
    });
    expect(await eventNames('customer')).toEqual(['message.posted']);
    await expect(approveResolution(app, max, { id, agree: true, reason: null }, NO_META)).rejects.toMatchObject({
      code: 'dispute_state',
    });
  });

  it('[DIS-6] is never the one who asked, and may refuse', async () => {
    const id = await assigned(big);
    await resolveDispute(app, max, ending(id, half, 'Avoir.'), NO_META);
    await expect(approveResolution(app, max, { id, agree: true, reason: null }, NO_META)).rejects.toMatchObject({
      code: 'rule_refused',
      details: { rule: 'DIS-6' },
    });
    await expect(approveResolution(app, ana, { id, agree: true, reason: null }, NO_META)).rejects.toMatchObject({
      code: 'forbidden',
    });
    const fin = actorFor(await buildMember(app, workspace, { role: 'finance', departments: [] }));
    await approveResolution(app, fin, { id, agree: false, reason: 'Trop' }, NO_META);
    expect(await disputeOf(id)).toMatchObject({ state: 'assigned', approval: null, disputedCents: 900_000 });
    expect(await toldTo(max)).toContain('dispute.approval_refused');
    expect(await eventNames('customer')).toEqual([]);
  });

  it('[K6] a dispute is approved or closed, never both, whoever is first', async () => {
    for (let round = 0; round < 10; round += 1) {
      const id = await assigned(big);
      await resolveDispute(app, ana, ending(id, half, 'Avoir.'), NO_META);
      const results = await Promise.allSettled([
        approveResolution(app, max, { id, agree: true, reason: null }, NO_META),
        resolveDispute(app, ana, ending(id, { withdrawnCents: 900_000 }), NO_META).then(() =>
          closeDispute(app, ana, { id, reason: null }, NO_META),
        ),
      ]);
      const [approved, closed] = results.map((one) => one.status === 'fulfilled');
      expect([approved, closed].filter(Boolean)).toHaveLength(1);
      const dispute = await disputeOf(id);
      expect(dispute.state).toBe(approved === true ? 'resolved' : 'closed');
      expect(dispute.awaitingCents).toBe(approved === true ? 600_000 : 0);
      for (const one of results)
        if (one.status === 'rejected') expect((one.reason as { code: string }).code).toMatch(/dispute_state|conflict/);
      const said = (await store().journal.read(accountStream(accountId), 0, 1_000)).filter(
        (event) => event.data.disputeId === id && ['dispute.resolved', 'dispute.closed'].includes(event.name),
      );
      expect(said.map((event) => event.name)).toEqual(
        approved === true ? ['dispute.resolved'] : ['dispute.resolved', 'dispute.closed'],
      );
      if (approved === true) {
        await reopenDispute(app, ana, { id, reason: 'suite' }, NO_META);
        await resolveDispute(app, ana, ending(id, { withdrawnCents: 900_000 }), NO_META);
        await closeDispute(app, ana, { id, reason: null }, NO_META);
      }
    }
  });
});

describe('versions', () => {
  it('[K4] a change on what has changed meanwhile is refused with the current version, whatever it is', async () => {
    const id = await assigned();
    const { version } = await disputeOf(id);
    const stale = { idempotencyKey: null, expectedVersion: version - 1 };
    const refused = { code: 'version_conflict', status: 412, details: { currentVersion: version } };
    const tries = [
      changeDispute(app, ana, { id, items: [{ itemId: itemIds[0] ?? '', cents: 1 }] }, stale),
      qualifyDispute(app, ana, { id, reason: 'price', department: null, memberId: null }, stale),
      assignDispute(app, ana, { id, department: 'quality', memberId: null, ask: null }, stale),
      waitDispute(app, ana, { id, until: '2026-03-20', reason: null }, stale),
      resumeDispute(app, ana, { id }, stale),
      answerDispute(app, leo, { id, decision: 'accepted', rootCause: 'other', text: null }, stale),
      resolveDispute(app, ana, ending(id, { creditNoteCents: 240_000 }), stale),
      approveResolution(app, max, { id, agree: true, reason: null }, stale),
      closeDispute(app, ana, { id, reason: null }, stale),
      reopenDispute(app, ana, { id, reason: 'x' }, stale),
    ];
    for (const one of await Promise.allSettled(tries)) {
      expect(one.status).toBe('rejected');
      if (one.status === 'rejected') expect(one.reason).toMatchObject(refused);
    }
    expect(await disputeOf(id)).toMatchObject({ version });
  });

  it('[K3] opens one dispute for one key, five times at once', async () => {
    const meta = { idempotencyKey: 'open-1', expectedVersion: null };
    const answers = await Promise.all(Array.from({ length: 5 }, () => openDispute(app, ana, opening(), meta)));
    expect(new Set(answers.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(await store().docs(disputes).count({ accountId })).toBe(1);
  });
});

describe('what is late', () => {
  it('[DIS-11] [TSK-10] is told to the manager once, and when the customer is to be looked at again', async () => {
    const id = await assigned();
    expect(await escalateLate(app, workspace.id)).toBe(0);
    app.clock.setToday('2026-03-24');
    expect(await escalateLate(app, workspace.id)).toBe(2);
    expect(await toldTo(max)).toEqual(['dispute.late', 'task.escalated']);
    expect(await toldTo(ana)).toEqual(['dispute.late', 'task.escalated']);
    expect(await eventNames()).toEqual(expect.arrayContaining(['dispute.escalated', 'task.escalated']));
    expect(await disputeOf(id)).toMatchObject({ escalatedOn: '2026-03-24' });
    app.clock.setToday('2026-03-25');
    expect(await escalateLate(app, workspace.id)).toBe(0);
    await waitDispute(app, ana, { id, until: '2026-03-30', reason: null }, NO_META);
    app.clock.setToday('2026-03-27');
    expect(await escalateLate(app, workspace.id)).toBe(0);
    app.clock.setToday('2026-03-30');
    expect(await escalateLate(app, workspace.id)).toBe(1);
    expect(await escalateLate(app, workspace.id)).toBe(0);
    expect((await toldTo(ana)).at(-1)).toBe('dispute.late');
  });
});
