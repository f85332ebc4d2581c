import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Workspace } from '#lib/domain/workspace/workspace.ts';
import { viewList } from '#server/queries/views.ts';
import { disputes } from '#server/store/kinds/disputes.ts';
import { buildApp, type TestApp } from '../../../test/support/app.ts';
import { buildDispute } from '../../../test/support/dispute-records.ts';
import { actorFor, buildAccount, buildMember, buildWorkspace } from '../../../test/support/factories.ts';
import { NO_META } from '../command.ts';
import { changeView, removeView, saveView } from './manage-views.ts';

let app: TestApp;
let workspace: Workspace;
let ana: Actor;
let boss: Actor;

beforeEach(async () => {
  app = await buildApp();
  workspace = await buildWorkspace(app);
  ana = actorFor(await buildMember(app, workspace));
  boss = actorFor(await buildMember(app, workspace, { role: 'manager' }));
});
afterEach(() => app.close());

const save = (actor: Actor, name: string, query: string, team = false) =>
  saveView(app, actor, { screen: 'disputes', name, query, team }, NO_META);
const names = async (actor: Actor, screen: 'queue' | 'disputes' = 'disputes') =>
  (await viewList(app, actor, { screen })).views.map((view) => view.name);

it('shows one’s own first, then the team’s, never those of others', async () => {
  await save(boss, 'Équipe', 'view=late', true);
  await save(ana, 'Prix', 'reason=price');
  await save(ana, 'Livraison', 'reason=missing_delivery');
  await save(boss, 'À moi', 'view=mine');
  expect(await names(ana)).toEqual(['Livraison', 'Prix', 'Équipe']);
  expect(await names(boss)).toEqual(['À moi', 'Équipe']);
  expect(await names(ana, 'queue')).toEqual([]);
});

it('is shared by managers only, and changed by its owner or by them', async () => {
  await expect(save(ana, 'Équipe', '', true)).rejects.toMatchObject({ code: 'forbidden' });
  const shared = await save(boss, 'Équipe', 'view=late', true);
  const own = await save(ana, 'Prix', 'reason=price');
  const change = (actor: Actor, id: string) => changeView(app, actor, { id, name: 'Autre', query: '' }, NO_META);
  await expect(change(ana, shared.id)).rejects.toMatchObject({ code: 'not_found' });
  await expect(change(boss, own.id)).rejects.toMatchObject({ code: 'not_found' });
  expect(await change(ana, own.id)).toMatchObject({ version: 2 });
  await expect(removeView(app, ana, { id: shared.id }, NO_META)).rejects.toMatchObject({ code: 'not_found' });
  await removeView(app, boss, { id: shared.id }, NO_META);
  expect(await names(ana)).toEqual(['Autre']);
});

it('of the same name replaces the one before', async () => {
  const first = await save(ana, 'Prix', 'reason=price');
  expect(await save(ana, 'Prix', 'reason=price&sort=amount')).toEqual({ id: first.id, version: 2 });
  expect((await viewList(app, ana, { screen: 'disputes' })).views).toMatchObject([
    { query: 'reason=price&sort=amount' },
  ]);
});

it('counts what it finds for whoever looks, and leaves a search and a meaningless address uncounted', async () => {
  const account = await buildAccount(app, workspace, { openItems: [{ cents: 5_000, dueDay: '2026-01-10' }] });
  const dispute = buildDispute(account, { reason: 'price' });
  await app.store.workspace(workspace.id).transaction((tx) => tx.docs(disputes).insert(dispute));
  await save(boss, 'Prix', 'reason=price', true);
  await save(boss, 'Autre', 'reason=quality', true);
  await save(boss, 'Cherche', 'search=dupont', true);
  await save(boss, 'Vieux', 'reason=nothing', true);
  const counts = async (actor: Actor) =>
    Object.fromEntries((await viewList(app, actor, { screen: 'disputes' })).views.map((one) => [one.name, one.count]));
  expect(await counts(boss)).toEqual({ Autre: 0, Cherche: null, Prix: 1, Vieux: null });
  const stranger = actorFor(await buildMember(app, workspace, { scope: 'portfolio' }));
  expect(await counts(stranger)).toMatchObject({ Prix: 0 });
  await saveView(app, boss, { screen: 'queue', name: 'Tout', query: 'view=everything', team: true }, NO_META);
  expect((await viewList(app, ana, { screen: 'queue' })).views).toMatchObject([{ count: 1, mine: false }]);
});
