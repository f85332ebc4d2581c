import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Member } from '#lib/domain/member/member.ts';
import { memberRecordStream } from '#lib/protocol/streams.ts';
import { actorFor, authenticate } from '#server/auth/authenticate.ts';
import { readCookie, serializeCookie } from '#server/auth/cookies.ts';
import { hashPassword } from '#server/auth/passwords.ts';
import { digestOf } from '#server/auth/secrets.ts';
import { sessions } from '#server/store/kinds/installation.ts';
import { buildApp, type TestApp } from '../../../test/support/app.ts';
import { buildMember, buildWorkspace } from '../../../test/support/factories.ts';
import { changePassword } from './change-password.ts';
import type { SignedIn, Visitor } from './enter.ts';
import { signIn, signInAs } from './sign-in.ts';
import { signOut, signOutEverywhere, sweepSessions } from './sign-out.ts';

const PASSWORD = 'correct horse battery staple';
const DAY_MS = 86_400_000;
const hash = await hashPassword(PASSWORD);

let app: TestApp;
let member: Member;
const from = (ip: string, cookie: string | null = null): Visitor => ({ ip, cookie });
const home = from('192.0.2.1');

/** The cookies that a browser holds after signing in. */
const cookieHeader = ({ cookies }: SignedIn): string => cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
const enterAs = (password = PASSWORD, visitor = home): Promise<SignedIn> =>
  signIn(app, { email: member.email, password }, visitor);
const eventNames = async (): Promise<string[]> =>
  (await app.store.installation.journal.read(memberRecordStream(member.id), 0, 100)).map(({ name }) => name);

beforeEach(async () => {
  app = await buildApp({ injectRetry: true });
  member = await buildMember(app, await buildWorkspace(app), { passwordHash: hash, email: 'awa@example.com' });
});
afterEach(() => app.close());

describe('[A10] sessions', () => {
  it('[A10] opens for the right password, whatever the case of the e-mail, and recognises its cookie', async () => {
    const entered = await signIn(app, { email: ' AWA@Example.com ', password: PASSWORD }, home);
    const found = await authenticate(app, { cookie: cookieHeader(entered) });
    expect(found?.actor).toMatchObject({ memberId: member.id, workspaceId: member.workspaceId, role: 'collector' });
    expect(found?.credential.kind).toBe('session');
    expect(await eventNames()).toEqual(['session.opened']);
  });

  it('[A10] stores a digest of the token, never the token', async () => {
    const { token } = await enterAs();
    const stored = await app.store.installation.docs(sessions).find({ memberId: member.id });
    expect(stored.docs.map(({ id }) => id)).toEqual([digestOf(token)]);
    const said = await app.store.installation.journal.read(memberRecordStream(member.id), 0, 100);
    expect(JSON.stringify([stored.docs, said])).not.toContain(token);
    expect(await authenticate(app, { cookie: `encours-session=${digestOf(token)}` })).toBeNull();
  });

  it('[A10] gives a new token at each login and ends the session that the browser had', async () => {
    const first = await enterAs();
    const second = await enterAs(PASSWORD, from('192.0.2.1', cookieHeader(first)));
    expect(second.token).not.toBe(first.token);
    expect(await authenticate(app, { cookie: cookieHeader(first) })).toBeNull();
    expect(await authenticate(app, { cookie: cookieHeader(second) })).not.toBeNull();
  });

  it('[A10] never adopts a token planted in the browser', async () => {
    const planted = 'a'.repeat(43);
    const entered = await enterAs(PASSWORD, from('192.0.2.1', `encours-session=${planted}`));
    expect(entered.token).not.toBe(planted);
    expect(await authenticate(app, { cookie: `encours-session=${planted}` })).toBeNull();
  });

  it.each([
    { origin: null, name: 'encours-session', secure: false },
    { origin: 'http://intranet', name: 'encours-session', secure: false },
    { origin: 'https://encours.example.com', name: '__Host-encours-session', secure: true },
  ])('[A10] sets its cookie HttpOnly, SameSite=Lax, and bound to the host over https ($origin)', async (each) => {
    app.config = { ...app.config, origin: each.origin };
    const [cookie] = (await enterAs()).cookies;
    expect(cookie?.name).toBe(each.name);
    const text = cookie === undefined ? '' : serializeCookie(cookie);
    expect(text).toMatch(/; Path=\/; HttpOnly; SameSite=Lax; Max-Age=2592000/);
    expect(text.endsWith('; Secure')).toBe(each.secure);
    expect(text).not.toMatch(/Domain/i);
  });

  it('[A10] lives on while it is used, at most 30 days', async () => {
    const cookie = cookieHeader(await enterAs());
    for (let day = 0; day < 29; day += 3) {
      app.clock.advance(3 * DAY_MS);
      if (day < 27) expect(await authenticate(app, { cookie }), `day ${day + 3}`).not.toBeNull();
    }
    app.clock.advance(DAY_MS);
    expect(await authenticate(app, { cookie })).toBeNull();
    expect((await app.store.installation.docs(sessions).find({ memberId: member.id })).docs).toEqual([]);
  });

  it('[A10] ends after 7 days without use', async () => {
    const cookie = cookieHeader(await enterAs());
    app.clock.advance(7 * DAY_MS - 1000);
    expect(await authenticate(app, { cookie })).not.toBeNull();
    app.clock.advance(7 * DAY_MS + 1000);
    expect(await authenticate(app, { cookie })).toBeNull();
  });

  it('sweeps what came to its end', async () => {
    await enterAs();
    app.clock.advance(8 * DAY_MS);
    const lasting = await enterAs();
    await sweepSessions(app);
    const left = await app.store.installation.docs(sessions).find({ memberId: member.id });
    expect(left.docs.map(({ id }) => id)).toEqual([digestOf(lasting.token)]);
    expect((await eventNames()).at(-1)).toBe('session.closed');
  });

  it('answers an unknown e-mail, a wrong password and a disabled member alike', async () => {
    const workspace = { id: member.workspaceId };
    const disabled = await buildMember(app, workspace, { passwordHash: hash, state: 'disabled' });
    const invited = await buildMember(app, workspace, { passwordHash: null, state: 'invited' });
    for (const [email, password] of [
      ['nobody@example.com', PASSWORD],
      [member.email, 'something else'],
      [disabled.email, PASSWORD],
      [invited.email, PASSWORD],
    ] as const)
      await expect(signIn(app, { email, password }, home)).rejects.toMatchObject({
        code: 'sign_in_failed',
        details: {},
      });
  });

  it('does the same work for an unknown e-mail as for a wrong password', async () => {
    const cost = async (email: string): Promise<number> => {
      const before = process.cpuUsage();
      await signIn(app, { email, password: 'something else' }, home).catch(() => undefined);
      const { user, system } = process.cpuUsage(before);
      return user + system;
    };
    await cost('first@example.com');
    const known = await cost(member.email);
    expect(await cost('second@example.com')).toBeGreaterThan(known / 3);
  });

  it('[A3] signs out this browser only, or every one, at once', async () => {
    const [one, two, three] = [await enterAs(), await enterAs(), await enterAs()].map(cookieHeader);
    const first = await authenticate(app, { cookie: one });
    if (first === null) throw new Error('not signed in');
    const [cleared] = await signOut(app, first.actor);
    expect(cleared).toMatchObject({ value: '', options: { maxAge: 0 } });
    expect(await authenticate(app, { cookie: one })).toBeNull();
    expect(await actorFor(app, member.id, first.credential.id)).toBeNull();
    const second = await authenticate(app, { cookie: two });
    if (second === null) throw new Error('not signed in');
    await signOutEverywhere(app, second.actor);
    for (const cookie of [two, three]) expect(await authenticate(app, { cookie })).toBeNull();
    const said = await app.store.installation.journal.read(memberRecordStream(member.id), 0, 100);
    const closed = said.filter(({ name }) => name === 'session.closed').map(({ data }) => data);
    expect(closed).toMatchObject([
      { reason: 'signed_out', memberId: member.id, credentialIds: [first.credential.id] },
      { reason: 'everywhere', workspaceId: member.workspaceId },
    ]);
  });

  it('changes the password, and signs out the others', async () => {
    const here = cookieHeader(await enterAs());
    const elsewhere = cookieHeader(await enterAs());
    const found = await authenticate(app, { cookie: here });
    if (found === null) throw new Error('not signed in');
    const next = 'a new and longer password';
    await expect(changePassword(app, found.actor, { current: 'wrong', next })).rejects.toMatchObject({
      code: 'validation_failed',
      details: { issues: [{ path: 'current', reason: 'wrong_password' }] },
    });
    expect(await changePassword(app, found.actor, { current: PASSWORD, next })).toEqual({ closedSessions: 1 });
    expect(await changePassword(app, found.actor, { current: PASSWORD, next })).toEqual({ closedSessions: 0 });
    expect(await authenticate(app, { cookie: here })).not.toBeNull();
    expect(await authenticate(app, { cookie: elsewhere })).toBeNull();
    await expect(enterAs(PASSWORD)).rejects.toMatchObject({ code: 'sign_in_failed' });
    await expect(enterAs(next)).resolves.toBeDefined();
  });

  it('lets people be chosen by a click in a demonstration, and nowhere else', async () => {
    await expect(signInAs(app, member.id, home)).rejects.toMatchObject({ code: 'not_found' });
    const colleague = await buildMember(app, await buildWorkspace(app, { demo: true }));
    const entered = await signInAs(app, colleague.id, home);
    expect((await authenticate(app, { cookie: cookieHeader(entered) }))?.actor.memberId).toBe(colleague.id);
    await expect(signInAs(app, 'nobody', home)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('survives any cookie header', async () => {
    for (const cookie of ['%zz', 'encours-session=%zz', 'encours-session', '=;=;', `x=${'y'.repeat(20_000)}`, '\u0000'])
      expect(await authenticate(app, { cookie })).toBeNull();
    expect(readCookie('a=1; encours-session=abc; encours-session=def', 'encours-session')).toBe('abc');
  });
});

describe('[O3] throttle', () => {
  const guess = (ip: string, cookie: string | null = null): Promise<string> =>
    signIn(app, { email: member.email, password: 'a guess' }, from(ip, cookie)).then(
      () => 'in',
      (error: { code: string }) => error.code,
    );

  it('[O3] stops whoever guesses, and not the owner at another address', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => guess('198.51.100.7')));
    expect(answers.filter((code) => code === 'too_many_requests')).toHaveLength(4);
    await expect(enterAs(PASSWORD, from('198.51.100.7'))).rejects.toMatchObject({ code: 'too_many_requests' });
    await expect(enterAs(PASSWORD, from('192.0.2.1'))).resolves.toBeDefined();
  });

  it('[O3] lets a browser in where the owner signed in before, even behind the guesser’s address', async () => {
    const before = cookieHeader(await enterAs(PASSWORD, from('198.51.100.7')));
    for (let n = 0; n < 9; n += 1) await guess('198.51.100.7');
    const device = before.split('; ').find((cookie) => cookie.startsWith('encours-device=')) ?? '';
    await expect(enterAs(PASSWORD, from('198.51.100.7', device))).resolves.toBeDefined();
    await expect(enterAs(PASSWORD, from('198.51.100.7', 'encours-device=abc.def'))).rejects.toMatchObject({
      code: 'too_many_requests',
    });
  });

  it('[O3] limits a known browser too, without touching anybody else', async () => {
    const device = cookieHeader(await enterAs()).split('; ')[1] ?? '';
    for (let n = 0; n < 12; n += 1) expect(await guess('203.0.113.9', device)).toBe('sign_in_failed');
    expect(await guess('203.0.113.9', device)).toBe('too_many_requests');
    await expect(enterAs()).resolves.toBeDefined();
  });

  it('[O3] says how long to wait, and treats unknown e-mails the same', async () => {
    const nobody = (): Promise<unknown> => signIn(app, { email: 'nobody@example.com', password: 'x' }, home);
    for (let n = 0; n < 8; n += 1) await expect(nobody()).rejects.toMatchObject({ code: 'sign_in_failed' });
    await expect(nobody()).rejects.toMatchObject({
      code: 'too_many_requests',
      details: { retryAfter: expect.any(Number) as number },
    });
    await expect(enterAs()).resolves.toBeDefined();
  });
});
