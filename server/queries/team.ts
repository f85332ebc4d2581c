import type { Actor } from '#lib/domain/member/member.ts';
import type { AgedBalanceRow, TeamFigures } from '#lib/protocol/views/views.ts';
import { storeOf, type App } from '../app.ts';
import { accounts, cases, queueRows } from '../store/kinds/workspace.ts';
import { agedBalance } from './aged-balance.ts';
import { currentAbsence } from './absences.ts';
import { membersOf } from './members.ts';
import { scopeOf } from './scope.ts';

const FRESH_MS = 2_000;
const kept = new WeakMap<App, Map<string, { at: number; figures: Promise<TeamFigures> }>>();

/**
 * The manager's page. Reckoned at most once in two seconds for everybody of a workspace who sees all accounts,
 * never per viewer or per event.
 */
export function teamFigures(app: App, actor: Actor): Promise<TeamFigures> {
  if (actor.rights !== null) return reckon(app, actor);
  const byWorkspace = kept.get(app) ?? new Map<string, { at: number; figures: Promise<TeamFigures> }>();
  kept.set(app, byWorkspace);
  const last = byWorkspace.get(actor.workspaceId);
  if (last !== undefined && app.clock.ms() - last.at < FRESH_MS) return last.figures;
  const figures = reckon(app, actor);
  byWorkspace.set(actor.workspaceId, { at: app.clock.ms(), figures });
  figures.catch(() => byWorkspace.delete(actor.workspaceId));
  return figures;
}

async function reckon(app: App, actor: Actor): Promise<TeamFigures> {
  const store = storeOf(app, actor);
  const scope = scopeOf(actor);
  const workspace = await app.workspace(actor.workspaceId);
  const today = app.clock.today(workspace.timeZone);
  const rows = store.docs(queueRows);
  const [aged, people, openByOwner, claimed, done, unassigned] = await Promise.all([
    agedBalance(app, actor, { asOf: null, by: 'owner' }),
    membersOf(app, actor.workspaceId),
    rows.group({ ...scope, state: 'open' }, { by: ['ownerId'], count: true }),
    rows.group({ ...scope, claimedBy: { $ne: 'none' } }, { by: ['claimedBy'], count: true }),
    store.docs(cases).group({ doneOn: today }, { by: ['doneBy'], count: true }),
    store.docs(accounts).count({ ...scope, ownerId: null }),
  ]);
  const countOf = (groups: typeof openByOwner, field: string, key: string): number =>
    groups.find((group) => group.key[field] === key)?.count ?? 0;
  const total = (groups: typeof openByOwner): number => groups.reduce((sum, group) => sum + group.count, 0);
  const amountsOf = (key: string): AgedBalanceRow[] => aged.rows.filter((row) => row.key === key);
  const entry = (memberId: string, name: string, absentUntil: string | null): TeamFigures['collectors'][number] => ({
    memberId,
    name,
    cases: countOf(openByOwner, 'ownerId', memberId),
    claimedNow: countOf(claimed, 'claimedBy', memberId),
    doneToday: countOf(done, 'doneBy', memberId),
    absentUntil,
    amounts: amountsOf(memberId),
  });
  const working = people
    .filter(
      (member) =>
        member.role === 'collector' ||
        aged.rows.some((row) => row.key === member.id) ||
        countOf(claimed, 'claimedBy', member.id) > 0,
    )
    .map((member) => entry(member.id, member.name, currentAbsence(member, today)?.until ?? null));
  return {
    at: app.clock.now(),
    today,
    totals: aged.totals,
    collectors: [...working, entry('none', '', null)],
    unassignedAccounts: unassigned,
    openCases: total(openByOwner),
    claimedNow: total(claimed),
    doneToday: total(done),
  };
}
