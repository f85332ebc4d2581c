import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Account } from '#lib/domain/account/account.ts';
import { ERRORS, type ErrorCode, type Problem } from '#lib/protocol/errors.ts';
import { OPERATIONS } from '#server/api/operations.ts';
import { buildAccount, buildWorkspace } from '../support/factories.ts';
import { buildPerson, START_MS, startServer, type Answer, type Browser, type TestServer } from '../support/server.ts';

let server: TestServer;
let manager: Browser;
let collector: Browser;
let rival: Browser;
let account: Account;
let other: Account;

beforeAll(async () => {
  server = await startServer({
    prepare: async (app) => {
      const workspace = await buildWorkspace(app);
      await buildPerson(app, workspace, { email: 'manager@example.com', role: 'manager', name: 'Mona Manager' });
      await buildPerson(app, workspace, { email: 'collector@example.com', name: 'Corinne Collector' });
      await buildPerson(app, workspace, { email: 'rival@example.com' });
      const owes = { openItems: [{ cents: 90_000, dueDay: '2026-01-10' }] };
      [account, other] = [await buildAccount(app, workspace, owes), await buildAccount(app, workspace, owes)];
    },
  });
  manager = await server.as('manager@example.com');
  collector = await server.as('collector@example.com');
  rival = await server.as('rival@example.com');
}, START_MS);
afterAll(() => server.close());

const contactsOf = async (id: string): Promise<{ name: string; version: number; id: string }[]> =>
  (await collector.api('GET', `/accounts/${id}`)).json<{ contacts: { name: string; version: number; id: string }[] }>()
    .contacts;

describe('[K3] the same command again', () => {
  it('[K3] one key sent five times at once: one effect, one answer', async () => {
    const headers = { 'idempotency-key': 'an-act-of-the-user' };
    const send = (name: string): Promise<Answer> =>
      collector.api('POST', `/accounts/${account.id}/contacts`, { name }, headers);
    const answers = await Promise.all(Array.from({ length: 5 }, () => send('Once')));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201]);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect((await contactsOf(account.id)).filter(({ name }) => name === 'Once')).toHaveLength(1);
    expect((await send('Once')).text).toBe(answers[0]?.text);

    const mismatch = await send('Another');
    expect([mismatch.status, mismatch.json().code]).toEqual([422, 'idempotency_mismatch']);
    const elsewhere = await collector.api('POST', `/accounts/${other.id}/contacts`, { name: 'Once' }, headers);
    expect(elsewhere.status).toBe(422);
    const command = await collector.api('POST', `/cases/${account.id}/claim`, {}, headers);
    expect(command.status).toBe(422);
    expect((await contactsOf(account.id)).filter(({ name }) => name === 'Another')).toHaveLength(0);
  });

  it('[K3] a key is its member’s own', async () => {
    const headers = { 'idempotency-key': 'a-key-of-two-people' };
    const name = 'Twice';
    for (const person of [collector, manager])
      expect((await person.api('POST', `/accounts/${account.id}/contacts`, { name }, headers)).status).toBe(201);
    expect((await contactsOf(account.id)).filter((contact) => contact.name === name)).toHaveLength(2);
  });

  it('[K3] an answer that was lost is had again, after other things happened', async () => {
    const headers = { 'idempotency-key': 'take-this-case' };
    const first = await collector.api('POST', `/cases/${account.id}/claim`, {}, headers);
    expect(first.status).toBe(200);
    expect((await collector.api('POST', `/cases/${account.id}/release`, {})).status).toBe(200);
    expect((await rival.api('POST', `/cases/${account.id}/claim`, {})).status).toBe(200);
    const again = await collector.api('POST', `/cases/${account.id}/claim`, {}, headers);
    expect([again.status, again.text]).toEqual([200, first.text]);
    expect((await rival.api('POST', `/cases/${account.id}/release`, {})).status).toBe(200);
  });

  it.each(['', ' ', 'a b', 'é', 'x'.repeat(129)])('[K3] the key %j is refused', async (key) => {
    const headers = { 'idempotency-key': encodeURIComponent(key).replace(/%20/g, ' ') || ' ' };
    if (key === 'é') headers['idempotency-key'] = 'é';
    const { status } = await collector.api('POST', `/accounts/${account.id}/contacts`, { name: 'Key' }, headers);
    expect(status).toBe(400);
  });

  it('every command takes a key, from every method', async () => {
    const headers = { 'idempotency-key': 'profile-once' };
    expect((await collector.api('PATCH', '/me', { locale: 'en' }, headers)).status).toBe(200);
    expect((await collector.api('PATCH', '/me', { locale: 'fr' }, headers)).status).toBe(422);
    expect((await collector.api('PATCH', '/me', { locale: 'en' }, headers)).status).toBe(200);
  });
});

describe('[K4] what has changed meanwhile', () => {
  it('[K4] a case: 412 with the version of now, and nothing is overwritten', async () => {
    const read = await manager.api('GET', `/cases/${other.id}`);
    const etag = read.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"\d+"$/);
    const body = { reason: 'waiting for them', nextActionOn: '2099-03-02' };
    const done = await manager.api('POST', `/cases/${other.id}/postpone`, body, { 'if-match': etag });
    expect(done.status).toBe(200);
    const now = done.headers.get('etag');
    expect(Number(now?.slice(1, -1))).toBeGreaterThan(Number(etag.slice(1, -1)));

    const stale = { ...body, nextActionOn: '2099-04-06' };
    const refused = await collector.api('POST', `/cases/${other.id}/postpone`, stale, { 'if-match': etag });
    expect(refused.status).toBe(412);
    expect(refused.headers.get('etag')).toBe(now);
    expect(refused.json()).toMatchObject({
      code: 'version_conflict',
      details: { currentVersion: Number(now?.slice(1, -1)) },
    });
    const after = await manager.api('GET', `/cases/${other.id}`);
    expect(after.headers.get('etag')).toBe(now);
    expect(after.text).toContain('2099-03-02');
    expect(after.text).not.toContain('2099-04-06');
  });

  it('[K4] a contact, changed and removed', async () => {
    const added = await collector.api('POST', `/accounts/${other.id}/contacts`, { name: 'Before' });
    expect(added.headers.get('etag')).toBe('"1"');
    const id = (await contactsOf(other.id)).find(({ name }) => name === 'Before')?.id ?? '';
    const path = `/accounts/${other.id}/contacts/${id}`;
    expect((await collector.api('PATCH', path, { name: 'After' }, { 'if-match': '"1"' })).status).toBe(200);
    const refused = await rival.api('PATCH', path, { name: 'Overwritten' }, { 'if-match': '"1"' });
    expect([refused.status, refused.headers.get('etag')]).toEqual([412, '"2"']);
    expect((await rival.api('DELETE', path, undefined, { 'if-match': '"1"' })).status).toBe(412);
    expect((await contactsOf(other.id)).map(({ name }) => name)).toContain('After');
    expect((await rival.api('DELETE', path, undefined, { 'if-match': '"2"' })).status).toBeLessThan(300);
  });

  it('[K4] a member: two who administer at once', async () => {
    const { members } = (await manager.api('GET', '/members')).json<{
      members: { id: string; email: string; version: number }[];
    }>();
    const one = members.find(({ email }) => email === 'rival@example.com');
    const ifMatch = { 'if-match': `"${one?.version}"` };
    const path = `/members/${one?.id}`;
    const answers = await Promise.all(['First', 'Second'].map((name) => manager.api('PATCH', path, { name }, ifMatch)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 412]);
  });

  it.each(['2', 'x', '"x"', '"-1"', '"1", "2"', '""'])('[K4] If-Match %s is refused', async (value) => {
    const body = { reason: 'x', nextActionOn: '2099-03-02' };
    expect((await manager.api('POST', `/cases/${other.id}/postpone`, body, { 'if-match': value })).status).toBe(400);
  });
});

describe('[K1] a claim that is lost', () => {
  it('[K1] 409 with the winner’s name', async () => {
    const answers = await Promise.all(
      [collector, rival, manager].map((person) => person.api('POST', `/cases/${account.id}/claim`, {})),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409, 409]);
    const winner = [collector, rival, manager][answers.findIndex(({ status }) => status === 200)];
    const me = (await winner?.api('GET', '/me'))?.json<{ member: { id: string; name: string } }>().member;
    for (const answer of answers)
      if (answer.status === 409)
        expect(answer.json()).toMatchObject({
          code: 'already_claimed',
          details: { holderId: me?.id, holderName: me?.name },
        });
  });
});

describe('a token instead of a cookie', () => {
  it('opens the API as far as it was given, and nothing else, until it is revoked', async () => {
    const made = await manager.api('POST', '/me/tokens', {
      name: 'reporting',
      actions: ['account.read', 'queue.read'],
      expiresOn: null,
    });
    expect(made.status).toBe(201);
    const { secret } = made.json<{ secret: string }>();
    const program = server.browser();
    const authorization = `Bearer ${secret}`;
    const ask = (method: string, path: string, body?: unknown): Promise<Answer> =>
      program.api(method, path, body, { authorization });
    expect((await ask('GET', '/queue?view=everything')).status).toBe(200);
    expect((await ask('GET', '/me')).status).toBe(200);
    expect((await ask('POST', `/cases/${other.id}/claim`, {})).status).toBe(403);
    expect((await ask('POST', '/me/password', { current: 'x', next: 'y'.repeat(12) })).status).toBe(403);
    expect((await program.request('GET', '/queue/today', { headers: { authorization } })).status).toBe(303);
    const { tokens } = (await manager.api('GET', '/me/tokens')).json<{ tokens: { id: string }[] }>();
    expect(JSON.stringify(tokens)).not.toContain(secret);
    expect((await manager.api('DELETE', `/me/tokens/${tokens[0]?.id}`)).status).toBe(204);
    const over = await ask('GET', '/me');
    expect([over.status, over.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    // a bad token is not made good by a cookie
    expect((await manager.api('GET', '/me', undefined, { authorization })).status).toBe(401);
  });
});

describe('problem documents', () => {
  it('have one shape, whatever is refused', async () => {
    const nobody = server.browser();
    const json = { 'content-type': 'application/json' };
    const refusals: [ErrorCode, Answer][] = [
      ['unauthenticated', await nobody.api('GET', '/me')],
      ['sign_in_failed', await nobody.signIn('nobody@example.com')],
      ['bad_request', await manager.request('POST', '/api/v1/queue/next', { body: '{', headers: json })],
      ['validation_failed', await manager.api('GET', '/queue?limit=0')],
      ['forbidden', await collector.api('GET', '/members')],
      ['foreign_origin', await manager.api('PATCH', '/me', { locale: 'fr' }, { origin: 'https://evil.example' })],
      ['not_found', await manager.api('GET', '/accounts/nobody-knows-it')],
      ['method_not_allowed', await manager.api('DELETE', '/queue')],
      ['already_exists', await manager.api('POST', '/members', invitation('manager@example.com'))],
      [
        'unsupported_media',
        await manager.request('POST', '/api/v1/queue/next', { body: '{}', headers: { 'content-type': 'text/csv' } }),
      ],
      ['too_large', await manager.api('POST', '/queue/next', { view: 'x'.repeat(600_000) })],
    ];
    for (const [code, answer] of refusals) {
      const { status } = ERRORS[code];
      expect([code, answer.status]).toEqual([code, status]);
      expect(answer.headers.get('content-type')).toBe('application/problem+json');
      expect(answer.headers.get('cache-control')).toMatch(/no-store/);
      const problem = answer.json<Problem>();
      expect(problem).toMatchObject({ type: `urn:encours:problem:${code}`, code, status });
      expect(problem.title).toMatch(/^[a-z ]+$/);
      expect(problem.instance).toBe(`urn:encours:request:${answer.headers.get('x-request-id')}`);
      expect(answer.text).not.toMatch(/node:|\.ts:|at async/);
    }
  });
});

const invitation = (email: string): Record<string, unknown> => ({
  email,
  name: 'Somebody',
  role: 'collector',
  departments: ['credit'],
  scope: 'all',
});

describe('the OpenAPI document', () => {
  interface Described {
    operationId: string;
    security?: unknown[];
    parameters?: { name?: string; in?: string; $ref?: string; schema?: unknown }[];
    requestBody?: { content: Record<string, unknown> };
    responses: Record<string, unknown>;
  }
  interface Document {
    openapi: string;
    info: { title: string; version: string };
    security: Record<string, string[]>[];
    paths: Record<string, Record<string, Described>>;
    components: Record<string, Record<string, unknown>>;
  }

  /** They take the file itself, under a key. */
  const BY_FILE = ['import.stage', 'attachment.add', 'einvoice.file'];

  it('tells every operation, and the router answers every path of it', async () => {
    const document = (await server.browser().api('GET', '/openapi.json')).json<Document>();
    expect(document.openapi).toMatch(/^3\.1\.\d$/);
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, one]) => ({ path, method: method.toUpperCase(), ...one })),
    );
    const ids = described.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { id } of OPERATIONS) expect(ids).toContain(id);
    for (const id of ['session.open', 'session.close', 'import.stage']) expect(ids).toContain(id);
    expect(document.security).toEqual([{ session: [] }, { token: [] }]);
    for (const scheme of ['session', 'token']) expect(document.components.securitySchemes).toHaveProperty(scheme);

    for (const { path, method, operationId, parameters = [], security, requestBody, responses } of described) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      expect(parameters.filter((one) => one.in === 'path').map(({ name }) => name)).toEqual(inPath);
      expect(security ?? document.security).toEqual(operationId === 'session.open' ? [] : document.security);
      expect(responses).toHaveProperty('default');
      const known = OPERATIONS.find(({ id }) => id === operationId);
      const refs = parameters.map(({ $ref }) => $ref);
      expect([operationId, refs.includes('#/components/parameters/IdempotencyKey')]).toEqual([
        operationId,
        known?.command ?? BY_FILE.includes(operationId),
      ]);
      expect(refs.includes('#/components/parameters/IfMatch')).toBe(known?.versioned ?? false);
      if (method === 'GET') expect(requestBody).toBeUndefined();
      const at = path.replace(/\{\w+\}/g, 'nothing-of-this-id');
      // another method is refused by a path that is there, with those that it takes
      const answer = await manager.api('PUT', at, {});
      if (operationId.startsWith('session.')) expect(answer.status).toBe(405);
      else expect([path, answer.status, answer.headers.get('allow')?.includes(method)]).toEqual([path, 405, true]);
    }
    const text = JSON.stringify(document);
    for (const [, ref = ''] of text.matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      const found = ref.split('/').reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], document);
      expect(found, ref).toBeDefined();
    }
    for (const [, type = ''] of text.matchAll(/"type":"(\w+)"/g))
      expect(['object', 'string', 'number', 'integer', 'boolean', 'array', 'null', 'apiKey', 'http']).toContain(type);
  });
});
