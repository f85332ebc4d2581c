import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { addDays } from '#lib/domain/calendar/calendar.ts';
import { wordsOf } from '#lib/domain/text/fold.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { QueueRow } from '#lib/domain/queue/queue-row.ts';
import { FAR_DAY } from '#lib/domain/values.ts';
import { SORTS, type QueuePageInput } from '#lib/protocol/commands/queries.ts';
import { queuePage } from '#server/queries/queue-page.ts';
import { SORT_FIELDS } from '#server/queries/queue-filter.ts';
import { columnOf, tableOf } from '#server/store/embedded/schema.ts';
import { newId } from '#server/store/id.ts';
import { workspaceCache } from '#server/workspace-cache.ts';
import { queueRows } from '#server/store/kinds/workspace.ts';
import type { Kind, Versioned } from '#server/store/port.ts';
import { buildApp, type TestApp } from '../support/app.ts';
import { buildWorkspace } from '../support/factories.ts';
import { compared, median, timed, type Figure } from './figure.ts';

const TODAY = '2026-03-16';
const OWNERS = Array.from({ length: 20 }, (_, at) => `owner-${at}`);
const ROUNDS = 200;

function rowOf(at: number): QueueRow {
  // Spread without any order that an index could be given by chance.
  const mixed = (at * 2_654_435_761) % 1_000_003;
  const state = mixed % 10 < 6 ? 'open' : mixed % 10 < 8 ? 'parked' : 'idle';
  const ownerId = mixed % 23 === 0 ? 'none' : (OWNERS[mixed % OWNERS.length] ?? 'none');
  const name = `Compte ${mixed.toString(36)} ${at}`;
  const number = `C${String(at).padStart(6, '0')}`;
  return {
    id: newId(),
    version: 1,
    access: [`owner:${ownerId}`],
    words: wordsOf(name, number),
    number,
    name,
    state,
    reasons: state === 'open' ? ['overdue'] : [],
    ownerId,
    salesRepId: 'none',
    claimedBy: 'none',
    entityIds: ['e1'],
    currency: 'EUR',
    otherCurrencies: [],
    openCents: mixed * 7,
    overdueCents: mixed * 3,
    contestedCents: 0,
    creditCents: 0,
    netCents: mixed * 3,
    overdueRank: mixed * 3,
    oldestDueDay: state === 'open' ? addDays(TODAY, -(mixed % 120)) : FAR_DAY,
    promise: null,
    lastContactOn: null,
    nextAction: null,
    nextActionOn: state === 'parked' ? addDays(TODAY, mixed % 30) : FAR_DAY,
    openTasks: 0,
    priority: mixed % 900,
    priorityParts: [{ kind: 'amount', points: mixed % 900, value: mixed * 3 }],
    recomputeOn: addDays(TODAY, 7),
    computedFor: TODAY,
  };
}

interface House {
  app: TestApp;
  actor: Actor;
  scoped: Actor;
}

async function houseOf(accounts: number): Promise<House> {
  const app = await buildApp({ today: TODAY });
  const workspace = await buildWorkspace(app);
  // As the runtime does it: the workspace's document is read once a second at most.
  app.workspace = workspaceCache(app.store).read;
  const store = app.store.workspace(workspace.id);
  for (let from = 0; from < accounts; from += 2_000) {
    const rows = Array.from({ length: Math.min(2_000, accounts - from) }, (_, at) => rowOf(from + at));
    await store.transaction((tx) => tx.docs(queueRows).insertMany(rows));
  }
  const actor: Actor = {
    memberId: 'owner-1',
    workspaceId: workspace.id,
    name: 'Bench',
    role: 'collector',
    departments: ['credit'],
    locale: 'fr',
    rights: null,
    owners: ['owner-1'],
    allowedActions: null,
    credentialId: '',
  };
  return { app, actor, scoped: { ...actor, rights: ['owner:owner-1', 'member:owner-1', 'owner:owner-2'] } };
}

const inputOf = (sort: QueuePageInput['sort']): QueuePageInput => ({
  view: 'today',
  sort,
  search: '',
  limit: 50,
  after: null,
});

async function pageTimes(house: House, actor: Actor, sort: QueuePageInput['sort'], rounds: number): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1)
    times.push(await timed(() => queuePage(house.app, actor, inputOf(sort))));
  return times;
}

/** The same documents by one prepared statement on the same file: what a database gives when nobody asks who is asking. */
function bareQuery(
  house: House,
  sort: QueuePageInput['sort'],
  owners: readonly string[],
): { run(): void; close(): void } {
  const db = new DatabaseSync(join(house.app.directory, 'encours.db'), { readOnly: true });
  db.exec('PRAGMA cache_size = -64000');
  const field = SORT_FIELDS[sort];
  const order = field.startsWith('-') ? `${columnOf(field.slice(1))} DESC` : columnOf(field);
  const kind = queueRows as unknown as Kind<Versioned>;
  const scope = owners.length === 0 ? '' : ` AND ${columnOf('ownerId')} IN (${owners.map(() => '?').join(', ')})`;
  const statement = db.prepare(
    `SELECT body FROM ${tableOf(kind)} WHERE ws = ? AND ${columnOf('state')} = 'open'${scope} ORDER BY ${order}, id LIMIT 51`,
  );
  const ws = (db.prepare('SELECT n FROM workspaces WHERE id = ?').get(house.actor.workspaceId) as { n: number }).n;
  statement.setReturnArrays(true);
  return {
    run: () => {
      for (const row of statement.all(ws, ...owners) as unknown as [string][]) JSON.parse(row[0]);
    },
    close: () => db.close(),
  };
}

/** The queue's page: how it grows with the ledger, and what rights and filters cost over the bare query. */
export async function benchQueue(): Promise<Figure[]> {
  const figures: Figure[] = [];
  const small = await houseOf(1_000);
  const large = await houseOf(100_000);
  try {
    for (const house of [small, large]) await pageTimes(house, house.actor, 'priority', 50);
    const smallTimes: number[] = [];
    const largeTimes: number[] = [];
    for (let round = 0; round < 10; round += 1) {
      smallTimes.push(...(await pageTimes(small, small.actor, 'priority', ROUNDS / 10)));
      largeTimes.push(...(await pageTimes(large, large.actor, 'priority', ROUNDS / 10)));
    }
    figures.push(
      compared(
        'queue page, 100,000 accounts',
        median(largeTimes),
        'ms',
        { name: 'queue page, 1,000 accounts', value: median(smallTimes) },
        1.5,
      ),
    );
    for (const sort of SORTS) {
      for (const [who, actor, owners] of [
        ['all accounts', large.actor, []],
        ['two portfolios', large.scoped, ['owner-1', 'owner-2']],
      ] as const) {
        const bare = bareQuery(large, sort, owners);
        const ours: number[] = [];
        const theirs: number[] = [];
        for (let round = 0; round < ROUNDS; round += 1) {
          ours.push(...(await pageTimes(large, actor, sort, 1)));
          theirs.push(await timed(bare.run));
        }
        figures.push(
          compared(
            `queue query by ${sort}, ${who}`,
            median(ours),
            'ms',
            { name: 'bare indexed query of the same scope', value: median(theirs) },
            2,
          ),
        );
        bare.close();
      }
    }
  } finally {
    await small.app.close();
    await large.app.close();
  }
  return figures;
}
