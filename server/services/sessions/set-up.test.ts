import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { workspaceRecordStream } from '#lib/protocol/streams.ts';
import { authenticate } from '#server/auth/authenticate.ts';
import { setUpCodes, workspaces } from '#server/store/kinds/installation.ts';
import { buildApp, type TestApp } from '../../../test/support/app.ts';
import { needsSetUp, prepareSetUp, setUp } from './set-up.ts';

const visitor = { ip: '192.0.2.1', cookie: null };
const input = {
  workspaceName: 'Société Exemple',
  name: 'Nadia',
  email: 'nadia@example.com',
  password: 'correct horse battery staple',
  locale: 'fr' as const,
};

let app: TestApp;
beforeEach(async () => {
  app = await buildApp();
});
afterEach(() => app.close());

describe('first set-up', () => {
  it('makes workspace and manager with the printed code, however it is typed, once', async () => {
    const code = (await prepareSetUp(app)) ?? '';
    expect(JSON.stringify(await app.store.installation.docs(setUpCodes).get('set-up'))).not.toContain(code);
    const entered = await setUp(app, { ...input, code: ` ${code.toLowerCase().replaceAll('-', ' ')} ` }, visitor);
    const found = await authenticate(app, { cookie: `encours-session=${entered.token}` });
    expect(found?.actor).toMatchObject({ role: 'manager', rights: null, departments: ['credit'] });
    const workspace = await app.store.installation.docs(workspaces).get(entered.workspaceId);
    expect(workspace).toMatchObject({ name: 'Société Exemple', demo: false, currency: 'EUR' });
    const said = await app.store.installation.journal.read(workspaceRecordStream(entered.workspaceId), 0, 10);
    expect(said.map(({ name }) => name)).toEqual(['workspace.created']);
    expect(await needsSetUp(app)).toBe(false);
    expect(await prepareSetUp(app)).toBeNull();
    await expect(setUp(app, { ...input, code }, visitor)).rejects.toMatchObject({ code: 'set_up_done' });
  });

  it('refuses any other code, and a code printed before the newest', async () => {
    const old = (await prepareSetUp(app)) ?? '';
    await prepareSetUp(app);
    for (const code of [old, '', 'AAAAA-AAAAA-AAAAA-AAAAA'])
      await expect(setUp(app, { ...input, code }, visitor)).rejects.toMatchObject({
        code: 'validation_failed',
        details: { issues: [{ path: 'code', reason: 'wrong_code' }] },
      });
    expect(await needsSetUp(app)).toBe(true);
  });

  it('serves one of two who come at once', async () => {
    const code = (await prepareSetUp(app)) ?? '';
    const both = await Promise.allSettled(
      ['a@example.com', 'b@example.com'].map((email) => setUp(app, { ...input, email, code }, visitor)),
    );
    expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await app.store.installation.docs(workspaces).count({})).toBe(1);
  });
});
