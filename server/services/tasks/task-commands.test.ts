import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor, Member } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import type { Workspace } from '#lib/domain/workspace/workspace.ts';
import type { CreateTaskInput } from '#lib/protocol/commands/account.ts';
import { accountStream, memberStream } from '#lib/protocol/streams.ts';
import { accounts, balances, cases, items, tasks } from '#server/store/kinds/workspace.ts';
import { actorOf } from '#server/auth/actor.ts';
import { notificationList } from '#server/queries/notifications.ts';
import { buildApp, type TestApp } from '../../../test/support/app.ts';
import { actorFor, buildAccount, buildMember, buildWorkspace } from '../../../test/support/factories.ts';
import { startDay } from '../cases/start-day.ts';
import { NO_META } from '../command.ts';
import { acceptTask } from './accept-task.ts';
import { completeTask } from './complete-task.ts';
import { createTask } from './create-task.ts';
import { declineTask } from './decline-task.ts';
import { returnTask } from './return-task.ts';

let app: TestApp;
let workspace: Workspace;
let ana: Actor;
let sam: Actor;
let qi: Actor;
let accountId: Id;

beforeEach(async () => {
  app = await buildApp();
  workspace = await buildWorkspace(app);
  ana = actorFor(await buildMember(app, workspace, { name: 'Ana' }));
  sam = actorFor(await buildMember(app, workspace, { role: 'sales', departments: ['sales'], scope: 'portfolio' }));
  qi = actorFor(await buildMember(app, workspace, { role: 'quality', departments: ['quality'], scope: 'department' }));
  const spec = {
    openItems: [
      { cents: 30_000, dueDay: '2026-06-01' },
      { cents: 20_000, dueDay: '2026-07-01', currency: 'USD' },
    ],
  };
  accountId = (await buildAccount(app, workspace, spec)).id;
});
afterEach(() => app.close());

const store = () => app.store.workspace(workspace.id);
const ask = (given: Partial<CreateTaskInput> = {}): CreateTaskInput => ({
  accountId,
  kind: 'send_document',
  text: 'Bon de livraison signé',
  dueDay: '2026-03-20',
  memberId: null,
  department: 'quality',
  itemIds: [],
  ...given,
});
const accessOfAccount = async () => (await store().docs(accounts).get(accountId))?.access;

describe('[TSK-11] a request for a missing document', () => {
  const chased = async (): Promise<unknown> => {
    const [balance] = (await store().docs(balances).find({ accountId, currency: 'EUR' })).docs;
    return [balance?.openCents, balance?.overdueCents, balance?.contestedCents];
  };
  const invoice = async () => {
    const open = (
      await store()
        .docs(items)
        .find({ accountId, state: 'open' }, { sort: ['dueDay'] })
    ).docs;
    return open.find((one) => one.currency === 'EUR');
  };
  const pausing = async (given: Partial<CreateTaskInput> = {}) =>
    createTask(app, ana, ask({ itemIds: [(await invoice())?.id ?? ''], ...given }), NO_META);

  beforeEach(async () => {
    app.clock.setToday('2026-07-15');
    await startDay(app, workspace.id);
  });

  it('pauses the items it names until its day, two working days on, whatever the bank holidays', async () => {
    expect(await chased()).toEqual([30_000, 30_000, 0]);
    app.clock.setToday('2026-07-13');
    await pausing({ dueDay: null });
    expect((await invoice())?.pausedUntil).toBe('2026-07-16');
    expect(await chased()).toEqual([30_000, 30_000, 30_000]);
    app.clock.setToday('2026-07-15');
    await startDay(app, workspace.id);
    expect(await chased()).toEqual([30_000, 30_000, 30_000]);
    app.clock.setToday('2026-07-16');
    await startDay(app, workspace.id);
    expect(await invoice()).not.toHaveProperty('pausedUntil');
    expect(await chased()).toEqual([30_000, 30_000, 0]);
  });

  it('ends the pause as soon as it is answered', async () => {
    const task = await pausing({ dueDay: '2026-07-20' });
    expect(await chased()).toEqual([30_000, 30_000, 30_000]);
    await completeTask(app, qi, { id: task.id, answer: 'Envoyé' }, NO_META);
    expect(await invoice()).not.toHaveProperty('pausedUntil');
    expect(await chased()).toEqual([30_000, 30_000, 0]);
  });

  it('is the only task that pauses anything', async () => {
    await pausing({ kind: 'question', dueDay: '2026-07-20' });
    expect(await chased()).toEqual([30_000, 30_000, 0]);
  });
});

describe('createTask', () => {
  it('[OWN-3] asks whoever stands for somebody away, by chains too, and says for whom', async () => {
    const chain: Partial<Member> = { role: 'sales', departments: ['sales'], scope: 'portfolio' };
    const away = (substituteId: Id) => ({ from: '2026-03-10', until: '2026-03-30', substituteId });
    const third = await buildMember(app, workspace, chain);
    const second = await buildMember(app, workspace, { ...chain, absence: away(third.id) });
    const first = await buildMember(app, workspace, { ...chain, name: 'Zoé', absence: away(second.id) });
    const task = await createTask(app, ana, ask({ memberId: first.id, department: null }), NO_META);
    const toldOf = async (id: Id) => (await store().journal.read(memberStream(id), 0, 10)).map(({ data }) => data);
    expect(await toldOf(third.id)).toMatchObject([{ kind: 'task.created', taskId: task.id, insteadOf: first.id }]);
    expect(await toldOf(second.id)).toEqual([]);
    expect(await toldOf(first.id)).toMatchObject([{ kind: 'task.created', taskId: task.id }]);
    const page = await notificationList(app, await actorOf(app, third, { credentialId: '', allowedActions: null }), {
      unread: true,
      limit: 10,
      after: null,
    });
    expect(page.notifications).toMatchObject([{ kind: 'task.created', forName: 'Zoé', task: { id: task.id } }]);
  });

  it('[TSK-4] tells everybody of the department', async () => {
    const task = await createTask(app, ana, ask(), NO_META);
    const [notice] = await store().journal.read(memberStream(qi.memberId), 0, 10);
    expect(notice).toMatchObject({ name: 'notice.posted', data: { kind: 'task.created', taskId: task.id } });
    expect(await store().journal.read(memberStream(sam.memberId), 0, 10)).toEqual([]);
  });

  it('lets the department see the account as long as the task is open', async () => {
    await expect(completeTask(app, qi, { id: 'unknown', answer: null }, NO_META)).rejects.toMatchObject({
      code: 'not_found',
    });
    const task = await createTask(app, ana, ask(), NO_META);
    expect(await accessOfAccount()).toContain('dept:quality');
    const stored = await store().docs(tasks).get(task.id);
    expect(stored?.access).toEqual(['dept:quality', 'owner:none']);
    await completeTask(app, qi, { id: task.id, answer: 'Envoyé' }, NO_META);
    expect(await accessOfAccount()).toEqual(['owner:none']);
  });

  it('tells the member who is asked, and keeps the words erasable', async () => {
    const task = await createTask(app, ana, ask({ memberId: sam.memberId, department: null }), NO_META);
    const [notice] = await store().journal.read(memberStream(sam.memberId), 0, 10);
    expect(notice).toMatchObject({ name: 'notice.posted', data: { kind: 'task.created', taskId: task.id } });
    const created = (await store().journal.read(accountStream(accountId), 0, 10)).at(-1);
    expect(created).toMatchObject({
      name: 'task.created',
      data: { task: { id: task.id, kind: 'send_document', memberId: sam.memberId, state: 'open' } },
      personal: { records: { tasks: [{ id: task.id, text: 'Bon de livraison signé' }] } },
    });
    expect(JSON.stringify(created?.data)).not.toContain('livraison signé');
  });

  it('sums what waits for it, of one currency and of this account', async () => {
    const all = (
      await store()
        .docs(items)
        .find({ accountId }, { sort: ['state', 'dueDay'] })
    ).docs;
    const euros = all.filter((one) => one.currency === 'EUR').map((one) => one.id);
    const task = await createTask(app, ana, ask({ itemIds: euros }), NO_META);
    expect(await store().docs(tasks).get(task.id)).toMatchObject({ blockedCents: 30_000, currency: 'EUR' });
    for (const [itemIds, reason] of [
      [all.map((one) => one.id), 'currencies'],
      [['elsewhere'], 'unknown'],
    ] as const)
      await expect(createTask(app, ana, ask({ itemIds: [...itemIds] }), NO_META)).rejects.toMatchObject({
        details: { issues: [{ path: 'itemIds', reason }] },
      });
  });

  it('is refused for an unknown member and a day gone by', async () => {
    await expect(createTask(app, ana, ask({ memberId: 'nobody', department: null }), NO_META)).rejects.toMatchObject({
      details: { issues: [{ path: 'memberId', reason: 'unknown' }] },
    });
    await expect(createTask(app, ana, ask({ dueDay: '2026-03-15' }), NO_META)).rejects.toMatchObject({
      details: { issues: [{ path: 'dueDay', reason: 'day_in_past' }] },
    });
  });

  it('opens the case on its day', async () => {
    await createTask(app, ana, ask(), NO_META);
    expect((await store().docs(cases).get(accountId))?.state).toBe('idle');
    app.clock.setToday('2026-03-20');
    await startDay(app, workspace.id);
    expect(await store().docs(cases).get(accountId)).toMatchObject({ state: 'open', reasons: ['task_due'] });
  });
});

describe('closing a task', () => {
  it('is for whoever was asked, their substitute, who asked, and a manager; once', async () => {
    const other = actorFor(await buildMember(app, workspace));
    const task = await createTask(app, ana, ask({ memberId: sam.memberId, department: null }), NO_META);
    await expect(completeTask(app, other, { id: task.id, answer: null }, NO_META)).rejects.toMatchObject({
      code: 'forbidden',
    });
    const answer = await declineTask(app, sam, { id: task.id, reason: 'Déjà envoyé' }, NO_META);
    expect(answer).toMatchObject({ state: 'declined', version: 2, accountId });
    expect(await store().docs(tasks).get(task.id)).toMatchObject({ answer: 'Déjà envoyé', closedBy: sam.memberId });
    await expect(completeTask(app, ana, { id: task.id, answer: null }, NO_META)).rejects.toMatchObject({
      code: 'task_closed',
    });
    const second = await createTask(app, ana, ask({ memberId: sam.memberId, department: null }), NO_META);
    const substitute: Actor = { ...other, owners: [other.memberId, sam.memberId] };
    expect((await completeTask(app, substitute, { id: second.id, answer: null }, NO_META)).state).toBe('done');
  });

  it('answers a stranger as if there were none', async () => {
    const task = await createTask(app, ana, ask({ memberId: sam.memberId, department: null }), NO_META);
    await expect(completeTask(app, qi, { id: task.id, answer: null }, NO_META)).rejects.toMatchObject({
      code: 'not_found',
    });
  });
});

describe('taking on and giving back', () => {
  const kindsFor = async (actor: Actor): Promise<unknown[]> =>
    (await store().journal.read(memberStream(actor.memberId), 0, 20)).map((event) => event.data.kind);

  it('[TSK-7] is said to whoever asked; a colleague hears who has it', async () => {
    const task = await createTask(app, ana, ask(), NO_META);
    const other = actorFor(
      await buildMember(app, workspace, { role: 'quality', departments: ['quality'], scope: 'department' }),
    );
    const taken = await acceptTask(app, qi, { id: task.id }, NO_META);
    expect(await store().docs(tasks).get(task.id)).toMatchObject({ acceptedBy: qi.memberId, state: 'open' });
    expect(await acceptTask(app, qi, { id: task.id }, NO_META)).toEqual(taken);
    await expect(acceptTask(app, other, { id: task.id }, NO_META)).rejects.toMatchObject({
      code: 'conflict',
      details: { rule: 'TSK-7', holderId: qi.memberId, holderName: qi.name },
    });
    await completeTask(app, other, { id: task.id, answer: 'Envoyé' }, NO_META);
    expect(await kindsFor(ana)).toEqual(['task.accepted', 'task.done']);
    expect(await kindsFor(qi)).toEqual(['task.created', 'task.done']);
  });

  it('[TSK-6] goes back to whoever asked, with the reason, and out of the department’s sight', async () => {
    const task = await createTask(app, ana, ask(), NO_META);
    await returnTask(app, qi, { id: task.id, reason: 'Voir la logistique' }, NO_META);
    expect(await store().docs(tasks).get(task.id)).toMatchObject({ state: 'returned', answer: 'Voir la logistique' });
    expect(await kindsFor(ana)).toEqual(['task.returned']);
    expect(await accessOfAccount()).toEqual(['owner:none']);
    await expect(acceptTask(app, qi, { id: task.id }, NO_META)).rejects.toMatchObject({ code: 'not_found' });
    await expect(acceptTask(app, ana, { id: task.id }, NO_META)).rejects.toMatchObject({ code: 'task_closed' });
    const event = (await store().journal.read(accountStream(accountId), 0, 20)).at(-1);
    expect(event?.name).toBe('task.returned');
    expect(JSON.stringify(event?.data)).not.toContain('logistique');
  });

  it('[TSK-9] is due in five working days when nobody says until when', async () => {
    const task = await createTask(app, ana, ask({ kind: 'question', dueDay: null }), NO_META);
    expect(await store().docs(tasks).get(task.id)).toMatchObject({ dueDay: '2026-03-23' });
  });
});
