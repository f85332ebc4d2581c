import { connect as connectTcp } from 'node:net';
import { describe, expect, it } from 'vitest';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import { noteDocument } from '#lib/protocol/streams.ts';
import { updatesOf } from '#server/collab/entry.ts';
import { Pen, textOf } from '../support/collab.ts';
import { buildAccount, buildWorkspace } from '../support/factories.ts';
import { openClient, until } from '../support/realtime.ts';
import { buildPerson, START_MS, startServer } from '../support/server.ts';

describe('[D6] the end', () => {
  it(
    '[D6] 50 sockets and prose that nobody has acknowledged: all is kept, everybody is told, exit 0 in 10 s',
    async () => {
      let accountId = '';
      let workspaceId = '';
      const server = await startServer({
        prepare: async (app) => {
          const workspace = await buildWorkspace(app);
          workspaceId = workspace.id;
          await buildPerson(app, workspace, { email: 'anne@example.com' });
          await buildPerson(app, workspace, { email: 'bob@example.com' });
          accountId = (await buildAccount(app, workspace)).id;
        },
      });
      try {
        const cookies = [await server.as('anne@example.com'), await server.as('bob@example.com')].map((one) =>
          one.cookie(),
        );
        const clients = await Promise.all(
          Array.from({ length: 25 }, async (_, n) => {
            const client = openClient(server.url, { cookie: cookies[n % 2] ?? '', origin: server.url });
            await client.hears('hello');
            return client;
          }),
        );
        const pens = await Promise.all(
          Array.from({ length: 25 }, (_, n) =>
            new Pen(server.url.replace('http', 'ws'), cookies[n % 2] ?? '', {
              document: noteDocument(accountId),
            }).ready(),
          ),
        );
        const [author, reader] = pens;
        if (author === undefined || reader === undefined) throw new Error('nobody writes');
        for (let n = 0; n < 40; n += 1) author.write(`last words ${n}`);
        await until(() => reader.text.includes('last words 39'), 'the server has it');

        // a request under way is answered
        const command = connectTcp(server.port, '127.0.0.1');
        let answered = '';
        command.setEncoding('latin1').on('data', (text: string) => (answered += text));
        const body = JSON.stringify({ name: 'Written at the end' });
        const head = [
          `POST /api/v1/accounts/${accountId}/contacts HTTP/1.1`,
          `Host: 127.0.0.1:${server.port}`,
          `Cookie: ${cookies[0]}`,
          'Content-Type: application/json',
          `Content-Length: ${Buffer.byteLength(body)}`,
        ];
        await new Promise<void>((resolve) =>
          command.write(`${head.join('\r\n')}\r\n\r\n${body.slice(0, 5)}`, () => resolve()),
        );
        await (await server.as('bob@example.com')).api('GET', '/me');

        const began = performance.now();
        const code = server.stop();
        await until(() => server.printed.some((line) => line.includes('"stopping"')), 'it is stopping');
        // until it is, nothing that it may need is closed
        expect((await clients[0]?.ask('unwatch', { streams: ['none'] }))?.ok).toBe(true);
        command.write(body.slice(5));
        expect(await code).toBe(0);
        expect(performance.now() - began).toBeLessThan(10_000);
        expect(answered).toMatch(/^HTTP\/1\.1 201 /);

        const pauses = await Promise.all(clients.map((client) => client.hears('bye') as Promise<{ pauseMs: number }>));
        expect(new Set(pauses.map(({ pauseMs }) => pauseMs)).size).toBeGreaterThan(5);
        for (const pen of pens) expect(await pen.closedWith()).toBe(CLOSE.GOING_AWAY);
        await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
        expect(server.printed.filter((line) => /"level":(50|60)/.test(line))).toEqual([]);

        const app = await server.reopen();
        try {
          const entries = await app.store.workspace(workspaceId).log.read(noteDocument(accountId), 1);
          const text = textOf(entries.flatMap(({ bytes }) => updatesOf(bytes)));
          for (let n = 0; n < 40; n += 1) expect(text).toContain(`last words ${n}<`);
        } finally {
          await app.store.close();
        }
      } finally {
        await server.close();
      }
    },
    START_MS,
  );
});

describe('[O3] one who asks too much', () => {
  it(
    '[O3] is refused for a while by session, not by person or by address; the others are answered',
    async () => {
      const server = await startServer({
        env: { REQUEST_LIMIT: '30' },
        prepare: async (app) => {
          const workspace = await buildWorkspace(app);
          for (const name of ['anne', 'bob']) await buildPerson(app, workspace, { email: `${name}@example.com` });
        },
      });
      try {
        const [anne, bob] = [await server.as('anne@example.com'), await server.as('bob@example.com')];
        const answers = await Promise.all(Array.from({ length: 60 }, () => anne.api('GET', '/me')));
        const refused = answers.filter(({ status }) => status === 429);
        expect(refused).toHaveLength(30);
        for (const answer of refused) {
          expect(answer.json().code).toBe('too_many_requests');
          const seconds = Number(answer.headers.get('retry-after'));
          expect(seconds).toBeGreaterThan(0);
          expect(seconds).toBeLessThanOrEqual(10);
        }
        expect((await bob.api('GET', '/me')).status).toBe(200);
        expect((await (await server.as('anne@example.com')).api('GET', '/me')).status).toBe(200);
        await until(async () => (await anne.api('GET', '/me')).status === 200, 'answered again', 15_000);
      } finally {
        await server.close();
      }
    },
    START_MS,
  );
});
