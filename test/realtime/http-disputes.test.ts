import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Account } from '#lib/domain/account/account.ts';
import type { Balance } from '#lib/domain/balance/balance.ts';
import type { Dispute } from '#lib/domain/dispute/dispute.ts';
import type { Item } from '#lib/domain/item/item.ts';
import type { Task } from '#lib/domain/task/task.ts';
import type { Id } from '#lib/domain/values.ts';
import type { Problem } from '#lib/protocol/errors.ts';
import type { DisputePage, DisputeSheet } from '#lib/protocol/views/dispute.ts';
import { OPERATIONS } from '#server/api/operations.ts';
import { items } from '#server/store/kinds/workspace.ts';
import { buildAccount, buildWorkspace } from '../support/factories.ts';
import { buildPerson, START_MS, startServer, type Answer, type Browser, type TestServer } from '../support/server.ts';

interface Done {
  id: Id;
  version: number;
  state: string;
  number: number;
  accountId: Id;
}

let server: TestServer;
let account: Account;
let elsewhere: Account;
let itemOf: (account: Account) => Id;
const people = new Map<string, Browser>();
const as = (name: string): Browser => {
  const found = people.get(name);
  if (found === undefined) throw new Error(`nobody is ${name}`);
  return found;
};

beforeAll(async () => {
  server = await startServer({
    prepare: async (app) => {
      const [ours, theirs] = [await buildWorkspace(app), await buildWorkspace(app)];
      const person = (name: string, given: Record<string, unknown>) =>
        buildPerson(app, ours, { email: `${name}@example.com`, name, ...given });
      await person('collector', {});
      await person('manager', { role: 'manager' });
      await person('logistics', { role: 'logistics', departments: ['logistics'], scope: 'department' });
      await person('quality', { role: 'quality', departments: ['quality'], scope: 'department' });
      await person('adv', { role: 'adv', departments: ['adv'], scope: 'department' });
      await person('narrow', { scope: 'portfolio' });
      await buildPerson(app, theirs, { email: 'foreign@example.com', role: 'manager' });
      const owes = { openItems: [{ cents: 1_000_000, dueDay: '2026-01-10', number: 'F100' }] };
      account = await buildAccount(app, ours, { name: 'Zyxelia Conserves', ...owes });
      elsewhere = await buildAccount(app, ours, { name: 'Zyxelia Textile', ...owes });
      const ids = new Map<Id, Id>();
      for (const one of [account, elsewhere]) {
        const store = app.store.workspace(ours.id).docs(items);
        const found = await store.find({ accountId: one.id, state: 'open' }, { sort: ['dueDay'], limit: 1 });
        ids.set(one.id, found.docs[0]?.id ?? '');
      }
      itemOf = ({ id }) => ids.get(id) ?? '';
    },
  });
  for (const name of ['collector', 'manager', 'logistics', 'quality', 'adv', 'narrow', 'foreign'])
    people.set(name, await server.as(`${name}@example.com`));
}, START_MS);
afterAll(() => server.close());

const opening = (on: Account, cents: number | null) => ({
  accountId: on.id,
  items: [{ itemId: itemOf(on), cents }],
  reason: 'quantity',
  detail: 'Deux palettes manquent',
});

async function open(on: Account, cents: number | null, headers: Record<string, string> = {}): Promise<Done> {
  const answer = await as('collector').api('POST', '/disputes', opening(on, cents), headers);
  expect([answer.status, answer.text]).toEqual([201, answer.text]);
  return answer.json<Done>();
}

/** One step, on the version that was answered last. */
async function step(who: string, before: Done, verb: string, body: Record<string, unknown>): Promise<Done> {
  const answer = await as(who).api('POST', `/disputes/${before.id}/${verb}`, body, {
    'if-match': `"${before.version}"`,
  });
  if (answer.status !== 200) throw new Error(`${verb}: ${answer.status} ${answer.text}`);
  const after = answer.json<Done>();
  expect(answer.headers.get('etag')).toBe(`"${after.version}"`);
  expect(after.version).toBeGreaterThan(before.version);
  return after;
}

const sheetOf = async (who: string, id: Id): Promise<DisputeSheet> =>
  (await as(who).api('GET', `/disputes/${id}`)).json<DisputeSheet>();

/** What the collector may still chase of the account's one invoice, and what is out of collection. */
async function due(on: Account): Promise<Record<string, number>> {
  const [sheet, list] = await Promise.all([
    as('collector').api('GET', `/accounts/${on.id}`),
    as('collector').api('GET', `/accounts/${on.id}/items`),
  ]);
  const [balance] = sheet.json<{ balances: Balance[] }>().balances;
  const [item] = list.json<{ items: Item[] }>().items;
  if (item === undefined || balance === undefined) throw new Error('nothing is open');
  const { openCents, disputedCents, awaitingCents } = item;
  expect(balance.openCents).toBe(openCents);
  return { openCents, disputedCents, awaitingCents, collectable: openCents - disputedCents - awaitingCents };
}

const refused = (answer: Answer): [number, string] => [answer.status, answer.json<Problem>().code];

describe('[DIS-9] a short delivery, over the API', () => {
  it('goes from opening to closing; at each step only what is blocked is out of collection', async () => {
    const before = { openCents: 1_000_000, disputedCents: 0, awaitingCents: 0, collectable: 1_000_000 };
    expect(await due(account)).toEqual(before);
    let at = await open(account, 900_000);
    const contested = { ...before, disputedCents: 900_000, collectable: 100_000 };
    expect(await due(account)).toEqual(contested);
    at = await step('collector', at, 'qualify', { reason: 'missing_delivery' });
    at = await step('collector', at, 'assign', { department: 'logistics', ask: 'Accepter ou refuser, avec la cause' });
    expect(await due(account)).toEqual(contested);

    const waiting = (await as('logistics').api('GET', '/tasks')).json<{ tasks: { task: Task }[] }>().tasks;
    expect(waiting.map(({ task }) => [task.kind, task.disputeId, task.blockedCents])).toEqual([
      ['answer_dispute', at.id, 900_000],
    ]);
    const taken = await as('logistics').api('POST', `/tasks/${waiting[0]?.task.id ?? ''}/accept`, {});
    expect(taken.status).toBe(200);
    at = await step('logistics', at, 'answer', {
      decision: 'accepted',
      rootCause: 'carrier',
      text: 'Camion incomplet',
    });
    expect((await as('logistics').api('GET', '/tasks')).json<{ tasks: unknown[] }>().tasks).toEqual([]);

    const parts = { creditNoteCents: 600_000, rejectedCents: 300_000 };
    const without = await as('collector').api('POST', `/disputes/${at.id}/resolve`, { parts });
    expect(refused(without)).toEqual([400, 'validation_failed']);
    at = await step('collector', at, 'resolve', { parts, answer: 'Avoir de 6 000 €, le reste est dû.' });
    expect(at.state).toBe('assigned');
    expect(await due(account)).toEqual(contested);
    expect(refused(await as('collector').api('POST', `/disputes/${at.id}/approve`, { agree: true }))).toEqual([
      403,
      'forbidden',
    ]);
    at = await step('manager', at, 'approve', { agree: true });
    expect(at.state).toBe('resolved');
    expect(await due(account)).toEqual({ ...before, awaitingCents: 600_000, collectable: 400_000 });

    const credit = (await as('adv').api('GET', '/tasks')).json<{ tasks: { task: Task }[] }>().tasks;
    expect(credit.map(({ task }) => [task.kind, task.blockedCents])).toEqual([['credit_note', 600_000]]);
    const early = await as('collector').api('POST', `/disputes/${at.id}/close`, {});
    expect(refused(early)).toEqual([422, 'rule_refused']);
    const posted = await as('collector').api('GET', `/disputes/${at.id}/messages?audience=customer`);
    expect(posted.json<{ messages: { text: string }[] }>().messages.map(({ text }) => text)).toEqual([
      'Avoir de 6 000 €, le reste est dû.',
    ]);

    // The credit note is not wanted after all: all of it is due, and it ends.
    at = await step('collector', at, 'reopen', { reason: 'La palette a été retrouvée' });
    expect(await due(account)).toEqual(contested);
    at = await step('collector', at, 'resolve', { parts: { rejectedCents: 900_000 }, answer: 'Tout a été livré.' });
    at = await step('collector', at, 'close', {});
    expect(at.state).toBe('closed');
    expect(await due(account)).toEqual(before);
    const { timeline, dispute } = await sheetOf('collector', at.id);
    expect(
      timeline.events
        .map(({ name }) => name)
        .filter((name) => name.startsWith('dispute.'))
        .toReversed(),
    ).toEqual([
      'dispute.opened',
      'dispute.qualified',
      'dispute.assigned',
      'dispute.answered',
      'dispute.approval_asked',
      'dispute.resolved',
      'dispute.reopened',
      'dispute.resolved',
      'dispute.closed',
    ]);
    expect(dispute).toMatchObject({ rootCause: 'carrier', reopened: 1, disputedCents: 0, awaitingCents: 0 });
  });
});

describe('[A2] who does not see it', () => {
  it('[A2] gets the answer of what is not there, on every way to it, and none of it in lists', async () => {
    const made = await open(elsewhere, 10_000);
    const bodies: { [id: string]: Record<string, unknown> } = {
      'dispute.qualify': { reason: 'price' },
      'dispute.assign': { department: 'sales' },
      'dispute.wait': { until: '2099-01-05' },
      'dispute.answer': { decision: 'accepted', rootCause: 'other' },
      'dispute.resolve': { parts: { withdrawnCents: 10_000 } },
      'dispute.approve': { agree: true },
      'dispute.reopen': { reason: 'a reason' },
    };
    let compared = 0;
    for (const who of ['quality', 'narrow', 'foreign']) {
      for (const { id, method, path } of OPERATIONS) {
        if (!path.startsWith('/disputes/{id}')) continue;
        const ask = async (disputeId: Id): Promise<unknown> => {
          const body = method === 'GET' || method === 'DELETE' ? undefined : (bodies[id] ?? {});
          const answer = await as(who).api(method, path.replace('{id}', disputeId), body);
          const { instance: _instance, ...problem } = answer.json<Problem>();
          return { status: answer.status, problem };
        };
        expect({ who, id, answer: await ask(made.id) }).toEqual({ who, id, answer: await ask('nothing-of-this-id') });
        compared += 1;
      }
      for (const path of ['/disputes', '/disputes?view=everything', '/disputes?search=zyxelia', '/disputes/board']) {
        const { text } = await as(who).api('GET', path);
        expect([who, path, text.includes('Zyxelia Textile') || text.includes(made.id)]).toEqual([who, path, false]);
      }
      for (const path of ['/disputes/export?view=everything', '/insights/disputes?by=account', '/dispute-proposals'])
        expect((await as(who).api('GET', path)).text).not.toContain('Zyxelia Textile');
      const opened = await as(who).api('POST', '/disputes', opening(elsewhere, 1));
      expect([who, opened.status]).toEqual([who, opened.status === 403 ? 403 : 404]);
    }
    expect(compared).toBeGreaterThan(30);
    expect((await as('logistics').api('GET', '/disputes?search=zyxelia')).text).toContain('Zyxelia Textile');
  });

  it('a department goes on seeing what it owned, without the account', async () => {
    const made = await open(elsewhere, 5_000);
    await as('collector').api('POST', `/disputes/${made.id}/resolve`, { parts: { withdrawnCents: 5_000 } });
    for (const { id } of (await as('collector').api('GET', `/disputes?accountId=${elsewhere.id}`)).json<DisputePage>()
      .disputes) {
      await as('collector').api('POST', `/disputes/${id}/resolve`, { parts: { withdrawnCents: 10_000 } });
      await as('collector').api('POST', `/disputes/${id}/close`, {});
    }
    await as('collector').api('POST', `/disputes/${made.id}/close`, {});
    expect((await as('logistics').api('GET', `/accounts/${elsewhere.id}`)).status).toBe(404);
    const sheet = await sheetOf('logistics', made.id);
    expect(sheet.dispute.state).toBe('closed');
    expect([sheet.account.balances, sheet.account.contacts]).toEqual([[], []]);
    expect(sheet.account.account.name).toBe('Zyxelia Textile');
    const said = await as('logistics').api('GET', `/accounts/${elsewhere.id}/timeline?disputeId=${made.id}`);
    expect(
      said.json<{ events: { data: { disputeId: Id } }[] }>().events.every(({ data }) => data.disputeId === made.id),
    ).toBe(true);
    // What changed on the account with it stays there.
    expect(said.text).toContain('"disputes"');
    expect(said.text).not.toMatch(/"(account|balances|case|contacts|formerAccess)":[[{]/);
    expect(JSON.stringify(sheet.timeline)).not.toMatch(/"(account|balances|case|contacts|formerAccess)":[[{]/);
    expect((await as('logistics').api('GET', `/accounts/${elsewhere.id}/timeline`)).status).toBe(404);
  });
});

describe('[K3] [K4] [K6] races', () => {
  it('[K3] one key opens one dispute, five times at once', async () => {
    const headers = { 'idempotency-key': 'open-this-dispute' };
    const answers = await Promise.all(Array.from({ length: 5 }, () => open(elsewhere, 7_000, headers)));
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    const list = (await as('collector').api('GET', `/disputes?accountId=${elsewhere.id}`)).json<DisputePage>();
    expect(list.disputes.filter(({ disputedCents }) => disputedCents === 7_000)).toHaveLength(1);
  });

  it('[K4] a step on what was changed meanwhile is 412 with the present version', async () => {
    const made = await open(elsewhere, 3_000);
    const now = await step('collector', made, 'qualify', { reason: 'price' });
    const late = await as('manager').api(
      'POST',
      `/disputes/${made.id}/qualify`,
      { reason: 'quality' },
      {
        'if-match': `"${made.version}"`,
      },
    );
    expect(refused(late)).toEqual([412, 'version_conflict']);
    expect(late.json<Problem>().details?.currentVersion).toBe(now.version);
    expect(late.headers.get('etag')).toBe(`"${now.version}"`);
    expect((await sheetOf('collector', made.id)).dispute.reason).toBe('price');
  });

  it('[K6] closed or its credit note approved, never both', async () => {
    for (let round = 0; round < 6; round += 1) {
      let at = await open(account, 900_000);
      at = await step('collector', at, 'qualify', { reason: 'missing_delivery' });
      at = await step('collector', at, 'assign', { department: 'logistics' });
      at = await step('collector', at, 'resolve', { parts: { creditNoteCents: 900_000 } });
      const close = async (): Promise<boolean> => {
        await as('collector').api('POST', `/disputes/${at.id}/resolve`, { parts: { withdrawnCents: 900_000 } });
        return (await as('collector').api('POST', `/disputes/${at.id}/close`, {})).status === 200;
      };
      const approve = async (): Promise<boolean> =>
        (await as('manager').api('POST', `/disputes/${at.id}/approve`, { agree: true })).status === 200;
      const [closed, approved] = await Promise.all(round % 2 === 0 ? [close(), approve()] : [approve(), close()]).then(
        ([one, two]) => (round % 2 === 0 ? [one, two] : [two, one]),
      );
      expect([closed, approved].filter(Boolean)).toHaveLength(1);
      const { dispute } = await sheetOf('collector', at.id);
      expect([dispute.state, dispute.awaitingCents]).toEqual(approved === true ? ['resolved', 900_000] : ['closed', 0]);
      if (approved === true) await undo(dispute);
    }
  });
});

async function undo(dispute: Dispute): Promise<void> {
  await as('collector').api('POST', `/disputes/${dispute.id}/reopen`, { reason: 'suite' });
  await as('collector').api('POST', `/disputes/${dispute.id}/resolve`, { parts: { withdrawnCents: 900_000 } });
  expect((await as('collector').api('POST', `/disputes/${dispute.id}/close`, {})).status).toBe(200);
}

describe('lists', () => {
  it('count, sort, page and search; the same over the board, in figures and as CSV', async () => {
    for (const cents of [1_000, 4_000, 2_000]) await open(elsewhere, cents);
    const at = `/disputes?accountId=${elsewhere.id}`;
    const first = (await as('manager').api('GET', `${at}&sort=amount&limit=2`)).json<DisputePage>();
    const second = (
      await as('manager').api('GET', `${at}&sort=amount&limit=200&after=${encodeURIComponent(first.next ?? '')}`)
    ).json<DisputePage>();
    const amounts = [...first.disputes, ...second.disputes].map(({ disputedCents }) => disputedCents);
    expect(amounts).toEqual(amounts.toSorted((a, b) => b - a));
    expect([first.count, amounts.length]).toEqual([amounts.length, amounts.length]);
    const [one] = second.disputes;
    const found = (await as('manager').api('GET', `/disputes?search=${one?.number ?? ''}`)).json<DisputePage>();
    expect(found.disputes.map(({ id }) => id)).toContain(one?.id);
    const live = amounts.reduce((sum, cents) => sum + cents, 0);
    for (const by of ['state', 'reason', 'department', 'age', 'amount']) {
      const board = (await as('manager').api('GET', `/disputes/board?accountId=${elsewhere.id}&by=${by}`)).json<{
        columns: { count: number; amounts: { cents: number }[] }[];
      }>();
      const sums = board.columns.flatMap((column) => column.amounts.map(({ cents }) => cents));
      expect([by, sums.reduce((a, b) => a + b, 0)]).toEqual([by, live]);
      expect(board.columns.reduce((sum, { count }) => sum + count, 0)).toBe(amounts.length);
    }
    const band = (
      await as('manager').api('GET', `${at}&sort=amount&fromCents=2000&belowCents=4000`)
    ).json<DisputePage>();
    expect(band.disputes.map(({ disputedCents }) => disputedCents)).toEqual(
      amounts.filter((one) => one >= 2_000 && one < 4_000),
    );
    expect(band.disputes.length).toBeGreaterThan(0);
    const refused = await as('manager').api('GET', `${at}&fromCents=-1`);
    expect(refused.status).toBe(400);
    const strip = (
      await as('manager').api('GET', `/disputes/${one?.id ?? ''}?from=${encodeURIComponent('sort=amount')}`)
    ).json<DisputeSheet>().strip;
    expect(strip.map(({ id }) => id)).toContain(one?.id);
    const csv = await as('manager').api('GET', `${at.replace('?', '/export?')}&sort=amount`);
    expect(csv.headers.get('content-type')).toContain('text/csv');
    expect(csv.text.trim().split('\r\n')).toHaveLength(amounts.length + 1);
  });
});
