import { readdirSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Account } from '#lib/domain/account/account.ts';
import { OPERATIONS } from '#server/api/operations.ts';
import { buildAccount, buildWorkspace } from '../support/factories.ts';
import { buildPerson, START_MS, startServer, type Answer, type Browser, type TestServer } from '../support/server.ts';

let server: TestServer;
let manager: Browser;
let account: Account;

beforeAll(async () => {
  server = await startServer({
    env: { IMPORT_MAX_MB: '1' },
    prepare: async (app) => {
      const workspace = await buildWorkspace(app);
      await buildPerson(app, workspace, { email: 'manager@example.com', role: 'manager' });
      account = await buildAccount(app, workspace, { name: 'Écoles Gaël Brûlé' });
    },
  });
  manager = await server.as('manager@example.com');
}, START_MS);
afterAll(() => server.close());

const fieldsOf = (input: unknown): string[] => Object.keys((input as { entries?: object }).entries ?? {});
const codeOf = (answer: Answer): unknown => answer.json().code;

describe('[B8] what a database could take for something else', () => {
  const BAD: [string, unknown][] = [
    ['an operator', { $ne: null }],
    ['code', { $where: 'sleep(1000) || true' }],
    ['a dotted name', { 'a.b': 1 }],
    ['a prototype', JSON.parse('{"__proto__":{"admin":true}}')],
    ['a list of them', [{ $gt: '' }]],
  ];

  it.each(BAD)('[B8] %s in every field of every command: 400', async (_, value) => {
    for (const { id, method, path, input } of OPERATIONS) {
      if (method === 'GET' || method === 'DELETE') continue;
      const at = path.replace(/\{\w+\}/g, account.id);
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      for (const field of fieldsOf(input)) {
        if (inPath.includes(field)) continue;
        const answer = await manager.api(method, at, { [field]: value });
        expect([id, field, answer.status]).toEqual([id, field, 400]);
        expect(codeOf(answer)).toBe('validation_failed');
      }
      const whole = await manager.api(method, at, Array.isArray(value) ? { $or: value } : value);
      expect([id, 'body', whole.status]).toEqual([id, 'body', 400]);
    }
  });

  it('[B8] in every parameter of every query: 400', async () => {
    for (const { id, method, path, input } of OPERATIONS) {
      if (method !== 'GET' && method !== 'DELETE') continue;
      const at = path.replace(/\{\w+\}/g, account.id);
      for (const field of [...fieldsOf(input), 'anything'])
        for (const name of [`${field}[$ne]`, `${field}.$ne`, `$${field}`]) {
          const { status } = await manager.api(method, `${at}?${encodeURIComponent(name)}=1`);
          expect([id, name, status]).toEqual([id, name, 400]);
        }
      if (!path.includes('{')) continue;
      for (const given of ['{"$ne":null}', '$ne', 'a.b', '__proto__', 'A', 'é', 'x'.repeat(200)]) {
        const { status } = await manager.api(method, path.replace(/\{\w+\}/g, encodeURIComponent(given)));
        expect([id, given, status]).toSatisfy(([, , found]) => found === 400 || found === 404);
      }
    }
  });

  it('[B8] at the door', async () => {
    for (const body of [
      { email: { $ne: null }, password: { $ne: null } },
      { email: 'manager@example.com', password: { $gt: '' } },
      { email: ['manager@example.com'], password: 'x' },
    ])
      expect((await server.browser().api('POST', '/session', body)).status).toBe(400);
  });

  it('[B8] a body that is no object: 400; of another type: 415', async () => {
    for (const body of ['[]', 'null', '1', '"x"', '{', '{"a":1}}', 'undefined']) {
      const headers = { 'content-type': 'application/json' };
      const answer = await manager.request('POST', `/api/v1/cases/${account.id}/claim`, { body, headers });
      expect([body, answer.status]).toEqual([body, 400]);
    }
    for (const type of ['text/csv', 'application/octet-stream', 'application/xml']) {
      const headers = { 'content-type': type };
      const answer = await manager.request('POST', `/api/v1/cases/${account.id}/claim`, { body: '{}', headers });
      expect([type, answer.status]).toEqual([type, 415]);
    }
    // a body without a type is not no body
    const bytes = new TextEncoder().encode('{"memberId":"x"}');
    expect((await manager.request('POST', `/api/v1/cases/${account.id}/hand-over`, { body: bytes })).status).toBe(415);
  });
});

/** A body whose length is not said beforehand. */
const inChunks = async (path: string, type: string, chunks: number, chunk: string): Promise<Answer> => {
  const bytes = new TextEncoder().encode(chunk);
  let left = chunks;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (left === 0) controller.close();
      else controller.enqueue(bytes);
      left -= 1;
    },
  });
  const options = {
    method: 'POST',
    body,
    duplex: 'half',
    headers: { cookie: manager.cookie(), 'content-type': type },
  } as RequestInit;
  const response = await fetch(`${server.url}${path}`, options);
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: <T>() => JSON.parse(text) as T };
};

const LINE = 'A1;F1;2026-01-01;2026-01-31;10,00;text that makes the line a little longer than it would otherwise be\n';

describe('[B4] bodies that are too large', () => {
  it('[B4] on the API and on forms: 413 and a problem document', async () => {
    const text = 'x'.repeat(600_000);
    for (const answer of [
      await manager.api('POST', `/accounts/${account.id}/contacts`, { name: text }),
      await manager.form('/profile?/language', { locale: text }),
      await manager.form('/sign-in?/password', { email: text, password: 'x' }),
      await server.browser().api('POST', '/session', { email: text, password: 'x' }),
    ]) {
      expect(answer.status).toBe(413);
      expect(answer.headers.get('content-type')).toBe('application/problem+json');
      expect(codeOf(answer)).toBe('too_large');
    }
  });

  it('[B4] whose length is not said: refused everywhere but where files go', async () => {
    const answer = await inChunks(`/api/v1/accounts/${account.id}/contacts`, 'application/json', 1, '{"name":"Anne"}');
    expect([answer.status, codeOf(answer)]).toEqual([400, 'bad_request']);
    const form = await inChunks('/profile?/language', 'multipart/form-data; boundary=x', 2, 'x'.repeat(100_000));
    expect(form.status).toBeGreaterThanOrEqual(400);
  });

  it('[B4] are refused by what they say, before they are sent', async () => {
    const status = await new Promise<string>((resolve, reject) => {
      const head = [
        'POST /api/v1/imports?asOf=2026-01-31 HTTP/1.1',
        `Host: 127.0.0.1:${server.port}`,
        `Cookie: ${manager.cookie()}`,
        'Content-Type: text/csv',
        'Content-Length: 99000000',
      ];
      const socket = connectTcp(server.port, '127.0.0.1', () => socket.write(`${head.join('\r\n')}\r\n\r\n`));
      socket.once('error', reject);
      socket.once('data', (data) => {
        resolve(data.toString('latin1').slice(9, 12));
        socket.destroy();
      });
    });
    expect(status).toBe('413');
  });

  it('[B4] a ledger file is read as it comes, and cut off at its limit; nothing of it is left', async () => {
    const over = await inChunks('/api/v1/imports?asOf=2026-01-31', 'text/csv', 200, LINE.repeat(100));
    expect([over.status, codeOf(over)]).toEqual([413, 'too_large']);
    const left = readdirSync(join(server.directory, 'imports'));
    expect(left).toEqual([]);
    const within = await inChunks(
      '/api/v1/imports?asOf=2026-01-31',
      'text/csv',
      1,
      `compte;pièce;date;échéance;montant;texte\n${LINE}`,
    );
    expect(within.status).toBe(201);
    expect((await manager.api('POST', `/imports/${within.json<{ id: string }>().id}/discard`, {})).status).toBe(200);
    expect((await manager.api('GET', '/me')).status).toBe(200);
  });
});

describe('[B9] text', () => {
  const CURIOUS = {
    composed: 'Gaël Brûlé',
    decomposed: 'Gaël Brûlé'.normalize('NFD'),
    'right to left': 'abc \u202e\u202d שלום مرحبا',
    joined: '👩‍👩‍👧‍👦 and 🏳️‍🌈',
    'beyond the plane': '𠮷野家 𝒳',
    quotes: `"'\`<script>alert(1)</script>{{x}} \${y}`,
  };

  it.each(Object.entries(CURIOUS))('[B9] %s comes back as it was written', async (_, name) => {
    expect((await manager.api('POST', `/accounts/${account.id}/contacts`, { name })).status).toBe(201);
    const sheet = (await manager.api('GET', `/accounts/${account.id}`)).json<{ contacts: { name: string }[] }>();
    expect(sheet.contacts.map((contact) => contact.name)).toContain(name);
  });

  it.each(['Gaël Brûlé', 'Gaël Brûlé'.normalize('NFD'), 'gael brule', 'ÉCOLES', 'ecoles gaël'])(
    '[B9] the account is found by %s',
    async (search) => {
      const found = await manager.api('GET', `/accounts?search=${encodeURIComponent(search)}`);
      expect(found.status).toBe(200);
      expect(found.text).toContain(account.id);
    },
  );

  it('[B9] half a character is refused by name, in every field of every command', async () => {
    for (const { id, method, path, input } of OPERATIONS) {
      if (method === 'GET' || method === 'DELETE') continue;
      const at = path.replace(/\{\w+\}/g, account.id);
      for (const field of fieldsOf(input)) {
        if (path.includes(`{${field}}`)) continue;
        const body = `{"${field}":"a\\ud800b"}`;
        const headers = { 'content-type': 'application/json' };
        const answer = await manager.request(method, `/api/v1${at}`, { body, headers });
        expect([id, field, answer.status]).toEqual([id, field, 400]);
        expect(answer.json<{ details: unknown }>().details).toEqual({
          issues: [{ path: field, reason: 'lone_surrogate' }],
        });
      }
    }
  });
});
