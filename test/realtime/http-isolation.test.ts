import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Account } from '#lib/domain/account/account.ts';
import { OPERATIONS } from '#server/api/operations.ts';
import { buildAccount, buildWorkspace } from '../support/factories.ts';
import { buildPerson, START_MS, startServer, type Browser, type TestServer } from '../support/server.ts';

let server: TestServer;
let foreign: Account;
let outOfScope: Account;
let managers: Browser[];
let collector: Browser;

const OURS = ['Zyxelia Conserves', 'Zyxelia Textile', 'Zyxelia Transports'];
const THEIRS = ['Qworbe Maritime', 'Qworbe Papeterie', 'Qworbe Voyages'];
const overdue = { openItems: [{ cents: 90_000, dueDay: '2026-01-10' }] };

beforeAll(async () => {
  server = await startServer({
    prepare: async (app) => {
      const [ours, theirs] = [await buildWorkspace(app), await buildWorkspace(app)];
      await buildPerson(app, ours, { email: 'one@example.com', name: 'Ondine Ours', role: 'manager' });
      await buildPerson(app, theirs, { email: 'two@example.com', name: 'Thibaut Theirs', role: 'manager' });
      await buildPerson(app, ours, { email: 'narrow@example.com', scope: 'portfolio' });
      for (const name of OURS) outOfScope = await buildAccount(app, ours, { name, ...overdue });
      for (const name of THEIRS) foreign = await buildAccount(app, theirs, { name, ...overdue });
    },
  });
  managers = [await server.as('one@example.com'), await server.as('two@example.com')];
  collector = await server.as('narrow@example.com');
}, START_MS);
afterAll(() => server.close());

/** A body that passes the schema of each operation that names a record in its path. */
const BODIES: { [id: string]: Record<string, unknown> } = {
  'case.hand_over': { memberId: 'somebody' },
  'case.break_claim': { reason: 'a reason' },
  'case.finish': {},
  'case.postpone': { reason: 'later', nextActionOn: '2099-01-04' },
  'case.reassign': { ownerId: null },
  'contact.record': { channel: 'call', outcome: 'reached' },
  'contact.add': { name: 'Somebody' },
  'contact.change': { name: 'Somebody' },
  'promise.withdraw': { reason: 'a reason' },
  'task.decline': { reason: 'a reason' },
  'task.return': { reason: 'a reason' },
  'dispute.qualify': { reason: 'price' },
  'dispute.assign': { department: 'sales' },
  'dispute.wait': { until: '2099-01-05' },
  'dispute.answer': { decision: 'accepted', rootCause: 'other' },
  'dispute.resolve': { parts: { withdrawnCents: 100 } },
  'dispute.approve': { agree: true },
  'dispute.reopen': { reason: 'a reason' },
  'import.remap': {
    asOf: '2026-01-31',
    mapping: {
      delimiter: ';',
      encoding: 'utf-8',
      decimal: ',',
      dateOrder: 'dmy',
      complete: true,
      columns: { 'N° de pièce': 'itemNumber' },
      defaultCurrency: 'EUR',
    },
  },
  'member.change': { name: 'Somebody' },
  'einvoice.match': { itemId: 'an-item' },
  'einvoice.set_aside': { reason: 'a reason' },
  'member.absence': { until: null, substituteId: null },
  'message.post': { body: { type: 'doc', content: [{ type: 'paragraph' }] } },
  'message.edit': { body: { type: 'doc', content: [{ type: 'paragraph' }] } },
  'message.react': { reaction: '👍', on: true },
  'message.copy': { audience: 'customer', body: { type: 'doc', content: [{ type: 'paragraph' }] } },
  'thread.follow': { following: true },
  'thread.read': { seq: 1 },
  'view.change': { name: 'Somebody', query: '' },
};

describe('[A2] what one may not see', () => {
  const ofARecord = OPERATIONS.filter(({ path, id }) => path.includes('{id}') && !id.startsWith('token.'));

  it('[A2] answers as what is not there, to the last byte, whoever asks and whatever is asked', async () => {
    const [manager] = managers;
    if (manager === undefined) throw new Error('nobody');
    let compared = 0;
    for (const [person, hidden] of [
      [manager, foreign],
      [collector, outOfScope],
      [collector, foreign],
    ] as const) {
      for (const { id, method, path } of ofARecord) {
        const ask = async (recordId: string): Promise<{ status: number; body: unknown; etag: string | null }> => {
          const at = path.replace('{id}', recordId).replace(/\{\w+\}/g, 'another-id');
          const body = method === 'GET' || method === 'DELETE' ? undefined : (BODIES[id] ?? {});
          const { status, text, headers } = await person.api(method, at, body);
          const parsed = text === '' ? null : (JSON.parse(text) as { instance?: string });
          if (parsed !== null) delete parsed.instance;
          return { status, body: parsed, etag: headers.get('etag') };
        };
        const [unknown, other] = [await ask('0000000000000000000000000'), await ask(hidden.id)];
        expect({ id, ...other }).toEqual({ id, ...unknown });
        expect([id, other.status]).toSatisfy(([, status]) => [403, 404, 410].includes(Number(status)));
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(40);
  });

  it('[A2] pages too', async () => {
    const [manager] = managers;
    for (const [person, hidden] of [
      [manager, foreign],
      [collector, outOfScope],
    ] as const) {
      const answers = await Promise.all(
        ['0000000000000000000000000', hidden.id].map((id) => person?.request('GET', `/accounts/${id}`)),
      );
      expect(answers.map((answer) => answer?.status)).toEqual([404, 404]);
      expect(answers[1]?.text).not.toContain(hidden.name);
    }
  });

  it('[A2] lists and searches never show it', async () => {
    for (const path of ['/queue?view=everything&limit=200', '/accounts?limit=100', '/accounts?search=Qworbe']) {
      const [ours, theirs] = await Promise.all(managers.map((person) => person.api('GET', path)));
      expect(ours?.text).not.toContain('Qworbe');
      expect(theirs?.text).not.toContain('Zyxelia');
      expect((await collector.api('GET', path)).text).not.toMatch(/Qworbe|Zyxelia/);
    }
    expect((await managers[0]?.api('GET', '/accounts?search=zyxelia'))?.text).toContain('Zyxelia Textile');
  });

  it('[A2] a command cannot name somebody of another workspace', async () => {
    const [one, two] = managers;
    const them = (await two?.api('GET', '/me'))?.json<{ member: { id: string } }>().member.id ?? '';
    const known = await one?.api('POST', `/cases/${outOfScope.id}/reassign`, { ownerId: them });
    const unknown = await one?.api('POST', `/cases/${outOfScope.id}/reassign`, { ownerId: 'nobody-at-all' });
    expect(known?.status).toBe(unknown?.status);
    expect(known?.json().code).toBe(unknown?.json().code);
    expect(known?.status).toSatisfy((status: number) => status >= 400);
  });
});

describe('[A9] pages drawn side by side', () => {
  it('[A9] 200 interleaved requests of two people: nobody reads the other', async () => {
    const marks = [
      { own: /Ondine Ours/, other: /Thibaut Theirs|Qworbe/, list: /Zyxelia/ },
      { own: /Thibaut Theirs/, other: /Ondine Ours|Zyxelia/, list: /Qworbe/ },
    ];
    const paths = ['/queue/everything', '/queue/everything/__data.json', '/insights', '/profile', '/api/v1/me'];
    const asked = Array.from({ length: 200 }, async (_, index) => {
      const who = index % 2;
      const path = paths[Math.floor(index / 2) % paths.length] ?? '/';
      const answer = await managers[who]?.request('GET', path);
      return { who, path, answer };
    });
    for (const { who, path, answer } of await Promise.all(asked)) {
      expect([path, answer?.status]).toEqual([path, 200]);
      const mark = marks[who];
      if (mark === undefined) throw new Error('nobody');
      expect(answer?.text, path).not.toMatch(mark.other);
      if (!path.endsWith('__data.json')) expect(answer?.text, path).toMatch(mark.own);
      if (path.startsWith('/queue')) expect(answer?.text, path).toMatch(mark.list);
      expect(answer?.headers.get('cache-control'), path).toMatch(/no-store/);
    }
  });
});
