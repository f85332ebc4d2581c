import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor, Member } from '#lib/domain/member/member.ts';
import { may } from '#lib/policies/may.ts';
import { authenticate } from '#server/auth/authenticate.ts';
import { NO_META } from '#server/services/command.ts';
import { apiTokens } from '#server/store/kinds/installation.ts';
import { buildApp, type TestApp } from '../../../test/support/app.ts';
import { buildMember, buildWorkspace } from '../../../test/support/factories.ts';
import { signInAs } from '../sessions/sign-in.ts';
import { changeProfile } from '../members/change-profile.ts';
import { changePassword } from '../sessions/change-password.ts';
import { createToken } from './create-token.ts';
import { revokeToken } from './revoke-token.ts';

let app: TestApp;
let workspaceId: string;
const visitor = { ip: '192.0.2.1', cookie: null };

async function actorOf(member: Member): Promise<Actor> {
  const { token } = await signInAs(app, member.id, visitor);
  const found = await authenticate(app, { cookie: `encours-session=${token}` });
  if (found === null) throw new Error('nobody');
  return found.actor;
}
const bearer = async (secret: string | null): Promise<Actor | null> =>
  (await authenticate(app, { authorization: `Bearer ${secret ?? ''}` }))?.actor ?? null;
const person = async (overrides: Partial<Member>): Promise<Actor> =>
  actorOf(await buildMember(app, { id: workspaceId }, overrides));

beforeEach(async () => {
  app = await buildApp({ injectRetry: true, at: '2026-03-16T08:00:00.000Z' });
  workspaceId = (await buildWorkspace(app, { demo: true })).id;
});
afterEach(() => app.close());

describe('API tokens', () => {
  it('speak for their member, with the actions they were given', async () => {
    const manager = await person({ role: 'manager' });
    const whole = await createToken(app, manager, { name: 'Tout', actions: null, expiresOn: null }, NO_META);
    expect(whole.secret).toMatch(/^enc_[\w-]{43}$/);
    expect(await bearer(whole.secret)).toMatchObject({ memberId: manager.memberId, allowedActions: null });
    const reading = { name: 'Lecture', actions: ['queue.read'], expiresOn: null };
    const reader = await bearer((await createToken(app, manager, reading, NO_META)).secret);
    if (reader === null) throw new Error('refused');
    expect(may(reader, 'queue.read')).toBe(true);
    expect(may(reader, 'case.claim')).toBe(false);
  });

  it('are kept as digests, and tell their secret once', async () => {
    const manager = await person({ role: 'manager' });
    const meta = { ...NO_META, idempotencyKey: 'k1' };
    const input = { name: 'BI', actions: null, expiresOn: null };
    const made = await createToken(app, manager, input, meta);
    expect(await createToken(app, manager, input, meta)).toEqual({ ...made, secret: null });
    const kept = await app.store.installation.docs(apiTokens).find({ memberId: manager.memberId });
    expect(kept.docs).toHaveLength(1);
    expect(JSON.stringify(kept.docs)).not.toContain(made.secret);
  });

  it('end when revoked, by their member or a manager, by nobody else', async () => {
    const manager = await person({ role: 'manager' });
    const finance = await person({ role: 'finance' });
    const other = await person({ role: 'finance' });
    const input = { name: 'BI', actions: null, expiresOn: null };
    const [one, two] = [
      await createToken(app, finance, input, NO_META),
      await createToken(app, finance, input, NO_META),
    ];
    await expect(revokeToken(app, other, { id: one.id }, NO_META)).rejects.toMatchObject({ code: 'not_found' });
    await revokeToken(app, finance, { id: one.id }, NO_META);
    await revokeToken(app, manager, { id: two.id }, NO_META);
    for (const { secret } of [one, two]) expect(await bearer(secret)).toBeNull();
  });

  it('end after their last day', async () => {
    const manager = await person({ role: 'manager' });
    const input = { name: 'Mars', actions: null, expiresOn: '2026-03-17' };
    const { secret } = await createToken(app, manager, input, NO_META);
    app.clock.advance(39 * 3_600_000);
    expect(await bearer(secret)).not.toBeNull();
    app.clock.advance(3_600_000);
    expect(await bearer(secret)).toBeNull();
    await expect(createToken(app, manager, input, NO_META)).rejects.toMatchObject({ code: 'validation_failed' });
  });

  it('cannot make a token that may more than themselves', async () => {
    const manager = await person({ role: 'manager' });
    const actions = ['token.manage', 'queue.read'];
    const narrow = await bearer(
      (await createToken(app, manager, { name: 'n', actions, expiresOn: null }, NO_META)).secret,
    );
    if (narrow === null) throw new Error('refused');
    for (const wider of [null, ['case.reassign'], ['queue.read', 'no.such.action']])
      await expect(
        createToken(app, narrow, { name: 'w', actions: wider, expiresOn: null }, NO_META),
      ).rejects.toMatchObject({ code: 'validation_failed' });
    await expect(
      createToken(app, narrow, { name: 'same', actions: ['queue.read'], expiresOn: null }, NO_META),
    ).resolves.toBeDefined();
  });

  it('cannot change their member’s password, nor what they were not given', async () => {
    const manager = await person({ role: 'manager' });
    const input = { name: 'n', actions: null, expiresOn: null };
    const whole = await bearer((await createToken(app, manager, input, NO_META)).secret);
    const narrow = await bearer(
      (await createToken(app, manager, { ...input, actions: ['queue.read'] }, NO_META)).secret,
    );
    if (whole === null || narrow === null) throw new Error('refused');
    const passwords = { current: 'correct horse battery', next: 'another long password' };
    await expect(changePassword(app, whole, passwords)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(changeProfile(app, narrow, { locale: 'en' }, NO_META)).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('are not made by roles without API', async () => {
    const collector = await person({ role: 'collector' });
    await expect(
      createToken(app, collector, { name: 'x', actions: null, expiresOn: null }, NO_META),
    ).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('are refused when malformed, and are not helped by a good cookie', async () => {
    const manager = await person({ role: 'manager' });
    const { token } = await signInAs(app, manager.memberId, visitor);
    const cookie = `encours-session=${token}`;
    for (const authorization of ['', 'Bearer', 'Bearer x', `Basic ${token}`, `Bearer ${token}`, 'Bearer enc_%zz'])
      expect(await authenticate(app, { cookie, authorization })).toBeNull();
  });
});
