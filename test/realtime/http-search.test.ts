import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Account } from '#lib/domain/account/account.ts';
import type { Id } from '#lib/domain/values.ts';
import type { Found } from '#lib/protocol/views/search.ts';
import { items } from '#server/store/kinds/workspace.ts';
import { buildAccount, buildWorkspace } from '../support/factories.ts';
import { buildPerson, START_MS, startServer, type Browser, type TestServer } from '../support/server.ts';

let server: TestServer;
let account: Account;
let itemId: Id;
let dispute: { id: Id; number: number };
const people = new Map<string, Browser>();
const as = (name: string): Browser => {
  const found = people.get(name);
  if (found === undefined) throw new Error(`nobody is ${name}`);
  return found;
};
async function find(who: string, typed: string): Promise<Found> {
  const answer = await as(who).api('GET', `/search?search=${encodeURIComponent(typed)}`);
  expect([answer.status, answer.text]).toEqual([200, answer.text]);
  return answer.json<Found>();
}
const NOTHING: Found = { accounts: [], disputes: [], items: [] };

beforeAll(async () => {
  server = await startServer({
    prepare: async (app) => {
      const [ours, theirs] = [await buildWorkspace(app), await buildWorkspace(app)];
      const person = (name: string, given: Record<string, unknown>) =>
        buildPerson(app, ours, { email: `${name}@example.com`, name, ...given });
      await person('collector', {});
      await person('manager', { role: 'manager' });
      await person('quality', { role: 'quality', departments: ['quality'], scope: 'department' });
      await person('logistics', { role: 'logistics', departments: ['logistics'], scope: 'department' });
      const narrow = await person('narrow', { scope: 'portfolio' });
      await buildPerson(app, theirs, { email: 'foreign@example.com', role: 'manager' });
      const owes = (number: string) => ({ openItems: [{ cents: 90_000, dueDay: '2026-01-10', number }] });
      account = await buildAccount(app, ours, { name: 'Zyxelia Conserves', ...owes('FZQ-4471') });
      // hundreds of others begin alike: what is one's own is found behind them
      const many = Array.from({ length: 150 }, (_, n) => ({
        cents: 1_000,
        dueDay: '2026-01-10',
        number: `FZQ-4470-${String(n).padStart(3, '0')}`,
      }));
      await buildAccount(app, ours, { name: 'Zyxelia Textile', openItems: many });
      await buildAccount(app, ours, { name: 'Halle Ouverte', ownerId: narrow.id, ...owes('FZQ-4472') });
      const store = app.store.workspace(ours.id).docs(items);
      itemId = (await store.find({ number: 'FZQ-4471' }, { limit: 1 })).docs[0]?.id ?? '';
    },
  });
  for (const name of ['collector', 'manager', 'quality', 'logistics', 'narrow', 'foreign'])
    people.set(name, await server.as(`${name}@example.com`));
  const opened = await as('collector').api('POST', '/disputes', {
    accountId: account.id,
    items: [{ itemId, cents: null }],
    reason: 'missing_delivery',
    detail: 'Deux palettes manquent',
  });
  expect([opened.status, opened.text]).toEqual([201, opened.text]);
  dispute = opened.json<{ id: Id; number: number }>();
}, START_MS);
afterAll(() => server.close());

describe('[TXT-6] a search for everything', () => {
  it('finds a dispute by its number, in either language, and by an item of it', async () => {
    for (const typed of [`${dispute.number}`, `#${dispute.number}`, `Litige n° ${dispute.number}`, 'FZQ-4471'])
      expect([typed, (await find('collector', typed)).disputes.map(({ id }) => id)]).toEqual([typed, [dispute.id]]);
    expect((await find('collector', `dispute ${dispute.number}`)).disputes).toEqual([
      {
        id: dispute.id,
        number: dispute.number,
        accountName: 'Zyxelia Conserves',
        reason: 'missing_delivery',
        state: 'open',
      },
    ]);
  });

  it('finds an item by how its number begins, as it is written or not, and accounts by name', async () => {
    for (const typed of ['FZQ-4471', 'fzq-4471', 'facture FZQ-4471', 'Invoice no. fzq-4471']) {
      const { items: found } = await find('collector', typed);
      expect([typed, found.map(({ id, accountId }) => [id, accountId])]).toEqual([typed, [[itemId, account.id]]]);
    }
    expect((await find('collector', 'FZQ-447')).items).toHaveLength(6);
    expect((await find('collector', 'zyxelia')).accounts.map(({ name }) => name)).toEqual([
      'Zyxelia Conserves',
      'Zyxelia Textile',
    ]);
  });

  it('answers nothing for nothing, and refuses what is no search', async () => {
    for (const typed of ['', ' ', '°', 'qqqqqq'])
      expect([typed, await find('collector', typed)]).toEqual([typed, NOTHING]);
    for (const bad of ['search=x&limit=0', 'search=x&limit=21', `search=${'x'.repeat(101)}`, 'search=x&search=y'])
      expect([bad, (await as('collector').api('GET', `/search?${bad}`)).status]).toEqual([bad, 400]);
  });
});

describe('[A2] a search by who may not see it', () => {
  it.each(['quality', 'foreign', 'narrow'])('[A2] lists nothing of it for %s', async (who) => {
    for (const typed of [`${dispute.number}`, `#${dispute.number}`, 'FZQ-4471', 'fzq-4470', 'zyxelia', 'Conserves'])
      expect([typed, await find(who, typed)]).toEqual([typed, NOTHING]);
  });

  it('[A2] finds one’s own behind many that are not', async () => {
    expect((await find('narrow', 'FZQ-447')).items.map(({ number }) => number)).toEqual(['FZQ-4472']);
  });

  it('[A2] follows the rights: with the dispute, its department sees dispute, item and account', async () => {
    // a late delivery is for logistics to settle
    expect((await find('logistics', String(dispute.number))).disputes.map(({ id }) => id)).toEqual([dispute.id]);
    expect((await find('logistics', 'FZQ-447')).items.map(({ number }) => number)).toEqual(['FZQ-4471']);
    const known = await as('collector').api('POST', `/disputes/${dispute.id}/qualify`, { reason: 'missing_delivery' });
    expect([known.status, known.text]).toEqual([200, known.text]);
    const away = await as('collector').api('POST', `/disputes/${dispute.id}/assign`, { department: 'quality' });
    expect([away.status, away.text]).toEqual([200, away.text]);
    expect((await find('quality', 'FZQ-447')).items.map(({ number }) => number)).toEqual(['FZQ-4471']);
    const left = (await as('logistics').api('GET', `/disputes/${dispute.id}`)).status;
    const { disputes } = await find('logistics', String(dispute.number));
    expect(disputes.map(({ id }) => id)).toEqual(left === 200 ? [dispute.id] : []);
  });

  it('[A2] with a token, only what the token may', async () => {
    // tokens are for those who oversee
    const made = await as('manager').api('POST', '/me/tokens', {
      name: 'comptes',
      actions: ['account.read'],
      expiresOn: null,
    });
    const { secret } = made.json<{ secret?: string }>();
    expect([made.status, typeof secret]).toEqual([201, 'string']);
    const answer = await fetch(`${server.url}/api/v1/search?search=FZQ-4471`, {
      headers: { authorization: `Bearer ${secret ?? ''}` },
    });
    const found = (await answer.json()) as Found;
    expect([found.disputes.length, found.items.length]).toEqual([0, 1]);
  });
});
