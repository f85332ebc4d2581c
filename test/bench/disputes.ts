import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate as turn } from 'node:timers/promises';
import { addDays } from '#lib/domain/calendar/calendar.ts';
import { DISPUTE_REASONS, DISPUTE_STATES, LIVE_STATES, type Dispute } from '#lib/domain/dispute/dispute.ts';
import { departmentOf } from '#lib/domain/dispute/reasons.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import { wordsOf } from '#lib/domain/text/fold.ts';
import { disputeBoard } from '#server/queries/dispute-board.ts';
import { disputeInsight } from '#server/queries/dispute-insight.ts';
import { disputePage } from '#server/queries/dispute-page.ts';
import { columnOf, tableOf } from '#server/store/embedded/schema.ts';
import { newId } from '#server/store/id.ts';
import { disputes } from '#server/store/kinds/disputes.ts';
import type { Kind, Versioned } from '#server/store/port.ts';
import { workspaceCache } from '#server/workspace-cache.ts';
import { buildApp, type TestApp } from '../support/app.ts';
import { buildDispute } from '../support/dispute-cases.ts';
import { buildWorkspace } from '../support/factories.ts';
import { absolute, compared, median, timed, type Figure } from './figure.ts';

const TODAY = '2026-03-16';
const MANY = 10_000;
const FEW = 1_000;
const ROUNDS = 100;
const WHOLE_ROUNDS = 15;
const OWNERS = Array.from({ length: 20 }, (_, at) => `owner-${at}`);
const CARDS = 30;

/** Spread over a year, states, reasons and portfolios, without any order that an index could be given by chance. */
function disputeOf(at: number): Dispute {
  const mixed = (at * 2_654_435_761) % 1_000_003;
  const state = DISPUTE_STATES[mixed % DISPUTE_STATES.length] ?? 'open';
  const reason = DISPUTE_REASONS[mixed % DISPUTE_REASONS.length] ?? 'other';
  const name = `Compte ${(mixed % 800).toString(36)}`;
  const openedOn = addDays(TODAY, -(mixed % 360));
  const live = (LIVE_STATES as readonly string[]).includes(state);
  const department = departmentOf(reason, { departments: {} });
  return {
    ...buildDispute({ state }, 1_000 + mixed),
    id: newId(),
    accountId: `account-${mixed % 800}`,
    number: at + 1,
    reason,
    department,
    openedOn,
    dueDay: live ? addDays(openedOn, 15) : '9999-12-31',
    accountNumber: `C${mixed % 800}`,
    accountName: name,
    words: wordsOf(name, String(at + 1)),
    access: [`owner:${OWNERS[mixed % OWNERS.length] ?? 'none'}`, `dept:${department}`],
  };
}

interface House {
  app: TestApp;
  actor: Actor;
}

async function houseOf(count: number): Promise<House> {
  const app = await buildApp({ today: TODAY, engine: 'embedded' });
  const workspace = await buildWorkspace(app);
  app.workspace = workspaceCache(app.store).read;
  const store = app.store.workspace(workspace.id);
  for (let from = 0; from < count; from += 1_000) {
    const some = Array.from({ length: Math.min(1_000, count - from) }, (_, at) => disputeOf(from + at));
    await store.transaction((tx) => tx.docs(disputes).insertMany(some));
  }
  const actor: Actor = {
    memberId: 'owner-1',
    workspaceId: workspace.id,
    name: 'Bench',
    role: 'manager',
    departments: ['credit'],
    locale: 'fr',
    rights: null,
    owners: ['owner-1'],
    allowedActions: null,
    credentialId: '',
  };
  return { app, actor };
}

const list = ({ app, actor }: House, rights: string[] | null = null) =>
  disputePage(app, { ...actor, rights }, { view: 'live', sort: 'deadline', search: '', limit: 50, after: null });
const board = ({ app, actor }: House) =>
  disputeBoard(app, actor, { view: 'everything', by: 'state', search: '', limit: CARDS });
const insight = ({ app, actor }: House) =>
  disputeInsight(app, actor, { from: addDays(TODAY, -365), until: TODAY, by: 'reason' });

interface Bare {
  list(): void;
  board(): void;
  insight(): void;
  close(): void;
}

/** The same documents by prepared statements on the same file, by somebody who asks for no rights and no cursor. */
function bareOf(house: House): Bare {
  const db = new DatabaseSync(join(house.app.directory, 'encours.db'), { readOnly: true });
  db.exec('PRAGMA cache_size = -64000');
  const table = tableOf(disputes as unknown as Kind<Versioned>);
  const ws = (db.prepare('SELECT n FROM workspaces WHERE id = ?').get(house.actor.workspaceId) as { n: number }).n;
  const [state, due, opened, cents, currency] = ['state', 'dueDay', 'openedOn', 'disputedCents', 'currency'].map(
    columnOf,
  );
  const first = (limit: number) =>
    db.prepare(`SELECT body FROM ${table} WHERE ws = ? AND ${state} = ? ORDER BY ${due}, id LIMIT ${limit}`);
  const page = first(51);
  const cards = first(CARDS);
  const count = db.prepare(
    `SELECT count(*) FROM (SELECT 1 FROM ${table} WHERE ws = ? AND ${state} IN (${LIVE_STATES.map(() => '?').join(', ')}) LIMIT 1000)`,
  );
  const groups = db.prepare(
    `SELECT ${state}, ${currency}, count(*), sum(${cents}) FROM ${table} WHERE ws = ? GROUP BY 1, 2`,
  );
  const all = db.prepare(`SELECT body FROM ${table} WHERE ws = ? AND ${opened} BETWEEN ? AND ?`);
  const parsed = (rows: unknown): Dispute[] =>
    (rows as { body: string }[]).map(({ body }) => JSON.parse(body) as Dispute);
  return {
    list: () => {
      const found = LIVE_STATES.flatMap((one) => parsed(page.all(ws, one)));
      found.sort((a, b) => (a.dueDay < b.dueDay ? -1 : 1)).slice(0, 50);
      count.get(ws, ...LIVE_STATES);
    },
    board: () => {
      groups.all(ws);
      for (const one of DISPUTE_STATES) parsed(cards.all(ws, one));
    },
    insight: () => {
      const sums = new Map<string, number>();
      for (const one of parsed(all.all(ws, addDays(TODAY, -365), TODAY)))
        for (const { claimedCents } of one.items) sums.set(one.reason, (sums.get(one.reason) ?? 0) + claimedCents);
    },
    close: () => db.close(),
  };
}

/** Medians of two pieces of work that take turns, in ms. */
async function inTurn(rounds: number, one: () => unknown, other: () => unknown): Promise<[number, number]> {
  const times: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds + 3; round += 1) {
    const mine = await timed(one);
    const theirs = await timed(other);
    // The first rounds warm the caches.
    if (round < 3) continue;
    times[0].push(mine);
    times[1].push(theirs);
  }
  return [median(times[0]), median(times[1])];
}

/** CPU time of this thread in its longest turn while the work runs (ms): what others wait for because of it. */
async function longestTurn(work: () => Promise<unknown>): Promise<number> {
  let over = false;
  let worst = 0;
  const watch = (async () => {
    for (let before = process.threadCpuUsage(); !over; before = process.threadCpuUsage()) {
      await turn();
      const { user, system } = process.threadCpuUsage(before);
      worst = Math.max(worst, (user + system) / 1_000);
    }
  })();
  await work();
  over = true;
  await watch;
  return worst;
}

/** Disputes: the list, the board and the causes of 10,000, beside bare queries and beside 1,000. */
export async function benchDisputes(): Promise<Figure[]> {
  const few = await houseOf(FEW);
  const many = await houseOf(MANY);
  const bare = bareOf(many);
  try {
    const name = '10,000 disputes';
    const [page, bareList] = await inTurn(ROUNDS, () => list(many), bare.list);
    const [again, small] = await inTurn(
      ROUNDS,
      () => list(many),
      () => list(few),
    );
    const scoped = ['owner:owner-1', 'owner:owner-2', 'dept:credit', 'member:owner-1'];
    const [mine, all] = await inTurn(
      ROUNDS,
      () => list(many, scoped),
      () => list(many),
    );
    const [columns, bareBoard] = await inTurn(WHOLE_ROUNDS, () => board(many), bare.board);
    const [causes, bareInsight] = await inTurn(WHOLE_ROUNDS, () => insight(many), bare.insight);
    const turns: number[] = [];
    for (let round = 0; round < 5; round += 1) turns.push(await longestTurn(() => insight(many)));
    return [
      compared(`list, ${name}`, page, 'ms', { name: 'bare indexed queries', value: bareList }, 2),
      compared(`list, ${name} beside 1,000`, again, 'ms', { name: 'list, 1,000 disputes', value: small }, 1.5),
      compared(`list, ${name}, scoped`, mine, 'ms', { name: 'list without a scope', value: all }, 3),
      compared(`board by state, ${name}`, columns, 'ms', { name: 'bare queries', value: bareBoard }, 2),
      compared(`causes of ${name}`, causes, 'ms', { name: 'all of them in memory, summed', value: bareInsight }, 2),
      absolute('their longest turn of the event loop: CPU', median(turns), 'ms', 20),
    ];
  } finally {
    bare.close();
    await few.app.close();
    await many.app.close();
  }
}
