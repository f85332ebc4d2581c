import { readdirSync } from 'node:fs';
import { relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Account } from '#lib/domain/account/account.ts';
import { ROLES, type Role } from '#lib/domain/member/member.ts';
import { AUDIENCES } from '#lib/domain/thread/audience.ts';
import { TOPICS } from '#lib/protocol/realtime.ts';
import { accountStream, memberStream, noteDocument, threadDocument } from '#lib/protocol/streams.ts';
import { OPERATIONS } from '#server/api/operations.ts';
import { NO_META, command } from '#server/services/command.ts';
import { openDisputeIn } from '#server/services/disputes/open-in.ts';
import { settleAccount } from '#server/services/settle-account.ts';
import { newId } from '#server/store/id.ts';
import { accounts, cases, items } from '#server/store/kinds/workspace.ts';
import { Pen } from '../support/collab.ts';
import { actorFor, buildAccount, buildMember, buildWorkspace } from '../support/factories.ts';
import { openClient, until, type TestClient } from '../support/realtime.ts';
import { buildPerson, START_MS, startServer, type Browser, type TestServer } from '../support/server.ts';

/** Stands in everything that the credit team writes, names and uploads. */
const CANARY = 'canari7f3e';
/** Stands in what is written in the internal thread and left out of the copy for the customer. */
const INWARD = 'entrenous51';
const CREDIT_TEAM: readonly Role[] = ['collector', 'manager', 'finance'];
const OTHERS = ROLES.filter((role) => !CREDIT_TEAM.includes(role));

interface Person {
  id: string;
  browser: Browser;
  client: TestClient;
}
let server: TestServer;
let account: Account;
let disputeId: string;
let itemId: string;
const ids: Record<string, string> = {};
const people = new Map<string, Person>();
const member: Record<string, string> = {};

const body = (text: string) => ({ type: 'doc', content: [{ type: 'paragraph', content: [{ type: 'text', text }] }] });
const who = (name: string): Person => {
  const found = people.get(name);
  if (found === undefined) throw new Error(`nobody is ${name}`);
  return found;
};
const holds = (text: string): boolean => text.toLowerCase().includes(CANARY);

beforeAll(async () => {
  server = await startServer({
    env: { LOG_LEVEL: 'debug' },
    prepare: async (app) => {
      const workspace = await buildWorkspace(app);
      for (const role of ROLES)
        member[role] = (await buildPerson(app, workspace, { email: `${role}@example.com`, role, scope: 'all' })).id;
      member.stranger = (
        await buildPerson(app, workspace, { email: 'stranger@example.com', role: 'collector', scope: 'portfolio' })
      ).id;
      const elsewhere = await buildWorkspace(app);
      member.elsewhere = (
        await buildPerson(app, elsewhere, { email: 'elsewhere@example.com', role: 'manager', scope: 'all' })
      ).id;
      account = await buildAccount(app, workspace, {
        ownerId: member.collector ?? null,
        openItems: [{ cents: 240_000, dueDay: '2026-01-10', number: 'F-1' }],
      });
      const actor = actorFor(await buildMember(app, workspace));
      const opened = await command(app, actor, NO_META, { name: 'test', input: null }, async (tx, now) => {
        const [found, work] = [await tx.docs(accounts).get(account.id), await tx.docs(cases).get(account.id)];
        const [item] = (await tx.docs(items).find({ accountId: account.id, state: 'open' }, { sort: ['dueDay'] })).docs;
        if (found === null || work === null || item === undefined) throw new Error('no account');
        itemId = item.id;
        const dispute = await openDisputeIn(tx, now, actor, {
          account: found,
          items: [{ itemId: item.id, cents: 100_000 }],
          reason: 'missing_delivery',
          source: 'member',
          detail: 'Deux palettes manquent',
          department: null,
          memberId: null,
          requestedAction: null,
        });
        await settleAccount(tx, now, { account: found, case: work });
        return dispute.id;
      });
      disputeId = opened;
    },
  });
  for (const name of [...ROLES, 'stranger', 'elsewhere']) {
    const browser = await server.as(`${name}@example.com`);
    const client = openClient(server.url, { cookie: browser.cookie(), origin: server.url });
    await client.hears('hello');
    for (const topic of TOPICS) await client.ask('follow', { topics: [topic] });
    for (const audience of AUDIENCES)
      await client.ask('watch', { streams: [{ stream: accountStream(account.id, audience), since: 0 }] });
    await client.ask('watch', { streams: [{ stream: memberStream(member[name] ?? ''), since: 0 }] });
    people.set(name, { id: member[name] ?? '', browser, client });
  }
  await writeSecrets();
}, START_MS);
afterAll(async () => {
  for (const { client } of people.values()) client.close();
  await server.close();
});

async function post(audience: string, content: unknown, more: object = {}): Promise<string> {
  const answer = await who('collector').browser.api('POST', `/disputes/${disputeId}/messages`, {
    audience,
    body: content,
    ...more,
  });
  expect(answer.status, answer.text).toBeLessThan(300);
  return answer.json<{ id: string }>().id;
}

/** Everything that the credit team can leave behind: messages, drafts, notes, files, reactions, presence. */
async function writeSecrets(): Promise<void> {
  const { browser, client } = who('collector');
  const place = { accountId: account.id, disputeId, mode: 'writing', field: 'draft', audience: 'credit' };
  expect((await client.ask('presence', place)).ok).toBe(true);
  for (const document of [noteDocument(account.id, 'credit'), threadDocument(disputeId, 'credit')]) {
    const pen = new Pen(server.url.replace('http', 'ws'), browser.cookie(), { document });
    await pen.ready();
    pen.write(`${CANARY} note`);
    if (document.startsWith('thread')) pen.begin(newId()).write(`${CANARY} draft`);
    await until(() => pen.saved, 'saved');
    pen.cut();
  }
  const mention = { type: 'mention', attrs: { id: member.manager, label: 'Chef', kind: 'member' } };
  const file = await browser.request(
    'POST',
    `/api/v1/disputes/${disputeId}/attachments?audience=credit&name=${CANARY}.txt`,
    { body: `${CANARY} file`, headers: { 'content-type': 'application/octet-stream' } },
  );
  expect(file.status, file.text).toBe(201);
  ids.attachment = file.json<{ id: string }>().id;
  ids.credit = await post(
    'credit',
    { type: 'doc', content: [{ type: 'paragraph', content: [mention, { type: 'text', text: ` ${CANARY} posted` }] }] },
    { attachmentIds: [ids.attachment] },
  );
  const edited = await browser.api('PATCH', `/messages/${ids.credit}`, { body: body(`${CANARY} edited`) });
  expect(edited.status, edited.text).toBe(200);
  await browser.api('POST', `/messages/${ids.credit}/reactions`, { reaction: '👀', on: true });
  ids.inward = await post('internal', body(`${INWARD} pour nous ; à dire au client : avoir en cours`));
  const copied = await browser.api('POST', `/messages/${ids.inward}/copy`, {
    audience: 'customer',
    body: body('Un avoir est en cours.'),
  });
  expect(copied.status, copied.text).toBeLessThan(300);
  const out = await browser.api('POST', `/messages/${ids.credit}/copy`, {
    audience: 'internal',
    body: body('Vu avec la direction.'),
  });
  expect(out.status, out.text).toBeLessThan(300);
}

const root = new URL('../../src/routes', import.meta.url).pathname;
const PAGES = readdirSync(root, { recursive: true, withFileTypes: true })
  .filter(({ name }) => name === '+page.svelte')
  .map(({ parentPath }) => `/${relative(root, parentPath)}`)
  .filter((path) => !path.startsWith('/gallery') && !path.startsWith('/sign-out'));

/** Every address a page or operation may have with what is known: ids of this house in each place for one. */
function fill(path: string): string[] {
  const known = [account.id, disputeId, itemId, ids.credit ?? '', ids.attachment ?? '', 'everything'];
  return /[[{]/.test(path) ? known.map((id) => path.replace(/[[{][^\]}]+[\]}]/g, id)) : [path];
}
const QUERIES = [
  '',
  `?search=${CANARY}`,
  '?audience=credit',
  '?audience=credit&after=0',
  `?accountId=a&view=everything`,
];

async function crawl(browser: Browser): Promise<string[]> {
  const found: string[] = [];
  const look = async (path: string): Promise<void> => {
    const answer = await browser.request('GET', path);
    if (answer.status >= 500) found.push(`${path} ${answer.status}`);
    // what was asked for stands in the address of the answer, too
    const told = [answer.text, ...answer.headers.values()].join('\n').replaceAll(`search=${CANARY}`, '');
    if (holds(told.replaceAll(`"search":"${CANARY}"`, '').replaceAll(`value="${CANARY}"`, ''))) found.push(path);
  };
  for (const { method, path } of OPERATIONS)
    if (method === 'GET')
      for (const at of fill(path))
        for (const query of path.includes('{') ? ['', '?audience=credit'] : QUERIES) await look(`/api/v1${at}${query}`);
  for (const path of [`/attachments/${ids.attachment}`, `/attachments/${ids.attachment}/preview`, '/openapi.json'])
    await look(`/api/v1${path}`);
  for (const page of PAGES)
    for (const at of fill(page))
      for (const path of [at, `${at}/__data.json`, `${at}?search=x&audience=credit`]) await look(path);
  return found;
}

describe('[A6] a secret of the credit team', () => {
  it('[A6] is where it belongs: the crawl finds it as a collector', async () => {
    const found = await crawl(who('collector').browser);
    expect(found).toContain(`/api/v1/disputes/${disputeId}/messages?audience=credit`);
    expect(found).toContain(`/api/v1/attachments/${ids.attachment}`);
    expect(found.some((path) => path.startsWith(`/disputes/${disputeId}`))).toBe(true);
  }, 120_000);

  it.each([...OTHERS, 'stranger', 'elsewhere'])(
    '[A6] is on no page, in no answer, search, list or export for %s',
    async (name) => {
      expect(await crawl(who(name).browser)).toEqual([]);
    },
    120_000,
  );

  it.each([...OTHERS, 'stranger', 'elsewhere'])('[A6] opens to no act of %s', async (name) => {
    const { browser } = who(name);
    const tries: [string, string, unknown][] = [
      ['POST', `/disputes/${disputeId}/messages`, { audience: 'credit', body: body('x') }],
      ['PATCH', `/messages/${ids.credit}`, { body: body('x') }],
      ['DELETE', `/messages/${ids.credit}`, undefined],
      ['POST', `/messages/${ids.credit}/reactions`, { reaction: '👍', on: true }],
      ['POST', `/messages/${ids.credit}/copy`, { audience: 'internal', body: body('x') }],
      ['POST', `/disputes/${disputeId}/follow`, { audience: 'credit', following: true }],
      ['POST', `/disputes/${disputeId}/read`, { audience: 'credit', seq: 1 }],
      ['POST', `/disputes/${disputeId}/messages`, { audience: 'internal', body: body('x'), replyTo: ids.credit }],
      [
        'POST',
        `/disputes/${disputeId}/messages`,
        { audience: 'internal', body: body('x'), attachmentIds: [ids.attachment] },
      ],
      ['DELETE', `/attachments/${ids.attachment}`, undefined],
    ];
    for (const [method, path, sent] of tries) {
      const answer = await browser.api(method, path, sent);
      expect([400, 403, 404], `${method} ${path} ${answer.text}`).toContain(answer.status);
      expect(holds(answer.text)).toBe(false);
    }
  });

  it.each([...OTHERS, 'stranger', 'elsewhere'])(
    '[A6] is in no frame, presence or document that reaches %s',
    async (name) => {
      const { client, browser } = who(name);
      // the copy for the customer is the last that was said: whatever came before has been told
      if (OTHERS.includes(name as Role))
        await client.hears(
          'event',
          (event: { stream: string; name: string }) =>
            event.stream.endsWith(':customer') && event.name === 'message.posted',
        );
      const heard = JSON.stringify(client.heard);
      expect(holds(heard)).toBe(false);
      expect(heard).not.toContain(':credit');
      expect(heard).not.toContain('"audience":"credit"');
      for (const document of [noteDocument(account.id, 'credit'), threadDocument(disputeId, 'credit')]) {
        const pen = new Pen(server.url.replace('http', 'ws'), browser.cookie(), { document }).connect();
        expect(await pen.closedWith()).toBe(4403);
        expect(pen.heard).toEqual([]);
      }
    },
  );

  it('[A6] leaves no gap in any sequence that others see', () => {
    for (const name of OTHERS) {
      const byStream = new Map<string, number[]>();
      for (const { stream, seq } of who(name).client.events())
        byStream.set(stream, [...(byStream.get(stream) ?? []), seq]);
      for (const [stream, seqs] of byStream)
        expect([name, stream, seqs]).toEqual([name, stream, seqs.map((_, at) => (seqs[0] ?? 0) + at)]);
    }
  });

  it('[A6] is in no line of the log', () => {
    expect(server.printed.filter(holds)).toEqual([]);
  });
});

describe('[A6] history after a publication outward', () => {
  it('[A6] the customer’s thread holds what was chosen, and no trace of where it came from', async () => {
    const { browser } = who('sales');
    const answer = await browser.api('GET', `/disputes/${disputeId}/messages?audience=customer`);
    expect(answer.text).toContain('Un avoir est en cours.');
    expect(answer.text).not.toContain(INWARD);
    expect(answer.text).not.toContain(ids.inward);
    const outward = who('sales')
      .client.events()
      .filter(({ stream }) => stream.endsWith(':customer'));
    expect(JSON.stringify(outward)).not.toContain(ids.inward);
    expect(JSON.stringify(outward)).not.toContain(INWARD);
  });

  it('[A6] the copy is logged where the original was written', () => {
    const copies = who('sales')
      .client.events()
      .filter(({ name }) => name === 'message.copied');
    expect(copies.map(({ data }) => data.audience)).toContain('customer');
    expect(copies.every(({ stream }) => stream.endsWith(':internal'))).toBe(true);
  });
});
