import * as v from 'valibot';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { accountStream, memberStream } from '#lib/protocol/streams.ts';
import { disputes, threadMarks } from '#server/store/kinds/disputes.ts';
import { cases, items, tasks } from '#server/store/kinds/workspace.ts';
import { actorFor, buildAccount, buildMember } from '../../../test/support/factories.ts';
import { NO_META } from '../command.ts';
import { claimCase } from '../cases/claim-case.ts';
import { reassignCase } from '../cases/reassign-case.ts';
import { acceptTask } from '../tasks/accept-task.ts';
import { completeTask } from '../tasks/complete-task.ts';
import { declineTask } from '../tasks/decline-task.ts';
import { answerDispute } from './answer-dispute.ts';
import { assignDispute } from './assign-dispute.ts';
import { changeDispute } from './change-dispute.ts';
import { closeDispute } from './close-dispute.ts';
import { workingDaysBetween } from '#lib/domain/calendar/working-days.ts';
import { escalateLate } from './escalate-late.ts';
import { openDispute } from './open-dispute.ts';
import { resumeDispute } from './resume-dispute.ts';
import { waitDispute } from './wait-dispute.ts';
import { createTaskInput, type CreateTaskInput } from '#lib/protocol/commands/account.ts';
import { createTask } from '../tasks/create-task.ts';
import { buildDisputeWorld, TODAY, type DisputeWorld } from '../../../test/support/dispute-world.ts';

const accountElsewhere = () => buildAccount(app, workspace);

let world: DisputeWorld;
let app: DisputeWorld['app'];
let workspace: DisputeWorld['workspace'];
let ana: DisputeWorld['ana'];
let max: DisputeWorld['max'];
let qi: DisputeWorld['qi'];
let leo: DisputeWorld['leo'];
let accountId: DisputeWorld['accountId'];
let itemIds: DisputeWorld['itemIds'];
let store: DisputeWorld['store'];
let disputeOf: DisputeWorld['disputeOf'];
let opening: DisputeWorld['opening'];
let eventNames: DisputeWorld['eventNames'];
let toldTo: DisputeWorld['toldTo'];
let balance: DisputeWorld['balance'];
let item: DisputeWorld['item'];
let accessOfAccount: DisputeWorld['accessOfAccount'];
let assigned: DisputeWorld['assigned'];

beforeEach(async () => {
  world = await buildDisputeWorld();
  ({
    app,
    workspace,
    ana,
    max,
    qi,
    leo,
    accountId,
    itemIds,
    store,
    disputeOf,
    opening,
    eventNames,
    toldTo,
    balance,
    item,
    accessOfAccount,
    assigned,
  } = world);
});
afterEach(() => world.end());

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

describe('[TSK-12] asking another department for something', () => {
  const task = (given: Partial<CreateTaskInput> = {}): CreateTaskInput => ({
    accountId,
    kind: 'check_delivery',
    text: 'Bon de livraison signé ?',
    dueDay: null,
    memberId: null,
    department: 'quality',
    itemIds: [],
    ...given,
  });

  it('leaves the dispute with whoever has it, lets them see it, and carries its amount', async () => {
    const id = await assigned();
    const before = await disputeOf(id);
    const asked = await createTask(app, ana, task({ disputeId: id }), NO_META);
    expect(await disputeOf(id)).toMatchObject({ department: before.department, state: 'assigned' });
    expect((await disputeOf(id)).access).toContain('dept:quality');
    expect(await store().docs(tasks).get(asked.id)).toMatchObject({
      disputeId: id,
      blockedCents: before.disputedCents,
      itemIds: before.items.map(({ itemId }) => itemId),
    });
    expect(await toldTo(qi)).toContain('task.created');
    await completeTask(app, qi, { id: asked.id, answer: 'Signé le 3' }, NO_META);
    expect(await toldTo(ana)).toContain('task.done');
    expect((await disputeOf(id)).access).not.toContain('dept:quality');
  });

  it('is refused for a closed one, another account’s, and the question of the claim itself', async () => {
    const { id } = await openDispute(app, ana, opening(), NO_META);
    await expect(
      createTask(app, ana, task({ disputeId: id, accountId: (await accountElsewhere()).id }), NO_META),
    ).rejects.toMatchObject({ code: 'validation_failed' });
    await closeDispute(app, ana, { id, reason: 'Doublon' }, NO_META);
    await expect(createTask(app, ana, task({ disputeId: id }), NO_META)).rejects.toMatchObject({
      code: 'dispute_state',
    });
    expect(v.safeParse(createTaskInput, { ...task(), kind: 'answer_dispute' }).success).toBe(false);
    expect(v.safeParse(createTaskInput, task()).success).toBe(true);
  });
});

describe('what is late', () => {
  it('[DIS-4] a dispute that waits is taken up again on the day that was set, with the days that were left', async () => {
    const id = await assigned();
    const { dueDay, department } = await disputeOf(id);
    await waitDispute(app, ana, { id, until: '2026-03-30', reason: null }, NO_META);
    app.clock.setToday('2026-03-27');
    expect(await escalateLate(app, workspace.id)).toBe(0);
    app.clock.setToday('2026-03-30');
    expect(await escalateLate(app, workspace.id)).toBe(1);
    expect(await escalateLate(app, workspace.id)).toBe(0);
    const resumed = await disputeOf(id);
    expect(resumed).toMatchObject({ state: 'assigned', waitingUntil: null, stoppedOn: null, department });
    expect(workingDaysBetween('2026-03-30', resumed.dueDay)).toBe(workingDaysBetween(TODAY, dueDay));
    expect((await toldTo(ana)).at(-1)).toBe('dispute.resumed');
    expect((await toldTo(leo)).at(-1)).toBe('dispute.resumed');
    expect(await toldTo(max)).toEqual([]);
    const [question] = (
      await store()
        .docs(tasks)
        .find({ disputeId: id, state: 'open' }, { sort: ['dueDay'] })
    ).docs;
    expect(question).toMatchObject({ kind: 'answer_dispute', dueDay: resumed.dueDay, escalatedOn: null });
    expect((await eventNames()).at(-1)).toBe('dispute.resumed');
  });

  it('[DIS-11] [TSK-10] is told to the manager once', async () => {
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
  });
});
