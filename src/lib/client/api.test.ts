import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { ClientProblem, command, newKey, query, speakFor } from './api.ts';
import { saves } from './saves.svelte.ts';

let server: Server | null = null;
afterEach(() => {
  server?.close();
  server?.closeAllConnections();
});

/** A server that answers each request in turn, and a fetch that reaches it. */
async function serve(...answers: ((request: IncomingMessage, response: ServerResponse) => void)[]) {
  const requests: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[] = [];
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      requests.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
      const answer = answers[requests.length - 1] ?? answers.at(-1);
      answer?.(request, response);
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const fetch = (path: string | URL | Request, init?: RequestInit) =>
    globalThis.fetch(`http://127.0.0.1:${port}${path as string}`, init);
  return { requests, fetch: fetch as typeof globalThis.fetch };
}

const json =
  (status: number, body: unknown) =>
  (_: unknown, response: ServerResponse): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
const cut = (request: IncomingMessage): void => void request.socket.destroy();
const problem = (status: number, code: string, details: object = {}) => json(status, { code, status, details });

describe('[K3] a command of the browser', () => {
  it('[K3] is sent again under the same key when its answer is lost, and answers once', async () => {
    const { requests, fetch } = await serve(cut, problem(503, 'store_unavailable'), json(200, { version: 3 }));
    const answer = await command('POST', '/cases/c1/claim', { a: 1 }, { fetch, version: 2 });
    expect(answer).toEqual({ version: 3 });
    expect(requests.map(({ method, url, body }) => [method, url, body])).toEqual(
      Array.from({ length: 3 }, () => ['POST', '/api/v1/cases/c1/claim', '{"a":1}']),
    );
    const keys = new Set(requests.map(({ headers }) => headers['idempotency-key']));
    expect([...keys]).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
    expect(requests[0]?.headers['if-match']).toBe('"2"');
  });

  it('[A7] says for whom it is meant: for whoever the page is, or for whose act it was', async () => {
    const { requests, fetch } = await serve(json(200, {}));
    await command('POST', '/queue/next', {}, { fetch });
    speakFor('m1');
    await command('POST', '/queue/next', {}, { fetch });
    await command('POST', '/queue/next', {}, { fetch, memberId: 'm2' });
    speakFor(null);
    expect(requests.map(({ headers }) => headers['encours-member'])).toEqual([undefined, 'm1', 'm2']);
  });

  it('[K3] has another key for another act, and the caller’s own when it gives one', async () => {
    const { requests, fetch } = await serve(json(200, {}));
    await command('POST', '/queue/next', {}, { fetch });
    await command('POST', '/queue/next', {}, { fetch });
    await command('POST', '/queue/next', {}, { fetch, key: 'mine' });
    const keys = requests.map(({ headers }) => headers['idempotency-key']);
    expect(new Set(keys).size).toBe(3);
    expect(keys[2]).toBe('mine');
    expect(newKey()).not.toBe(newKey());
  });

  it('a refusal is a problem with its code and details, and is not tried again', async () => {
    const details = { holderId: 'm1', holderName: 'Ana', until: '2026-03-16T08:10:00.000Z' };
    const { requests, fetch } = await serve(problem(409, 'already_claimed', details));
    const refused = await command('POST', '/cases/c1/claim', {}, { fetch }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ClientProblem);
    expect(refused).toMatchObject({ code: 'already_claimed', status: 409, details });
    expect(requests.length).toBe(1);
  });

  it('a page that is no problem document is told as internal', async () => {
    const { fetch } = await serve((_, response) => response.writeHead(500).end('<html>'));
    await expect(query('/queue', {}, { fetch })).rejects.toMatchObject({ code: 'internal', status: 500 });
  });

  it('counts as being saved until it is answered', async () => {
    let release: (() => void) | undefined;
    const { fetch } = await serve((_, response) => {
      release = () => response.writeHead(204).end();
    });
    expect(saves.sync('connected')).toEqual({ state: 'live', pending: 0 });
    const under = command('DELETE', '/tokens/t1', undefined, { fetch });
    expect(saves.sync('connected')).toEqual({ state: 'saving', pending: 1 });
    expect(saves.sync('offline')).toEqual({ state: 'offline', pending: 1 });
    await expect.poll(() => release).toBeDefined();
    release?.();
    expect(await under).toBeUndefined();
    expect(saves.pending).toBe(0);
    saves.waiting('note:a:internal', 2);
    expect(saves.sync('connected')).toEqual({ state: 'saving', pending: 2 });
    saves.waiting('note:a:internal', 0);
    expect(saves.pending).toBe(0);
  });
});

describe('a query of the browser', () => {
  it('sends what is set, and nothing else', async () => {
    const { requests, fetch } = await serve(json(200, { rows: [] }));
    await query('/queue', { view: 'today', search: '', after: null, limit: 50, claimed: undefined }, { fetch });
    expect(requests[0]?.url).toBe('/api/v1/queue?view=today&limit=50');
  });

  it('says that the network is gone', async () => {
    const { fetch } = await serve(cut);
    await expect(query('/queue', {}, { fetch })).rejects.toMatchObject({ code: 'network', status: 0 });
  });
});
