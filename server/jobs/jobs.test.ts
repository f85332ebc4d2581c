import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import type { Workspace } from '#lib/domain/workspace/workspace.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import { addContact } from '#server/services/accounts/add-contact.ts';
import { recordContact } from '#server/services/accounts/record-contact.ts';
import { finishCase } from '#server/services/cases/finish-case.ts';
import { startDay } from '#server/services/cases/start-day.ts';
import { NO_META } from '#server/services/command.ts';
import { purgeIdempotency } from '#server/services/purge.ts';
import { newId } from '#server/store/id.ts';
import { members, workspaces } from '#server/store/kinds/installation.ts';
import {
  balances,
  cases,
  idempotency,
  jobLeases,
  movements,
  promises,
  queueRows,
} from '#server/store/kinds/workspace.ts';
import { buildApp, type TestApp } from '../../test/support/app.ts';
import { actorFor, buildAccount, buildMember, buildWorkspace } from '../../test/support/factories.ts';
import { bringToDay, startJobs } from './jobs.ts';

let app: TestApp;
let workspace: Workspace;
let ana: Actor;

beforeEach(async () => {
  app = await buildApp();
  workspace = await buildWorkspace(app);
  ana = actorFor(await buildMember(app, workspace, { name: 'Ana' }));
});
afterEach(() => app.close());

const store = () => app.store.workspace(workspace.id);
const row = (id: Id) => store().docs(queueRows).get(id);
const names = async (id: Id) => (await store().journal.read(accountStream(id), 0, 100)).map((event) => event.name);
const applyLedger = (ledgerAsOf: string) =>
  app.store.installation.transaction(async (tx) => {
    const found = await tx.docs(workspaces).get(workspace.id);
    if (found !== null) await tx.docs(workspaces).replace({ ...found, ledgerAsOf });
  });
const promise = (id: Id, cents: number, dueDay: string) =>
  recordContact(
    app,
    ana,
    {
      id,
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

describe('startDay', () => {
  it('opens the case of an account that falls due, and touches no row that stands still', async () => {
    const due = await buildAccount(app, workspace, { openItems: [{ cents: 50_000, dueDay: '2026-03-16' }] });
    const far = await buildAccount(app, workspace, { openItems: [{ cents: 50_000, dueDay: '2026-09-01' }] });
    const before = await row(far.id);
    expect((await row(due.id))?.state).toBe('idle');
    app.clock.setToday('2026-03-17');
    expect(await startDay(app, workspace.id)).toBe(1);
    expect(await row(due.id)).toMatchObject({ state: 'open', reasons: ['overdue'], computedFor: '2026-03-17' });
    expect((await store().docs(balances).find({ accountId: due.id })).docs[0]).toMatchObject({ overdueCents: 50_000 });
    expect(await names(due.id)).toEqual(['account.created', 'case.opened']);
    expect(await row(far.id)).toEqual(before);
    expect(await startDay(app, workspace.id)).toBe(0);
  });

  it('brings a case back on the day of its next action', async () => {
    const account = await buildAccount(app, workspace, { openItems: [{ cents: 50_000, dueDay: '2026-02-01' }] });
    await finishCase(app, ana, { id: account.id, nextAction: 'call', nextActionOn: '2026-03-18' }, NO_META);
    app.clock.setToday('2026-03-17');
    await startDay(app, workspace.id);
    expect((await row(account.id))?.state).toBe('parked');
    app.clock.setToday('2026-03-18');
    await startDay(app, workspace.id);
    expect(await row(account.id)).toMatchObject({ state: 'open', reasons: ['overdue', 'next_action_due'] });
  });

  it('goes back when the day does', async () => {
    const account = await buildAccount(app, workspace, { openItems: [{ cents: 50_000, dueDay: '2026-03-16' }] });
    app.clock.setToday('2026-03-20');
    await startDay(app, workspace.id);
    expect((await row(account.id))?.state).toBe('open');
    app.clock.setToday('2026-03-10');
    await startDay(app, workspace.id);
    expect(await row(account.id)).toMatchObject({ state: 'idle', computedFor: '2026-03-10', overdueCents: 0 });
  });

  it('breaks a promise that the ledger does not show paid, and not before the ledger knows', async () => {
    const account = await buildAccount(app, workspace, { openItems: [{ cents: 50_000, dueDay: '2026-02-01' }] });
    const { promiseId } = await promise(account.id, 50_000, '2026-03-20');
    app.clock.setToday('2026-03-24');
    await applyLedger('2026-03-20');
    await startDay(app, workspace.id);
    expect(
      (
        await store()
          .docs(promises)
          .get(promiseId ?? '')
      )?.state,
    ).toBe('open');
    await applyLedger('2026-03-24');
    await startDay(app, workspace.id);
    expect(
      await store()
        .docs(promises)
        .get(promiseId ?? ''),
    ).toMatchObject({
      state: 'broken',
      judgedOn: '2026-03-24',
    });
    expect(await store().docs(cases).get(account.id)).toMatchObject({
      state: 'open',
      reasons: ['overdue', 'promise_broken'],
    });
    expect(await names(account.id)).toContain('promise.settled');
  });

  it('keeps a promise that was paid', async () => {
    const account = await buildAccount(app, workspace, { openItems: [{ cents: 50_000, dueDay: '2026-02-01' }] });
    const { promiseId } = await promise(account.id, 50_000, '2026-03-20');
    await store().transaction((tx) =>
      tx.docs(movements).insert({
        id: newId(),
        version: 1,
        itemId: 'i1',
        accountId: account.id,
        currency: 'EUR',
        dueDay: '2026-02-01',
        day: '2026-03-19',
        cents: -50_000,
        kind: 'settled',
        itemKind: 'invoice',
        source: 'test',
      }),
    );
    app.clock.setToday('2026-03-24');
    await applyLedger('2026-03-24');
    await startDay(app, workspace.id);
    expect(
      await store()
        .docs(promises)
        .get(promiseId ?? ''),
    ).toMatchObject({ state: 'kept', keptCents: 50_000 });
  });
});

describe('startJobs', () => {
  it('begins the day at once, remembers it, and stops', async () => {
    const account = await buildAccount(app, workspace, { openItems: [{ cents: 50_000, dueDay: '2026-03-16' }] });
    app.clock.setToday('2026-03-17');
    const jobs = startJobs(app);
    await expect
      .poll(async () => (await store().docs(jobLeases).get('day'))?.last, { timeout: 10_000, interval: 5 })
      .toBe('2026-03-17 none');
    expect((await row(account.id))?.state).toBe('open');
    await jobs.stop();
  });

  it('judges again when a newer ledger has been applied on the same day', async () => {
    const account = await buildAccount(app, workspace, { openItems: [{ cents: 50_000, dueDay: '2026-02-01' }] });
    const { promiseId } = await promise(account.id, 50_000, '2026-03-17');
    app.clock.setToday('2026-03-24');
    await bringToDay(app, workspace.id, () => false);
    expect(
      (
        await store()
          .docs(promises)
          .get(promiseId ?? '')
      )?.state,
    ).toBe('open');
    await applyLedger('2026-03-23');
    await bringToDay(app, workspace.id, () => false);
    expect(
      (
        await store()
          .docs(promises)
          .get(promiseId ?? '')
      )?.state,
    ).toBe('broken');
  });
});

describe('an absence', () => {
  it('ends after its last day, and not on it', async () => {
    const away = await buildMember(app, workspace, {
      absence: { from: '2026-03-10', until: '2026-03-17', substituteId: ana.memberId },
    });
    const absence = async () => (await app.store.installation.docs(members).get(away.id))?.absence;
    app.clock.setToday('2026-03-17');
    await bringToDay(app, workspace.id, () => false);
    expect(await absence()).not.toBeNull();
    app.clock.setToday('2026-03-18');
    await bringToDay(app, workspace.id, () => false);
    expect(await absence()).toBeNull();
  });
});

describe('purgeIdempotency', () => {
  it('forgets keys after thirty days and not before', async () => {
    const account = await buildAccount(app, workspace);
    const input = { id: account.id, name: 'Zoé', role: null, email: null, phone: null };
    await addContact(app, ana, input, { idempotencyKey: 'k', expectedVersion: null });
    app.clock.advance(30 * 86_400_000 - 1_000);
    expect(await purgeIdempotency(app, workspace.id)).toBe(0);
    app.clock.advance(2_000);
    expect(await purgeIdempotency(app, workspace.id)).toBe(1);
    expect(await store().docs(idempotency).count({})).toBe(0);
  });
});
