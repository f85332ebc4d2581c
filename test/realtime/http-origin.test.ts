import { connect as connectTcp } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noteDocument } from '#lib/protocol/streams.ts';
import { buildAccount, buildWorkspace } from '../support/factories.ts';
import { until } from '../support/realtime.ts';
import { buildPerson, START_MS, startServer, type Browser, type TestServer } from '../support/server.ts';

let server: TestServer;
let manager: Browser;
let accountId: string;

beforeAll(async () => {
  server = await startServer({
    prepare: async (app) => {
      const workspace = await buildWorkspace(app);
      await buildPerson(app, workspace, { email: 'manager@example.com', role: 'manager' });
      accountId = (await buildAccount(app, workspace, { openItems: [{ cents: 5_000, dueDay: '2026-01-10' }] })).id;
    },
  });
  manager = await server.as('manager@example.com');
}, START_MS);
afterAll(() => server.close());

/** A bare request, as any program could send it; answers the status line's number. */
function askBare(lines: string[], body = ''): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp(server.port, '127.0.0.1', () => socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`));
    socket.once('error', reject);
    socket.once('data', (data) => {
      resolve(Number(data.toString('latin1').slice(9, 12)));
      socket.destroy();
    });
  });
}

const upgrade = (path: string, origin: string | null, cookie = manager.cookie()): Promise<number> =>
  askBare([
    `GET ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${server.port}`,
    ...(origin === null ? [] : [`Origin: ${origin}`]),
    ...(cookie === '' ? [] : [`Cookie: ${cookie}`]),
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  ]);

describe('[A11] where a request comes from', () => {
  const ORIGINS = {
    same: () => server.url,
    evil: () => 'https://evil.example',
    look_alike: () => `http://127.0.0.1:${server.port}.evil.example`,
    null: () => 'null',
    none: () => null,
  };
  const SOCKET = '/socket.io/?EIO=4&transport=websocket';
  const withOrigin = (origin: string | null): Record<string, string> => (origin === null ? {} : { origin });

  const CHANNELS: { [name: string]: { ask: (origin: string | null) => Promise<number>; ok: number; none: number } } = {
    'Socket.IO': { ask: (origin) => upgrade(SOCKET, origin), ok: 101, none: 101 },
    Yjs: {
      ask: (origin) => upgrade(`/collab/${noteDocument(accountId)}?epoch=1&schema=2`, origin),
      ok: 101,
      none: 101,
    },
    JSON: {
      ask: async (origin) => (await manager.api('PATCH', '/me', { locale: 'fr' }, withOrigin(origin))).status,
      ok: 200,
      none: 200,
    },
    form: {
      ask: async (origin) => {
        const body = new URLSearchParams({ locale: 'fr' });
        const { status } = await manager.request('POST', '/profile?/language', { body, headers: withOrigin(origin) });
        return status;
      },
      ok: 200,
      // a browser never leaves it out of a form
      none: 403,
    },
    'plain text': {
      ask: async (origin) => {
        const headers = { 'content-type': 'text/plain', accept: 'text/html', ...withOrigin(origin) };
        const { status } = await manager.request('POST', '/profile?/language', { body: 'locale=fr', headers });
        return status;
      },
      ok: 415,
      none: 403,
    },
    'sign-in': {
      ask: async (origin) => {
        const visitor = server.browser();
        const sent = { email: 'manager@example.com', password: 'mot de passe des essais' };
        return (await visitor.api('POST', '/session', sent, withOrigin(origin))).status;
      },
      ok: 200,
      none: 200,
    },
  };

  for (const [channel, { ask, ok, none }] of Object.entries(CHANNELS))
    for (const [name, origin] of Object.entries(ORIGINS))
      it(`[A11] ${channel} from ${name}`, async () => {
        expect(await ask(origin())).toBe(name === 'same' ? ok : name === 'none' ? none : 403);
      });

  it('[A11] a page that hides its Origin is known by what browsers add', async () => {
    for (const site of ['cross-site', 'same-site', 'none'])
      expect((await manager.api('PATCH', '/me', { locale: 'fr' }, { 'sec-fetch-site': site })).status).toBe(403);
    expect((await manager.api('PATCH', '/me', { locale: 'fr' }, { 'sec-fetch-site': 'same-origin' })).status).toBe(200);
  });

  it('[A11] nobody else may read an answer: no CORS on any path', async () => {
    for (const path of ['/api/v1/me', '/api/v1/openapi.json', '/healthz', '/sign-in']) {
      const { headers } = await manager.request('GET', path, { headers: { origin: 'https://evil.example' } });
      expect(headers.get('access-control-allow-origin')).toBeNull();
    }
    const preflight = { origin: 'https://evil.example', 'access-control-request-method': 'PATCH' };
    const { headers } = await manager.request('OPTIONS', '/api/v1/me', { headers: preflight });
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });

  it('[A11] polling is not spoken, without a session nobody comes in, other paths are not there', async () => {
    expect((await manager.request('GET', '/socket.io/?EIO=4&transport=polling')).status).toBe(404);
    expect((await manager.form('/socket.io/?EIO=4&transport=polling', {})).status).toBeGreaterThanOrEqual(400);
    expect(await upgrade(SOCKET, server.url, '')).toBe(401);
    expect(await upgrade('/elsewhere', server.url)).toBe(404);
    expect(await upgrade('/', server.url)).toBe(404);
    expect(await upgrade('/api/v1/me', server.url)).toBe(404);
  });
});

describe('headers', () => {
  const pages = ['/sign-in', '/queue/today', '/insights', '/profile', '/admin/members', '/nothing/here'];

  it.each(pages)(
    '%s has a strict policy: no inline script without its mark, no frame, no foreign source',
    async (path) => {
      const visitor = path === '/sign-in' ? server.browser() : manager;
      const answer = await visitor.request('GET', path, { headers: { accept: 'text/html' } });
      expect(answer.status).toBe(path === '/nothing/here' ? 404 : 200);
      const policy = new Map(
        (answer.headers.get('content-security-policy') ?? '').split(';').map((directive) => {
          const [name = '', ...sources] = directive.trim().split(/\s+/);
          return [name, sources] as const;
        }),
      );
      expect(policy.get('default-src')).toEqual(["'none'"]);
      expect(policy.get('frame-ancestors')).toEqual(["'none'"]);
      expect(policy.get('base-uri')).toEqual(["'none'"]);
      expect(policy.get('form-action')).toEqual(["'self'"]);
      expect(policy.get('connect-src')).toEqual(["'self'"]);
      const script = policy.get('script-src') ?? [];
      expect(script).not.toContain("'unsafe-inline'");
      expect(script).not.toContain("'unsafe-eval'");
      expect(script.every((source) => /^'(self|nonce-[\w+/=]{20,}|sha256-[\w+/=]+)'$/.test(source))).toBe(true);
      const nonce = /'nonce-([\w+/=]+)'/.exec(script.join(' '))?.[1];
      for (const [, attributes = ''] of answer.text.matchAll(/<script\b([^>]*)>/g))
        if (!/\ssrc=/.test(attributes)) expect(attributes).toContain(`nonce="${nonce}"`);
      expect(answer.text).not.toMatch(/\son(click|load|error)=/i);
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      expect(answer.headers.get('x-frame-options')).toBe('DENY');
      expect(answer.headers.get('referrer-policy')).toBe('same-origin');
      expect(answer.headers.get('cross-origin-opener-policy')).toBe('same-origin');
      expect(answer.headers.get('x-powered-by')).toBeNull();
      expect(answer.headers.get('x-sveltekit-page')).not.toBe('secret');
    },
  );

  it('a new mark each time', async () => {
    const marks = await Promise.all(
      [1, 2, 3].map(async () => {
        const { headers } = await manager.request('GET', '/queue/today');
        return /'nonce-([\w+/=]+)'/.exec(headers.get('content-security-policy') ?? '')?.[1];
      }),
    );
    expect(new Set(marks).size).toBe(3);
  });

  it('files and answers of the API are not guessed at either', async () => {
    const page = await manager.request('GET', '/sign-in');
    const home = await manager.request('GET', '/queue/today');
    const file = /\/_app\/immutable\/[\w/.-]+\.(?:js|css)/.exec(page.text + home.text)?.[0] ?? '/_app/none';
    for (const path of [file, '/api/v1/me', '/healthz', '/socket.io/']) {
      const { headers } = await manager.request('GET', path);
      expect([path, headers.get('x-content-type-options')]).toEqual([path, 'nosniff']);
    }
  });
});

describe('operation', () => {
  it('health and readiness say nothing of anybody', async () => {
    const visitor = server.browser();
    expect((await visitor.request('GET', '/healthz')).json()).toEqual({
      status: 'ok',
      version: expect.any(String) as string,
      instance: expect.any(String) as string,
    });
    expect((await visitor.request('GET', '/readyz')).json()).toEqual({
      status: 'ready',
      store: process.env.TEST_STORE === 'mongodb' ? 'mongodb' : 'embedded',
    });
  });

  it('figures without a token are for this machine, with one for whoever has it', async () => {
    const open = await server.browser().request('GET', '/metrics');
    expect(open.status).toBe(200);
    expect(open.text).toContain('encours_requests_total');
    expect(open.text).not.toContain('manager@example.com');
    const guarded = await startServer({ env: { METRICS_TOKEN: 'a-long-secret-of-the-monitoring' } });
    try {
      const visitor = guarded.browser();
      const ask = async (authorization?: string): Promise<number> =>
        (await visitor.request('GET', '/metrics', authorization === undefined ? {} : { headers: { authorization } }))
          .status;
      expect(await ask()).toBe(404);
      expect(await ask('Bearer something-else')).toBe(404);
      expect(await ask('Bearer a-long-secret-of-the-monitoring')).toBe(200);
    } finally {
      await guarded.close();
    }
  });
});

describe('[O2] connections that say nothing', () => {
  it('[O2] 200 of them are closed within 10 s; members are answered meanwhile', async () => {
    const started = performance.now();
    let open = 0;
    for (let n = 0; n < 200; n += 1) {
      const socket = connectTcp(server.port, '127.0.0.1', () => {
        open += 1;
        // half of them begin a request and never end it
        if (n % 2 === 0) socket.write('GET /api/v1/me HTTP/1.1\r\nHost: 127.0.0.1\r\n');
      });
      socket.on('data', () => undefined);
      socket.on('error', () => undefined);
      socket.once('close', () => (open -= 1));
    }
    await until(() => open === 200, 'all are connected');
    const slowest = { ms: 0 };
    for (let n = 0; n < 20; n += 1) {
      const asked = performance.now();
      expect((await manager.api('GET', '/me')).status).toBe(200);
      slowest.ms = Math.max(slowest.ms, performance.now() - asked);
    }
    expect(slowest.ms).toBeLessThan(2_000);
    await until(() => open === 0, 'all are closed', 12_000);
    expect(performance.now() - started).toBeLessThan(14_000);
  });
});
