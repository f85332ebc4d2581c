import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Account } from '#lib/domain/account/account.ts';
import { ROLES, type Role } from '#lib/domain/member/member.ts';
import type { Workspace } from '#lib/domain/workspace/workspace.ts';
import type { Action } from '#lib/policies/actions.ts';
import { may } from '#lib/policies/may.ts';
import { MODE } from '#lib/protocol/collab.ts';
import { noteDocument, workspaceStream } from '#lib/protocol/streams.ts';
import { OPERATIONS } from '#server/api/operations.ts';
import { Pen } from '../support/collab.ts';
import { NO_META } from '#server/services/command.ts';
import { openDispute } from '#server/services/disputes/open-dispute.ts';
import { items } from '#server/store/kinds/workspace.ts';
import type { TestApp } from '../support/app.ts';
import { actorFor, buildAccount, buildMember, buildWorkspace } from '../support/factories.ts';
import { openClient, until } from '../support/realtime.ts';
import { buildPerson, START_MS, startServer, type Browser, type TestServer } from '../support/server.ts';

let server: TestServer;
let account: Account;
let workspaceId: string;
let disputeId: string;
const people = new Map<Role, Browser>();

beforeAll(async () => {
  server = await startServer({
    prepare: async (app) => {
      const workspace = await buildWorkspace(app);
      workspaceId = workspace.id;
      for (const role of ROLES) await buildPerson(app, workspace, { email: `${role}@example.com`, role });
      account = await buildAccount(app, workspace, { openItems: [{ cents: 90_000, dueDay: '2026-01-10' }] });
      disputeId = await openOne(app, workspace);
    },
  });
  for (const role of ROLES) people.set(role, await server.as(`${role}@example.com`));
}, START_MS);
afterAll(() => server.close());

const there = (path: string): string =>
  path.replace('/disputes/[id]', `/disputes/${disputeId}`).replace('[id]', account.id);
async function openOne(app: TestApp, workspace: Workspace): Promise<string> {
  const found = await app.store
    .workspace(workspace.id)
    .docs(items)
    .find({ accountId: account.id }, { sort: ['state', 'dueDay'] });
  const rest = { reason: 'price' as const, detail: null, department: null, memberId: null };
  const input = { accountId: account.id, items: found.docs.map((one) => ({ itemId: one.id, cents: 100 })), ...rest };
  const actor = actorFor(await buildMember(app, workspace));
  return (await openDispute(app, actor, input, NO_META)).id;
}
const personOf = (role: Role): Browser => {
  const found = people.get(role);
  if (found === undefined) throw new Error(`nobody is ${role}`);
  return found;
};
const allowed = (role: Role, action: Action | null): boolean =>
  action === null || may({ role, allowedActions: null }, action);

/** Every form of the site, by page and name; what it runs is the operation's right. Entering and leaving need none. */
const FORMS: { [path: string]: Action | null } = {
  '/admin/members?/invite': 'member.manage',
  '/admin/members?/change': 'member.manage',
  '/admin/members?/state': 'member.manage',
  '/admin/members?/absence': 'member.manage',
  '/admin/tokens?/create': 'token.manage',
  '/admin/tokens?/revoke': null,
  '/admin/disputes?/save': 'workspace.manage',
  '/admin/webhooks?/create': 'webhook.manage',
  '/admin/webhooks?/state': 'webhook.manage',
  '/admin/webhooks?/remove': 'webhook.manage',
  '/admin/webhooks?/again': 'webhook.manage',
  '/profile?/language': null,
  '/profile?/mails': 'notification.read',
  '/profile?/password': null,
  '/profile?/absence': 'member.absence',
  '/accounts/[id]?/claim': 'case.claim',
  '/accounts/[id]?/release': 'case.release',
  '/accounts/[id]?/call': 'call.start',
  '/accounts/[id]?/record': 'contact.record',
  '/accounts/[id]?/contact': 'contact.edit',
  '/accounts/[id]?/task': 'task.create',
  '/accounts/[id]?/dispute': 'dispute.open',
  '/disputes/[id]?/change': 'dispute.open',
  '/disputes/[id]?/qualify': 'dispute.qualify',
  '/disputes/[id]?/assign': 'dispute.assign',
  '/disputes/[id]?/wait': 'dispute.wait',
  '/disputes/[id]?/resume': 'dispute.wait',
  '/disputes/[id]?/answer': 'dispute.answer',
  '/disputes/[id]?/resolve': 'dispute.resolve',
  '/disputes/[id]?/approve': 'dispute.approve',
  '/disputes/[id]?/close': 'dispute.close',
  '/disputes/[id]?/reopen': 'dispute.reopen',
};
/** They are for whoever comes in or goes out. */
const DOORS = [
  '/sign-in?/password',
  '/sign-in?/as',
  '/sign-in?/language',
  '/sign-out?/default',
  '/set-up?/default',
  '/invitation/[token]?/default',
  '/profile?/everywhere',
];

/** Pages that not every role may open, and what they need. */
const PAGES: { [path: string]: Action | null } = {
  '/queue/today': 'queue.read',
  '/inbox': 'task.read',
  '/insights': 'insight.read',
  '/admin/members': 'member.manage',
  '/admin/imports': 'import.read',
  '/admin/imports/einvoices': 'einvoice.read',
  '/admin/mails': 'mail.read',
  '/admin/disputes': 'workspace.manage',
  '/admin/webhooks': 'webhook.manage',
  '/admin/owners': 'owner.distribute',
  '/accounts': 'account.read',
  '/accounts/[id]': 'account.read',
  '/disputes': 'dispute.read',
  '/disputes/[id]': 'dispute.read',
  '/profile': null,
};

describe.each(ROLES)('[A1] %s', (role) => {
  it('[A1] over the API: every operation as the policy says, by session and by token', async () => {
    const person = personOf(role);
    for (const { id, method, path, action } of OPERATIONS) {
      const body = method === 'GET' || method === 'DELETE' ? undefined : {};
      const at = path.replace(/\{\w+\}/g, 'nothing-of-this-id');
      const { status, headers } = await person.api(method, at, body);
      if (allowed(role, action)) expect([401, 403, 500], `${id} ${status}`).not.toContain(status);
      else {
        expect([id, status]).toEqual([id, 403]);
        expect(headers.get('content-type')).toBe('application/problem+json');
      }
    }
  });

  it('[A1] by forms: refused what the policy does not give', async () => {
    const person = personOf(role);
    for (const [path, action] of Object.entries(FORMS)) {
      const { status } = await person.form(there(path), {
        id: 'nothing-of-this-id',
        until: '2099-01-05',
        substituteId: 'nothing-of-this-id',
      });
      if (allowed(role, action)) expect([401, 403, 500], `${path} ${status}`).not.toContain(status);
      else expect([path, status]).toEqual([path, 403]);
    }
  });

  it('[A1] by pages, as HTML and as data', async () => {
    const person = personOf(role);
    for (const [path, action] of Object.entries(PAGES)) {
      const { status } = await person.request('GET', there(path));
      expect([path, status]).toEqual([path, allowed(role, action) ? 200 : 403]);
      const data = await person.request('GET', `${there(path)}/__data.json`);
      if (!allowed(role, action)) expect(data.text).toMatch(/"code":"forbidden"|forbidden/);
    }
  });

  it('[A1] over Socket.IO: topics and streams', async () => {
    const client = openClient(server.url, { cookie: personOf(role).cookie(), origin: server.url });
    await client.hears('hello');
    const topics = { queue: 'queue.read', team: 'insight.read', imports: 'import.read' } as const;
    for (const [topic, action] of Object.entries(topics)) {
      const answer = await client.ask('follow', { topics: [topic] });
      expect([topic, answer.ok ? 'followed' : answer.code]).toEqual([
        topic,
        allowed(role, action) ? 'followed' : 'forbidden',
      ]);
    }
    const watched = await client.ask('watch', { streams: [{ stream: workspaceStream(workspaceId), since: 0 }] });
    expect(watched.ok).toBe(allowed(role, 'import.read'));
    const place = { accountId: account.id, mode: 'viewing', field: null };
    expect((await client.ask('presence', place)).ok).toBe(allowed(role, 'presence.show'));
    client.close();
  });

  it('[A1] over Yjs: who may write does, who may only read is told so and is not heard', async () => {
    const pen = new Pen(server.url.replace('http', 'ws'), personOf(role).cookie(), {
      document: noteDocument(account.id),
    });
    if (allowed(role, 'note.read')) {
      await pen.ready();
      await until(() => pen.mode !== null, 'told its mode');
      expect(pen.mode).toBe(allowed(role, 'note.write') ? MODE.READ_WRITE : MODE.READ_ONLY);
      pen.write(`words of ${role}`);
      const reader = new Pen(server.url.replace('http', 'ws'), personOf('manager').cookie(), {
        document: noteDocument(account.id),
      });
      if (allowed(role, 'note.write')) await until(() => pen.saved, 'saved');
      await reader.ready();
      expect(reader.text.includes(`words of ${role}`)).toBe(allowed(role, 'note.write'));
      reader.cut();
    } else expect(await pen.connect().closedWith()).toBe(4403);
    pen.cut();
  });
});

describe('[A1] by default', () => {
  it('[A1] nothing is open to somebody who is not signed in, whatever the path', async () => {
    const nobody = server.browser();
    for (const { method, path } of OPERATIONS) {
      const at = path.replace(/\{\w+\}/g, account.id);
      const { status, text } = await nobody.api(method, at, method === 'GET' || method === 'DELETE' ? undefined : {});
      expect([path, status]).toEqual([path, 401]);
      expect(text).not.toContain(account.name);
    }
    for (const path of ['/', ...Object.keys(PAGES).map(there), '/nothing/here', '/api/v1/nothing'])
      expect([path, (await nobody.request('GET', path)).status]).toEqual([path, path.startsWith('/api') ? 401 : 303]);
    for (const path of Object.keys(FORMS)) expect((await nobody.form(there(path), {})).status).toBe(401);
  });

  it('[A1] every form of the site is in the table', async () => {
    const root = new URL('../../src/routes', import.meta.url).pathname;
    const declared: string[] = [];
    for (const { name, parentPath } of readdirSync(root, { recursive: true, withFileTypes: true })) {
      if (name !== '+page.server.ts') continue;
      if (!readFileSync(join(parentPath, name), 'utf8').includes('export const actions')) continue;
      const page = (await import(pathToFileURL(join(parentPath, name)).href)) as { actions?: Record<string, unknown> };
      for (const action of Object.keys(page.actions ?? {}))
        declared.push(`/${relative(root, parentPath)}?/${action}`.replace(/^\/\?/, '/?'));
    }
    expect(declared.toSorted()).toEqual([...Object.keys(FORMS), ...DOORS].toSorted());
  });

  it('[A1] every operation has a right, or concerns oneself alone', () => {
    const own = ['me', 'profile.change', 'password.change', 'token.list', 'token.revoke'];
    expect(OPERATIONS.filter(({ action, id }) => action === null && !own.includes(id))).toEqual([]);
  });

  it('[A1] a path or method that is not declared is refused to the manager too', async () => {
    const manager = personOf('manager');
    expect((await manager.api('GET', '/nothing')).status).toBe(404);
    for (const [method, path] of [
      ['DELETE', '/queue'],
      ['PUT', '/me'],
      ['PATCH', `/accounts/${account.id}`],
    ] as const) {
      const { status, headers } = await manager.api(method, path, method === 'DELETE' ? undefined : {});
      expect([path, status]).toEqual([path, 405]);
      expect(headers.get('allow')).toContain('GET');
    }
  });
});
