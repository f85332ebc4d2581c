import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ImportRun } from '#lib/domain/import/import.ts';
import type { AgedBalance, QueuePage, TeamFigures } from '#lib/protocol/views/views.ts';
import { buildWorkspace } from '../support/factories.ts';
import { until } from '../support/realtime.ts';
import { buildPerson, START_MS, startServer, type Answer, type Browser, type TestServer } from '../support/server.ts';

let server: TestServer;
let manager: Browser;

beforeAll(async () => {
  server = await startServer({
    env: { ENCOURS_TODAY: '2013-06-30' },
    prepare: async (app) => {
      await buildPerson(app, await buildWorkspace(app), { email: 'manager@example.com', role: 'manager' });
    },
  });
  manager = await server.as('manager@example.com');
}, START_MS);
afterAll(() => server.close());

const HEADER =
  'countryCode,customerID,PaperlessDate,invoiceNumber,InvoiceDate,DueDate,InvoiceAmount,Disputed,SettledDate,PaperlessBill,DaysToSettle,DaysLate';

interface Invoice {
  customer: string;
  number: number;
  issued: string;
  due: string;
  cents: number;
  disputed: boolean;
  settled: string;
}

const american = (day: string): string => day.replace(/^(\d+)-0?(\d+)-0?(\d+)$/, '$2/$3/$1');

/** Invoices of twenty customers over half a year: some settled, some open, some late, some contested, some issued later. */
function invoices(): Invoice[] {
  const day = (n: number): string => new Date(Date.UTC(2013, 0, 15 + n)).toISOString().slice(0, 10);
  return Array.from({ length: 120 }, (_, n) => ({
    customer: `${String((n % 20) + 1000)}-ABCDE`,
    number: 500_000 + n * 37,
    issued: day(n * 2),
    due: day(n * 2 + 30),
    cents: 1_001 + n * 113,
    disputed: n % 7 === 0,
    settled: n % 5 === 0 ? day(n * 2 + 60) : day(n * 2 + 20),
  }));
}
const fileOf = (list: readonly Invoice[], more: string[] = []): string =>
  [
    HEADER,
    ...list.map((one) =>
      [
        391,
        one.customer,
        '4/6/2013',
        one.number,
        american(one.issued),
        american(one.due),
        (one.cents / 100).toFixed(2),
        one.disputed ? 'Yes' : 'No',
        american(one.settled),
        'Paper',
        20,
        0,
      ].join(','),
    ),
    ...more,
    '',
  ].join('\r\n');

/** What the product must say, reckoned here from the file alone. */
function expected(asOf: string) {
  const known = invoices().filter(({ issued }) => issued <= asOf);
  const open = known.filter(({ settled }) => settled > asOf);
  const overdue = open.filter(({ due }) => due < asOf);
  const disputed = open.filter((one) => one.disputed);
  const sum = (list: Invoice[]): number => list.reduce((total, { cents }) => total + cents, 0);
  return {
    known: known.length,
    figures: {
      openItems: open.length,
      openCents: sum(open),
      accounts: new Set(open.map(({ customer }) => customer)).size,
      overdueItems: overdue.length,
      overdueCents: sum(overdue),
      disputedItems: disputed.length,
      disputedCents: sum(disputed),
    },
  };
}

const stage = (text: string, query: string, headers: Record<string, string> = {}): Promise<Answer> =>
  manager.request('POST', `/api/v1/imports?kind=ledger&${query}`, {
    body: text,
    headers: { 'content-type': 'text/csv', ...headers },
  });
const read = async (id: string): Promise<ImportRun> => (await manager.api('GET', `/imports/${id}`)).json<ImportRun>();
const applied = async (id: string, body: Record<string, unknown> = {}): Promise<ImportRun> => {
  const answer = await manager.api('POST', `/imports/${id}/apply`, body);
  expect([answer.status, answer.text.slice(0, 200)]).toEqual([202, expect.anything()]);
  await until(async () => (await read(id)).state === 'applied', 'it is applied', 30_000);
  return read(id);
};
const figuresOf = async (): Promise<{ aged: AgedBalance; team: TeamFigures; queue: QueuePage }> => ({
  aged: (await manager.api('GET', '/insights/aged-balance?by=total')).json<AgedBalance>(),
  team: (await manager.api('GET', '/insights/team')).json<TeamFigures>(),
  queue: (await manager.api('GET', '/queue?view=everything&limit=200')).json<QueuePage>(),
});

describe('a ledger through the API', () => {
  const { known, figures } = expected('2013-06-30');
  const broken = '391,1003-ABCDE,4/6/2013,999999,31/31/2013,2/2/2013,10.00,No,,Paper,1,0';

  it('is staged and checked, applied without its refused line, and says the same everywhere', async () => {
    expect(figures.overdueItems).toBeGreaterThan(0);
    expect(figures.disputedItems).toBeGreaterThan(0);
    const staged = await stage(fileOf(invoices(), [broken]), 'asOf=2013-06-30&fileName=ledger.csv');
    expect(staged.status).toBe(201);
    const run = staged.json<ImportRun>();
    expect(run).toMatchObject({
      state: 'staged',
      asOf: '2013-06-30',
      mapping: { delimiter: ',', dateOrder: 'mdy', decimal: '.' },
      report: { lines: 121, newItems: known, notYetItems: 120 - known, newAccounts: 20, refusedLines: 1 },
    });
    expect(run.report.refused).toEqual([expect.objectContaining({ line: 122, value: '31/31/2013' })]);
    expect(run.report.totals).toEqual([
      expect.objectContaining({ currency: 'EUR', openCents: figures.openCents, items: known }),
    ]);
    // nothing is applied before it is said
    expect((await figuresOf()).queue.rows).toEqual([]);

    const refused = await manager.api('POST', `/imports/${run.id}/apply`, {});
    expect([refused.status, refused.json().code]).toEqual([409, 'import_refused_lines']);
    await applied(run.id, { excludeRefused: true });

    // reckoned once for all who look, at most every two seconds
    await until(async () => (await figuresOf()).team.totals.length > 0, 'the team’s figures are reckoned');
    const { aged, team, queue } = await figuresOf();
    expect(team).toMatchObject({ today: '2013-06-30', totals: [{ currency: 'EUR', ...figures }] });
    expect(aged).toMatchObject({ asOf: '2013-06-30', totals: [{ currency: 'EUR', ...figures }] });
    expect(queue.today).toBe('2013-06-30');
    expect(queue.rows.reduce((total, row) => total + row.overdueCents, 0)).toBe(figures.overdueCents);
    expect(queue.rows.every((row) => row.currency === 'EUR' && row.computedFor === '2013-06-30')).toBe(true);
    // and the page says what the API says
    expect((await manager.request('GET', '/insights')).status).toBe(200);
  });

  it('the same file twice changes nothing; sent twice under one key it is one intake', async () => {
    const before = await figuresOf();
    const [account] = (await manager.api('GET', '/accounts?limit=1')).json<{ accounts: { id: string }[] }>().accounts;
    const timeline = async (): Promise<string> => (await manager.api('GET', `/accounts/${account?.id}/timeline`)).text;
    const told = await timeline();
    const key = { 'idempotency-key': 'the-same-file' };
    const first = await stage(fileOf(invoices()), 'asOf=2013-06-30', key);
    const again = await stage(fileOf(invoices()), 'asOf=2013-06-30', key);
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.json<ImportRun>().id).toBe(first.json<ImportRun>().id);
    expect((await stage(fileOf(invoices().slice(1)), 'asOf=2013-06-30', key)).status).toBe(422);
    const run = first.json<ImportRun>();
    expect(run.report).toMatchObject({
      newItems: 0,
      changedItems: 0,
      clearedItems: 0,
      missingItems: 0,
      newAccounts: 0,
      changedAccounts: 0,
      unchangedItems: known,
    });
    await applied(run.id);
    expect(await timeline()).toBe(told);
    const after = await figuresOf();
    expect(after.aged).toEqual(before.aged);
    expect(after.queue).toEqual(before.queue);
  });

  it('a file of an older day is refused unless confirmed', async () => {
    const run = (await stage(fileOf(invoices()), 'asOf=2013-05-31')).json<ImportRun>();
    const refused = await manager.api('POST', `/imports/${run.id}/apply`, {});
    expect([refused.status, refused.json().code]).toEqual([409, 'import_older']);
    expect((await manager.api('POST', `/imports/${run.id}/discard`, {})).status).toBe(200);
    expect((await manager.api('POST', `/imports/${run.id}/apply`, { confirmOlder: true })).status).toBe(409);
    const aged = (await manager.api('GET', '/insights/aged-balance?by=total')).json<AgedBalance>();
    expect(aged.totals).toMatchObject([figures]);
  });

  it('what is asked for wrongly is refused by name', async () => {
    for (const [query, text] of [
      ['asOf=2013-02-30', 'a;b\n1;2\n'],
      ['asOf=2013-06-30&mapping=%7B', 'a;b\n1;2\n'],
      ['asOf=2013-06-30&mapping={"delimiter":"x"}', 'a;b\n1;2\n'],
      ['asOf=2013-06-30&kind=bank', 'a;b\n1;2\n'],
    ] as const)
      expect([query, (await stage(text, query)).status]).toEqual([query, 400]);
    expect((await stage('\0\0\0\0\0', 'asOf=2013-06-30')).status).toSatisfy((s: number) => [201, 415].includes(s));
    expect((await stage('', 'asOf=2013-06-30')).status).toBe(400);
  });
});
