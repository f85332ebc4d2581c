import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import type { Workspace } from '#lib/domain/workspace/workspace.ts';
import { accountStream, memberStream, workspaceStream } from '#lib/protocol/streams.ts';
import { resumeBulk } from '#server/jobs/jobs.ts';
import { accounts, bulkJobs } from '#server/store/kinds/workspace.ts';
import { VersionConflict, type WorkspaceStore } from '#server/store/port.ts';
import { buildApp, type TestApp } from '../../../test/support/app.ts';
import { actorFor, buildAccount, buildMember, buildWorkspace } from '../../../test/support/factories.ts';
import { stopBackground } from '../background.ts';
import { NO_META } from '../command.ts';
import { planBulk, startBulk } from './bulk.ts';
import { reassignCase } from './reassign-case.ts';
import { reassignCases } from './reassign-cases.ts';

let app: TestApp;
let workspace: Workspace;
let ana: Actor;
let bob: Actor;
let max: Actor;

beforeEach(async () => {
  app = await buildApp();
  workspace = await buildWorkspace(app);
  ana = actorFor(await buildMember(app, workspace, { name: 'Ana' }));
  bob = actorFor(await buildMember(app, workspace, { name: 'Bob' }));
  max = actorFor(await buildMember(app, workspace, { name: 'Max', role: 'manager' }));
});
afterEach(async () => {
  await stopBackground(app);
  await app.close();
});

const store = () => app.store.workspace(workspace.id);
const build = async (count: number, ownerId: Id | null): Promise<Id[]> => {
  const ids: Id[] = [];
  for (let n = 0; n < count; n += 1)
    ids.push(
      (await buildAccount(app, workspace, { ownerId, openItems: [{ cents: 10_000, dueDay: '2026-02-01' }] })).id,
    );
  return ids;
};
const owners = async (ids: Id[]) => (await store().docs(accounts).getMany(ids)).map((one) => one.ownerId);
const ask = (ids: Id[], ownerId: Id | null, preview = false) => ({ ids, ownerId, reason: 'Équilibre', preview });
const names = async (stream: string) => (await store().journal.read(stream, 0, 1_000)).map((event) => event.name);
const finished = async (id: Id) => {
  await expect
    .poll(async () => (await store().docs(bulkJobs).get(id))?.state, { timeout: 10_000, interval: 5 })
    .toBe('finished');
  const job = await store().docs(bulkJobs).get(id);
  if (job === null) throw new Error('no job');
  return job;
};

describe('reassignCases', () => {
  it('shows beforehand what changes and what each owner gains and loses, and stores nothing', async () => {
    const [first = '', second = ''] = await build(2, ana.memberId);
    const [already = ''] = await build(1, bob.memberId);
    const preview = await reassignCases(
      app,
      max,
      ask([first, second, already, 'nowhere'], bob.memberId, true),
      NO_META,
    );
    expect(preview).toMatchObject({ state: 'preview', total: 4 });
    expect(preview.lines.map((line) => [line.result, line.code])).toEqual([
      ['would_change', null],
      ['would_change', null],
      ['unchanged', null],
      ['refused', 'not_found'],
    ]);
    expect(preview.byOwner).toEqual([
      { ownerId: ana.memberId, gains: 0, loses: 2, gainsRank: 0, losesRank: 20_000 },
      { ownerId: bob.memberId, gains: 2, loses: 0, gainsRank: 20_000, losesRank: 0 },
    ]);
    expect(await store().docs(bulkJobs).count({})).toBe(0);
    expect(await owners([first])).toEqual([ana.memberId]);
  });

  it('does a small selection before it answers, one event per account, one notice per owner', async () => {
    const ids = await build(3, ana.memberId);
    const done = await reassignCases(app, max, ask(ids, bob.memberId), NO_META);
    expect(done).toMatchObject({ state: 'finished', done: 3, total: 3 });
    expect(done.lines.map((line) => line.result)).toEqual(['changed', 'changed', 'changed']);
    expect(await owners(ids)).toEqual([bob.memberId, bob.memberId, bob.memberId]);
    for (const id of ids) expect(await names(accountStream(id))).toEqual(['account.created', 'account.reassigned']);
    expect(await names(workspaceStream(workspace.id))).toEqual(['bulk.started', 'bulk.finished']);
    const [notice, ...others] = await store().journal.read(memberStream(ana.memberId), 0, 10);
    expect(others).toEqual([]);
    expect(notice?.data).toMatchObject({ kind: 'bulk.finished', loses: 3, gains: 0 });
  });

  it('goes on in the background with a large one, and makes one job of one key', async () => {
    const ids = await build(60, null);
    const meta = { idempotencyKey: 'bulk-1', expectedVersion: null };
    const begun = await reassignCases(app, max, ask(ids, bob.memberId), meta);
    expect(begun.total).toBe(60);
    const job = await finished(begun.id);
    expect(job.lines.every((line) => line.result === 'changed')).toBe(true);
    expect((await reassignCases(app, max, ask(ids, bob.memberId), meta)).id).toBe(begun.id);
    expect(await store().docs(bulkJobs).count({})).toBe(1);
  });

  it('is taken up after a crash where it was left, with every account done once', async () => {
    const ids = await build(45, ana.memberId);
    // The process dies in the middle: the 31st account's transaction and all later ones never come back.
    let transactions = 0;
    const dying = (real: WorkspaceStore): WorkspaceStore => ({
      ...real,
      transaction: (work) => {
        transactions += 1;
        if (transactions > 33) throw new Error('the process has died');
        return real.transaction(work);
      },
    });
    const crashed = { ...app, store: { ...app.store, workspace: (id: string) => dying(app.store.workspace(id)) } };
    const begun = await reassignCases(crashed, max, ask(ids, bob.memberId), NO_META);
    await expect.poll(() => transactions, { timeout: 10_000, interval: 5 }).toBeGreaterThan(33);
    await stopBackground(crashed);
    const left = await store().docs(bulkJobs).get(begun.id);
    const moved = (await owners(ids)).filter((one) => one === bob.memberId).length;
    expect(left?.state).toBe('running');
    expect(moved).toBeGreaterThan(left?.done ?? 0);
    expect(moved).toBeLessThan(45);

    await resumeBulk(app, workspace.id, () => false);
    const job = await finished(begun.id);
    expect(job.lines.map((line) => line.result)).toEqual(ids.map(() => 'changed'));
    for (const id of ids) expect(await names(accountStream(id))).toEqual(['account.created', 'account.reassigned']);
    expect(await names(workspaceStream(workspace.id))).toEqual(['bulk.started', 'bulk.finished']);
  });

  it('is refused to a collector and for an owner who does not chase', async () => {
    const ids = await build(1, null);
    await expect(reassignCases(app, ana, ask(ids, bob.memberId), NO_META)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(reassignCases(app, max, ask(ids, 'nobody'), NO_META)).rejects.toMatchObject({
      code: 'validation_failed',
    });
  });
});

describe('accounts given out by rule', () => {
  it('keep the owner whom somebody chose after the preview', async () => {
    const [chosen = '', free = ''] = await build(2, null);
    const pairs = [chosen, free].map((accountId) => ({ accountId, toOwnerId: bob.memberId }));
    const plan = await planBulk(app, max, pairs);
    await reassignCase(app, max, { id: chosen, ownerId: ana.memberId, reason: null }, NO_META);
    const done = await startBulk(app, max, NO_META, { kind: 'distribute', input: {}, plan, reason: null });
    expect(done.lines.map((line) => [line.result, line.code])).toEqual([
      ['refused', 'conflict'],
      ['changed', null],
    ]);
    expect(await owners([chosen, free])).toEqual([ana.memberId, bob.memberId]);
  });
});

describe('a store that loses races', () => {
  it('does not lose accounts', async () => {
    const ids = await build(5, null);
    let count = 0;
    const racing = (real: WorkspaceStore): WorkspaceStore => ({
      ...real,
      transaction: (work) =>
        real.transaction(async (tx) => {
          const result = await work(tx);
          count += 1;
          if (count % 3 === 2) throw new VersionConflict('account', 'injected');
          return result;
        }),
    });
    const flaky = { ...app, store: { ...app.store, workspace: (id: string) => racing(app.store.workspace(id)) } };
    const done = await reassignCases(flaky, max, ask(ids, bob.memberId), NO_META).catch((error: unknown) => error);
    expect(done).toMatchObject({ total: 5 });
    await resumeBulk(app, workspace.id, () => false);
    expect(await owners(ids)).toEqual(ids.map(() => bob.memberId));
  });
});
