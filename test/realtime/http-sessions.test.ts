import { readdirSync, readFileSync } from 'node:fs';
import { request as plainRequest } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Member } from '#lib/domain/member/member.ts';
import { noteDocument } from '#lib/protocol/streams.ts';
import { Pen } from '../support/collab.ts';
import { buildAccount, buildWorkspace } from '../support/factories.ts';
import { openClient, until, type TestClient } from '../support/realtime.ts';
import { buildPerson, PASSWORD, START_MS, startServer, type Browser, type TestServer } from '../support/server.ts';

let server: TestServer;
let manager: Browser;
let accountId: string;
const members = new Map<string, Member>();

beforeAll(async () => {
  server = await startServer({
    prepare: async (app) => {
      const workspace = await buildWorkspace(app);
      for (const name of ['anne', 'bob', 'carla', 'dina', 'emil', 'fay'])
        members.set(name, await buildPerson(app, workspace, { email: `${name}@example.com` }));
      await buildPerson(app, workspace, { email: 'manager@example.com', role: 'manager' });
      accountId = (await buildAccount(app, workspace, { openItems: [{ cents: 5_000, dueDay: '2026-01-10' }] })).id;
    },
  });
  manager = await server.as('manager@example.com');
}, START_MS);
afterAll(() => server.close());

const COOKIE = 'encours-session';
const idOf = (name: string): string => members.get(name)?.id ?? '';

describe('[A10] the session’s cookie', () => {
  it('[A10] is HttpOnly, SameSite, of this host only, and not readable by what it stores', async () => {
    const answer = await server.browser().signIn('anne@example.com');
    expect(answer.status).toBe(200);
    const line = answer.headers.getSetCookie().find((one) => one.startsWith(`${COOKIE}=`)) ?? '';
    expect(line).toMatch(/; Path=\//i);
    expect(line).toMatch(/; HttpOnly/i);
    expect(line).toMatch(/; SameSite=Lax/i);
    expect(line).not.toMatch(/; Domain=/i);
    expect(line).not.toMatch(/; Secure/i);
    const token = /^[^=]+=([^;]+)/.exec(line)?.[1] ?? '';
    expect(token.length).toBeGreaterThanOrEqual(40);
    expect(answer.text).not.toContain(token);
    if (process.env.TEST_STORE === 'mongodb') return;
    for (const name of readdirSync(server.directory, { recursive: true, withFileTypes: true }))
      if (name.isFile()) expect(readFileSync(join(name.parentPath, name.name)).includes(token), name.name).toBe(false);
    expect(server.printed.join('\n')).not.toContain(token);
  });

  it('[A10] is new at each login; the one that the browser had ends', async () => {
    const browser = await server.as('anne@example.com');
    const before = browser.cookie();
    expect((await browser.signIn('anne@example.com')).status).toBe(200);
    expect(browser.cookie()).not.toBe(before);
    expect((await browser.api('GET', '/me')).status).toBe(200);
    expect((await server.browser().api('GET', '/me', undefined, { cookie: before })).status).toBe(401);
  });

  it('[A10] planted beforehand is worth nothing afterwards', async () => {
    const victim = server.browser();
    const planted = 'a'.repeat(43);
    victim.cookies.set(COOKIE, planted);
    expect((await victim.signIn('anne@example.com')).status).toBe(200);
    expect(victim.cookies.get(COOKIE)).not.toBe(planted);
    expect((await server.browser().api('GET', '/me', undefined, { cookie: `${COOKIE}=${planted}` })).status).toBe(401);
  });

  it('[A10] signing out takes it away and ends it', async () => {
    const browser = await server.as('anne@example.com');
    const before = browser.cookie();
    const answer = await browser.api('DELETE', '/session');
    expect(answer.status).toBe(204);
    expect(answer.headers.getSetCookie().join()).toMatch(/encours-session=;.*Max-Age=0/i);
    expect((await server.browser().api('GET', '/me', undefined, { cookie: before })).status).toBe(401);
  });

  it('[O3] guesses are slowed down where they come from; the owner’s own browser gets in', async () => {
    const owner = await server.as('emil@example.com');
    await owner.api('DELETE', '/session');
    const guesser = server.browser();
    const statuses: number[] = [];
    for (let n = 0; n < 10; n += 1) statuses.push((await guesser.signIn('emil@example.com', `wrong ${n}`)).status);
    expect(statuses.slice(0, 8)).toEqual(Array.from({ length: 8 }, () => 401));
    expect(statuses.at(-1)).toBe(429);
    const refused = await guesser.signIn('emil@example.com');
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await owner.signIn('emil@example.com')).status).toBe(200);
  });
});

describe('[A3] rights that go', () => {
  interface Presence {
    browser: Browser;
    client: TestClient;
    pen: Pen;
  }
  async function everywhere(email: string): Promise<Presence> {
    const browser = await server.as(email);
    const client = openClient(server.url, { cookie: browser.cookie(), origin: server.url });
    await client.hears('hello');
    await client.ask('watch', { streams: [{ stream: `account:${accountId}:internal`, since: 1 }] });
    await client.ask('follow', { topics: ['queue'] });
    const pen = new Pen(server.url.replace('http', 'ws'), browser.cookie(), { document: noteDocument(accountId) });
    await pen.ready();
    return { browser, client, pen };
  }

  /** Something is written on every channel after the right went; what the loser hears of it. */
  async function nothingReaches({ client, pen }: Presence, expected: number): Promise<void> {
    await Promise.all([
      client.closed,
      until(() => pen.closed !== null, 'the document is closed', 2_000),
      until(() => !client.socket.connected, 'the socket is closed', 2_000),
    ]);
    expect(pen.closed?.code).toBe(expected);
    const [heard, read] = [client.heard.length, pen.heard.length];
    const writer = new Pen(server.url.replace('http', 'ws'), manager.cookie(), { document: noteDocument(accountId) });
    await writer.ready();
    writer.write('after the right went');
    await until(() => writer.saved, 'saved');
    const said = await manager.api('POST', `/accounts/${accountId}/contacts-made`, {
      channel: 'call',
      outcome: 'reached',
      text: 'after the right went',
    });
    expect(said.status).toBe(201);
    writer.cut();
    expect([client.heard.length, pen.heard.length]).toEqual([heard, read]);
    expect(JSON.stringify(client.heard)).not.toContain('after the right went');
    pen.cut();
    client.close();
  }

  it('[A3] signing out: 401 at once, sockets and documents closed within 2 s, no content afterwards', async () => {
    const here = await everywhere('bob@example.com');
    const cookie = here.browser.cookie();
    expect((await here.browser.api('DELETE', '/session')).status).toBe(204);
    expect((await server.browser().api('GET', '/me', undefined, { cookie })).status).toBe(401);
    await nothingReaches(here, 4401);
  });

  it('[A3] disabling somebody: the same', async () => {
    const here = await everywhere('carla@example.com');
    const id = idOf('carla');
    expect((await manager.api('PATCH', `/members/${id}`, { state: 'disabled' })).status).toBe(200);
    expect((await here.browser.api('GET', '/me')).status).toBe(401);
    expect((await here.browser.signIn('carla@example.com')).status).toBe(401);
    await nothingReaches(here, 4401);
  });

  it('[A3] another role: refused at once by HTTP, read-only on the document', async () => {
    const here = await everywhere('dina@example.com');
    expect((await here.browser.api('POST', `/cases/${accountId}/claim`, {})).status).toBe(200);
    expect((await here.browser.api('POST', `/cases/${accountId}/release`, {})).status).toBe(200);
    expect((await manager.api('PATCH', `/members/${idOf('dina')}`, { role: 'finance' })).status).toBe(200);
    expect((await here.browser.api('POST', `/cases/${accountId}/claim`, {})).status).toBe(403);
    await until(() => here.pen.mode === 0, 'the document is read-only', 2_000);
    await here.client.hears('rights');
    here.pen.cut();
    here.client.close();
  });

  it('[A3] a scope that shrinks: 404 at once, the document closed within 2 s', async () => {
    const here = await everywhere('fay@example.com');
    expect((await manager.api('PATCH', `/members/${idOf('fay')}`, { scope: 'portfolio' })).status).toBe(200);
    expect((await here.browser.api('GET', `/accounts/${accountId}`)).status).toBe(404);
    await until(() => here.pen.closed !== null, 'the document is closed', 2_000);
    expect(here.pen.closed?.code).toBe(4403);
    await here.client.hears('rights');
    const heard = here.client.heard.filter(({ name }) => name !== 'rights').length;
    expect((await manager.api('POST', `/cases/${accountId}/claim`, {})).status).toBe(200);
    const again = await here.client.ask('watch', { streams: [{ stream: `account:${accountId}:internal`, since: 1 }] });
    expect(again).toEqual({ ok: false, code: 'not_found' });
    expect(here.client.heard.filter(({ name }) => name !== 'rights')).toHaveLength(heard);
    here.client.close();
  });
});

/** A request whose Host is another than the address. */
function askAs(host: string, path: string): Promise<{ status: number; text: string; cookies: string[] }> {
  return new Promise((resolve, reject) => {
    plainRequest({ port: server.port, host: '127.0.0.1', path, headers: { host } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text, cookies: response.headers['set-cookie'] ?? [] }),
      );
    })
      .on('error', reject)
      .end();
  });
}

describe('names by which it is reached', () => {
  it('without ORIGIN, only those of this machine: 421 and how to set it for any other', async () => {
    for (const host of ['encours.example.com', '192.168.1.20:3000', 'localhost.evil.example', '127.0.0.1.evil.example'])
      for (const path of ['/', '/sign-in', '/api/v1/me', '/metrics']) {
        const { status, text } = await askAs(host, path);
        expect([host, path, status]).toEqual([host, path, 421]);
        expect(text).toContain('ORIGIN');
      }
    for (const host of [`127.0.0.1:${server.port}`, 'localhost:1234', '[::1]:1234'])
      expect((await askAs(host, '/sign-in')).status).toBe(200);
  });
});

describe('[A10] over https', () => {
  it('[A10] cookies are Secure and bound to the host by their name; the browser is told to keep to https', async () => {
    const secure = await startServer({
      env: { ORIGIN: 'https://encours.example.com' },
      prepare: async (app) => {
        await buildPerson(app, await buildWorkspace(app), { email: 'anne@example.com' });
      },
    });
    try {
      const browser = secure.browser();
      const answer = await browser.signIn('anne@example.com');
      expect(answer.status).toBe(200);
      const lines = answer.headers.getSetCookie();
      expect(lines.length).toBeGreaterThan(0);
      for (const line of lines) expect(line).toMatch(/^__Host-encours-\w+=.*; Secure/i);
      expect(answer.headers.get('strict-transport-security')).toMatch(/max-age=\d{7,}/);
      expect((await browser.api('GET', '/me')).status).toBe(200);
      const sent = { email: 'anne@example.com', password: PASSWORD };
      for (const [origin, status] of [
        ['https://encours.example.com', 200],
        [secure.url, 403],
        ['https://encours.example.com.evil.example', 403],
      ] as const)
        expect((await browser.api('POST', '/session', sent, { origin })).status).toBe(status);
      const described = (await browser.api('GET', '/openapi.json')).json<{
        components: { securitySchemes: { session: { name: string } } };
      }>();
      expect(described.components.securitySchemes.session.name).toBe('__Host-encours-session');
      expect((await browser.request('GET', '/metrics')).status).toBe(404);
    } finally {
      await secure.close();
    }
  });
});

describe('the first visit', () => {
  it('asks for the code that was printed, slows down guessing, and makes workspace and manager once', async () => {
    const empty = await startServer();
    try {
      const code = /set-up code {2}([\w-]+)/.exec(empty.printed.join('\n'))?.[1] ?? '';
      expect(code).toMatch(/^([A-Z0-9]{5}-){3}[A-Z0-9]{5}$/);
      const browser = empty.browser();
      expect((await browser.request('GET', '/')).headers.get('location')).toBe('/set-up');
      expect((await browser.request('GET', '/set-up')).status).toBe(200);
      const form = (given: string): Promise<{ status: number; headers: Headers }> =>
        browser.form('/set-up', {
          code: given,
          workspaceName: 'Maison Neuve',
          name: 'Maud Neuve',
          email: 'maud@example.com',
          password: PASSWORD,
        });
      expect((await form('AAAAA-AAAAA-AAAAA-AAAAA')).status).toBe(400);
      const entered = await form(code);
      expect(entered.status).toBe(303);
      const me = (await browser.api('GET', '/me')).json<{ member: { role: string }; workspace: { name: string } }>();
      expect(me).toMatchObject({ member: { role: 'manager' }, workspace: { name: 'Maison Neuve' } });
      expect((await form(code)).headers.get('location')).toBe('/sign-in');
      expect((await empty.browser().request('GET', '/set-up')).headers.get('location')).toBe('/sign-in');
    } finally {
      await empty.close();
    }
  });

  it('[O3] a wrong code cannot be tried without end', async () => {
    const empty = await startServer();
    try {
      const form = (): Promise<{ status: number }> =>
        empty.browser().form('/set-up', {
          code: 'BBBBB-BBBBB-BBBBB-BBBBB',
          workspaceName: 'x',
          name: 'x',
          email: 'x@example.com',
          password: PASSWORD,
        });
      const statuses: number[] = [];
      for (let n = 0; n < 9; n += 1) statuses.push((await form()).status);
      expect(statuses).toEqual([...Array.from({ length: 8 }, () => 400), 429]);
    } finally {
      await empty.close();
    }
  });
});
