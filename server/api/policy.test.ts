import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROLES, type Actor, type Role } from '#lib/domain/member/member.ts';
import { may } from '#lib/policies/may.ts';
import { buildApp, type TestApp } from '../../test/support/app.ts';
import { buildMember, buildWorkspace } from '../../test/support/factories.ts';
import { authenticate } from '../auth/authenticate.ts';
import { signInAs } from '../services/sessions/sign-in.ts';
import { answerApi } from './http.ts';
import type { Operation } from './operation.ts';
import { OPERATIONS } from './operations.ts';

/** Operations that everybody who is signed in may ask for: they only concern oneself. */
const OWN = ['me', 'profile.change', 'password.change', 'token.list', 'token.revoke'];

let app: TestApp;
const actors = new Map<Role, Actor>();

beforeAll(async () => {
  app = await buildApp();
  const workspace = await buildWorkspace(app, { demo: true });
  for (const role of ROLES) {
    const { token } = await signInAs(app, (await buildMember(app, workspace, { role })).id, { ip: '', cookie: null });
    const found = await authenticate(app, { cookie: `encours-session=${token}` });
    if (found !== null) actors.set(role, found.actor);
  }
});
afterAll(() => app.close());

async function ask(actor: Actor, { method, path }: Operation): Promise<{ status: number; code: string | null }> {
  const at = path.replace(/\{\w+\}/g, 'nothing-of-this-id');
  const body = method === 'GET' || method === 'DELETE' ? {} : { body: '{}' };
  const headers = { 'content-type': 'application/json' };
  const request = new Request(`http://127.0.0.1/api/v1${at}`, { method, headers, ...body });
  const answer = await answerApi(app, actor, request, at, 'test');
  const text = await answer.text();
  const isJson = text !== '' && (answer.headers.get('content-type') ?? '').includes('json');
  return { status: answer.status, code: isJson ? ((JSON.parse(text) as { code?: string }).code ?? null) : null };
}

describe('[A1] the API obeys the policy', () => {
  it('[A1] names an action for every operation but those on oneself', () => {
    const without = OPERATIONS.filter(({ action }) => action === null).map(({ id }) => id);
    expect(without.filter((id) => !OWN.includes(id))).toEqual([]);
  });

  it.each(ROLES)('[A1] %s: refused what the policy does not give, let through what it gives', async (role) => {
    const actor = actors.get(role);
    if (actor === undefined) throw new Error('not signed in');
    for (const operation of OPERATIONS) {
      if (operation.action === null) continue;
      const { status, code } = await ask(actor, operation);
      if (may(actor, operation.action))
        expect([401, 403, 500], `${operation.id} ${String(code)}`).not.toContain(status);
      else expect([operation.id, status, code]).toEqual([operation.id, 403, 'forbidden']);
    }
  });

  it('[A1] a token without any action is refused everything', async () => {
    const manager = actors.get('manager');
    if (manager === undefined) throw new Error('not signed in');
    for (const operation of OPERATIONS) {
      if (operation.action === null) continue;
      expect([operation.id, (await ask({ ...manager, allowedActions: [] }, operation)).status]).toEqual([
        operation.id,
        403,
      ]);
    }
  });
});
