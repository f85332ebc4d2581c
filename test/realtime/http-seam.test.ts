import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Account } from '#lib/domain/account/account.ts';
import { noteDocument } from '#lib/protocol/streams.ts';
import { buildAccount, buildWorkspace } from '../support/factories.ts';
import { openClient } from '../support/realtime.ts';
import { buildPerson, START_MS, startServer, type Browser, type TestServer } from '../support/server.ts';

let server: TestServer;
let account: Account;
let anne: Browser;

beforeAll(async () => {
  server = await startServer({
    prepare: async (app) => {
      const workspace = await buildWorkspace(app);
      await buildPerson(app, workspace, { email: 'anne@example.com' });
      account = await buildAccount(app, workspace);
    },
  });
  anne = await server.as('anne@example.com');
}, START_MS);
afterAll(() => server.close());

describe('the seam', () => {
  it('pages, real time and co-writing are one instance', async () => {
    const health = await anne.request('GET', '/healthz');
    const { instance } = health.json<{ instance: string }>();
    expect(instance).toMatch(/^[\w-]{10,}$/);

    const client = openClient(server.url, { cookie: anne.cookie(), origin: server.url });
    expect(await client.hears('hello')).toMatchObject({ instance });
    client.close();

    const ws = new WebSocket(
      `${server.url.replace('http', 'ws')}/collab/${noteDocument(account.id)}?epoch=1&schema=2`,
      {
        headers: { cookie: anne.cookie() },
      },
    );
    const said = await new Promise((resolve, reject) => {
      ws.once('upgrade', ({ headers }) => resolve(headers['x-encours-instance']));
      ws.once('error', reject);
    });
    ws.terminate();
    expect(said).toBe(instance);
  });
});
