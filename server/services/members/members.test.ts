import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor, Member } from '#lib/domain/member/member.ts';
import { memberRecordStream } from '#lib/protocol/streams.ts';
import { actorFor, authenticate } from '#server/auth/authenticate.ts';
import { digestOf } from '#server/auth/secrets.ts';
import type { CommandMeta } from '#server/services/command.ts';
import { invitations, members } from '#server/store/kinds/installation.ts';
import type { StoredEvent } from '#server/store/port.ts';
import { buildApp, type TestApp } from '../../../test/support/app.ts';
import { buildMember, buildWorkspace } from '../../../test/support/factories.ts';
import { signInAs, signIn } from '../sessions/sign-in.ts';
import type { SignedIn, Visitor } from '../sessions/enter.ts';
import { createToken } from '../tokens/create-token.ts';
import { acceptInvitation, readInvitation } from './accept-invitation.ts';
import { changeMember } from './change-member.ts';
import { changeProfile } from './change-profile.ts';
import { createMember, createWorkspace } from './create-workspace.ts';
import { inviteMember } from './invite-member.ts';
import { setAbsence } from './set-absence.ts';

const NO_META: CommandMeta = { idempotencyKey: null, expectedVersion: null };
const visitor: Visitor = { ip: '192.0.2.1', cookie: null };
const PASSWORD = 'correct horse battery staple';

let app: TestApp;
let workspaceId: string;
let manager: Actor;

async function actorOf(member: Member): Promise<Actor> {
  const { token } = await signInAs(app, member.id, visitor);
  return recognise({ token } as SignedIn);
}
async function recognise({ token }: Pick<SignedIn, 'token'>): Promise<Actor> {
  const found = await authenticate(app, { cookie: `encours-session=${token}` });
  if (found === null) throw new Error('nobody');
  return found.actor;
}
const addMember = (overrides: Partial<Member>): Promise<Member> => buildMember(app, { id: workspaceId }, overrides);
const stored = async (id: string): Promise<Member> => {
  const member = await app.store.installation.docs(members).get(id);
  if (member === null) throw new Error('no member');
  return member;
};
const eventsOf = (id: string): Promise<StoredEvent[]> =>
  app.store.installation.journal.read(memberRecordStream(id), 0, 1000);
const namesOf = async (id: string): Promise<string[]> => (await eventsOf(id)).map(({ name }) => name);

beforeEach(async () => {
  app = await buildApp({ injectRetry: true });
  workspaceId = (await buildWorkspace(app, { demo: true })).id;
  manager = await actorOf(await addMember({ role: 'manager', name: 'Nadia' }));
});
afterEach(() => app.close());

describe('invitations', () => {
  const input = {
    email: 'new@example.com',
    name: 'Nouvelle Personne',
    role: 'sales' as const,
    departments: [],
    scope: 'portfolio' as const,
    ledgerCode: 'NP',
    locale: 'fr' as const,
  };
  const tokenOf = (link: string | null): string => link?.split('/').at(-1) ?? '';

  it('make a link that opens a member’s door once', async () => {
    const invited = await inviteMember(app, manager, input, NO_META);
    const token = tokenOf(invited.link);
    expect(await readInvitation(app, token)).toMatchObject({ email: input.email, name: input.name });
    const entered = await acceptInvitation(app, { token, password: PASSWORD }, visitor);
    expect(await recognise(entered)).toMatchObject({ memberId: invited.id, role: 'sales', departments: ['sales'] });
    expect(await readInvitation(app, token)).toBeNull();
    await expect(acceptInvitation(app, { token, password: PASSWORD }, visitor)).rejects.toMatchObject({
      code: 'link_expired',
    });
    await expect(signIn(app, { email: input.email, password: PASSWORD }, visitor)).resolves.toBeDefined();
    expect((await namesOf(invited.id)).slice(0, 3)).toEqual(['member.invited', 'member.joined', 'session.opened']);
  });

  it('let only one of two who use the link at once join', async () => {
    const token = tokenOf((await inviteMember(app, manager, input, NO_META)).link);
    const both = await Promise.allSettled(
      ['first password of all', 'second password of all'].map((password) =>
        acceptInvitation(app, { token, password }, visitor),
      ),
    );
    expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('end after 7 days', async () => {
    const token = tokenOf((await inviteMember(app, manager, input, NO_META)).link);
    app.clock.advance(7 * 86_400_000);
    expect(await readInvitation(app, token)).toBeNull();
    await expect(acceptInvitation(app, { token, password: PASSWORD }, visitor)).rejects.toMatchObject({
      code: 'link_expired',
    });
  });

  it('given again make the former link useless and take the new particulars', async () => {
    const first = await inviteMember(app, manager, input, NO_META);
    const second = await inviteMember(app, manager, { ...input, role: 'adv', departments: ['adv'] }, NO_META);
    expect(second.id).toBe(first.id);
    expect(await readInvitation(app, tokenOf(first.link))).toBeNull();
    expect(await readInvitation(app, tokenOf(second.link))).not.toBeNull();
    expect((await stored(first.id)).role).toBe('adv');
  });

  it('keep nothing of the link but its digest, not even under an idempotency key', async () => {
    const meta = { ...NO_META, idempotencyKey: 'k1' };
    const { id, link } = await inviteMember(app, manager, input, meta);
    const again = await inviteMember(app, manager, input, meta);
    expect(again).toEqual({ id, version: 1, state: 'invited', link: null });
    const token = tokenOf(link);
    expect((await app.store.installation.docs(invitations).get(digestOf(token)))?.memberId).toBe(id);
    expect(JSON.stringify(await eventsOf(id))).not.toContain(token);
    await expect(inviteMember(app, manager, { ...input, name: 'X' }, meta)).rejects.toMatchObject({
      code: 'idempotency_mismatch',
    });
  });

  it('refuse an e-mail that is taken, here or in another workspace', async () => {
    const other = await buildWorkspace(app);
    for (const member of [
      await addMember({}),
      await buildMember(app, other),
      await buildMember(app, other, { state: 'invited' }),
    ])
      await expect(inviteMember(app, manager, { ...input, email: member.email }, NO_META)).rejects.toMatchObject({
        code: 'already_exists',
      });
  });

  it('given again to a member who forgot the password let them choose another, and end their sessions', async () => {
    const member = await addMember({ role: 'adv' });
    const before = await actorOf(member);
    const asked = { ...input, email: member.email, again: true };
    const { link, version } = await inviteMember(app, manager, asked, NO_META);
    expect(version).toBe(1);
    const entered = await acceptInvitation(app, { token: tokenOf(link), password: PASSWORD }, visitor);
    expect(await recognise(entered)).toMatchObject({ memberId: member.id, role: 'adv' });
    expect(await actorFor(app, member.id, before.credentialId)).toBeNull();
    await expect(signIn(app, { email: member.email, password: PASSWORD }, visitor)).resolves.toBeDefined();
    await changeMember(app, manager, { id: member.id, state: 'disabled' }, NO_META);
    await expect(inviteMember(app, manager, asked, NO_META)).rejects.toMatchObject({ code: 'already_exists' });
  });

  it('are a manager’s to give', async () => {
    const collector = await actorOf(await addMember({}));
    await expect(inviteMember(app, collector, input, NO_META)).rejects.toMatchObject({ code: 'forbidden' });
  });
});

describe('changes of a member', () => {
  it('take effect at once and tell whose rights changed', async () => {
    const member = await addMember({ scope: 'all' });
    const actor = await actorOf(member);
    expect(actor.rights).toBeNull();
    const answer = await changeMember(app, manager, { id: member.id, scope: 'portfolio', name: 'Autre' }, NO_META);
    expect(answer.version).toBe(2);
    const again = await actorFor(app, member.id, actor.credentialId);
    expect(again?.rights).toContain(`owner:${member.id}`);
    expect(again?.name).toBe('Autre');
    const said = await eventsOf(member.id);
    expect(said.map(({ name }) => name)).toEqual(['session.opened', 'member.changed', 'rights.changed']);
    expect(said[1]).toMatchObject({
      actor: manager.memberId,
      data: { workspaceId, memberId: member.id, member: { scope: 'portfolio', version: 2 } },
      personal: { member: { name: 'Autre' } },
    });
    expect(JSON.stringify(said)).not.toContain('passwordHash');
  });

  it('say nothing of rights when only a name changes, and nothing at all when nothing does', async () => {
    const member = await addMember({});
    await changeMember(app, manager, { id: member.id, name: 'Autre' }, NO_META);
    await changeMember(app, manager, { id: member.id, name: 'Autre' }, NO_META);
    expect(await namesOf(member.id)).toEqual(['member.changed']);
  });

  it('are refused on another version than the one looked at', async () => {
    const member = await addMember({});
    const meta = { ...NO_META, expectedVersion: 1 };
    await changeMember(app, manager, { id: member.id, role: 'sales' }, meta);
    await expect(changeMember(app, manager, { id: member.id, role: 'adv' }, meta)).rejects.toMatchObject({
      code: 'version_conflict',
      details: { currentVersion: 2 },
    });
  });

  it('[A2] know nobody of another workspace', async () => {
    const stranger = await buildMember(app, await buildWorkspace(app));
    for (const id of [stranger.id, 'nobody'])
      await expect(changeMember(app, manager, { id, name: 'X' }, NO_META)).rejects.toMatchObject({ code: 'not_found' });
    expect((await stored(stranger.id)).version).toBe(1);
  });

  it('[A3] by disabling end sessions and tokens in the same breath', async () => {
    const member = await addMember({ role: 'finance' });
    const actor = await actorOf(member);
    const token = await createToken(app, actor, { name: 'BI', actions: null, expiresOn: null }, NO_META);
    const authorization = `Bearer ${token.secret ?? ''}`;
    expect(await authenticate(app, { authorization })).not.toBeNull();
    await changeMember(app, manager, { id: member.id, state: 'disabled' }, NO_META);
    expect(await actorFor(app, member.id, actor.credentialId)).toBeNull();
    expect(await actorFor(app, member.id, token.id)).toBeNull();
    expect(await authenticate(app, { authorization })).toBeNull();
    await expect(signInAs(app, member.id, visitor)).rejects.toMatchObject({ code: 'not_found' });
    const said = (await eventsOf(member.id)).slice(-4);
    expect(said.map(({ name }) => name)).toEqual([
      'member.disabled',
      'rights.changed',
      'session.closed',
      'token.revoked',
    ]);
    expect(said[2]?.data).toMatchObject({ reason: 'disabled', credentialIds: [actor.credentialId] });
    await changeMember(app, manager, { id: member.id, state: 'active' }, NO_META);
    expect(await authenticate(app, { authorization })).toBeNull();
    expect(await actorFor(app, member.id, actor.credentialId)).toBeNull();
  });

  it('leave somebody to manage members', async () => {
    const id = manager.memberId;
    for (const change of [{ state: 'disabled' as const }, { role: 'collector' as const }])
      await expect(changeMember(app, manager, { id, ...change }, NO_META)).rejects.toMatchObject({
        code: 'last_manager',
      });
    await changeMember(app, manager, { id, role: 'admin' }, NO_META);
    await addMember({ role: 'manager' });
    await expect(changeMember(app, manager, { id, state: 'disabled' }, NO_META)).resolves.toMatchObject({
      state: 'disabled',
    });
  });

  it('do not make somebody join who was only invited', async () => {
    const member = await addMember({ state: 'invited' });
    await expect(changeMember(app, manager, { id: member.id, state: 'active' }, NO_META)).rejects.toMatchObject({
      code: 'rule_refused',
      details: { rule: 'member_not_joined' },
    });
  });

  it('let everybody choose their own language', async () => {
    const member = await addMember({ role: 'quality' });
    await changeProfile(app, await actorOf(member), { locale: 'en' }, NO_META);
    expect((await stored(member.id)).locale).toBe('en');
  });
});

describe('absence', () => {
  const away = (id: string, substituteId: string, from: string, until: string) => ({ id, substituteId, from, until });
  let awa: Member;
  let ben: Member;
  let chloe: Member;
  beforeEach(async () => {
    [awa, ben, chloe] = [
      await addMember({ scope: 'portfolio' }),
      await addMember({ scope: 'portfolio' }),
      await addMember({ scope: 'portfolio' }),
    ];
  });

  it('lends the portfolio to the substitute for those days, and takes it back', async () => {
    const actor = await actorOf(ben);
    const now = (): Promise<Actor | null> => actorFor(app, ben.id, actor.credentialId);
    await setAbsence(app, manager, away(awa.id, ben.id, '2026-03-18', '2026-03-20'), NO_META);
    expect((await now())?.owners).toEqual([ben.id]);
    app.clock.setToday('2026-03-18');
    expect((await now())?.owners.toSorted()).toEqual([awa.id, ben.id].sort());
    expect((await now())?.rights).toContain(`owner:${awa.id}`);
    app.clock.setToday('2026-03-20');
    expect((await now())?.rights).toContain(`owner:${awa.id}`);
    app.clock.setToday('2026-03-21');
    expect((await now())?.rights).not.toContain(`owner:${awa.id}`);
  });

  it('tells everybody whose rights it changes, at once', async () => {
    await setAbsence(app, manager, { ...away(awa.id, ben.id, '', '2026-03-20'), from: null }, NO_META);
    await setAbsence(app, manager, { ...away(ben.id, chloe.id, '', '2026-03-20'), from: null }, NO_META);
    expect(await namesOf(chloe.id)).toEqual(['rights.changed']);
    await setAbsence(app, manager, { id: awa.id, from: null, until: null, substituteId: null }, NO_META);
    expect(await namesOf(awa.id)).toEqual(['member.absence_set', 'member.absence_set']);
    expect(await namesOf(ben.id)).toEqual(['rights.changed', 'member.absence_set', 'rights.changed']);
    expect(await namesOf(chloe.id)).toEqual(['rights.changed', 'rights.changed']);
  });

  it('refuses a ring of substitutes, unless its days never meet', async () => {
    await setAbsence(app, manager, away(awa.id, ben.id, '2026-03-16', '2026-03-20'), NO_META);
    await setAbsence(app, manager, away(ben.id, chloe.id, '2026-03-18', '2026-03-25'), NO_META);
    await expect(
      setAbsence(app, manager, away(chloe.id, awa.id, '2026-03-20', '2026-03-21'), NO_META),
    ).rejects.toMatchObject({ code: 'absence_cycle' });
    await expect(
      setAbsence(app, manager, away(chloe.id, awa.id, '2026-03-21', '2026-03-25'), NO_META),
    ).resolves.toBeDefined();
  });

  it.each([
    { path: 'until', reason: 'past', change: { until: '2026-03-15', from: '2026-03-10' } },
    { path: 'until', reason: 'before_start', change: { from: '2026-03-20', until: '2026-03-19' } },
    { path: 'substituteId', reason: 'required', change: { substituteId: null } },
    { path: 'substituteId', reason: 'oneself', change: { substituteId: 'self' } },
    { path: 'substituteId', reason: 'unknown', change: { substituteId: 'nobody' } },
  ])('refuses $path: $reason', async ({ path, reason, change }) => {
    const input = { ...away(awa.id, ben.id, '2026-03-16', '2026-03-20'), ...change };
    if (input.substituteId === 'self') input.substituteId = awa.id;
    await expect(setAbsence(app, manager, input, NO_META)).rejects.toMatchObject({
      code: 'validation_failed',
      details: { issues: [{ path, reason }] },
    });
  });

  it('is one’s own to say, and others’ only for managers', async () => {
    const actor = await actorOf(awa);
    await expect(
      setAbsence(app, actor, away(awa.id, ben.id, '2026-03-16', '2026-03-20'), NO_META),
    ).resolves.toBeDefined();
    await expect(
      setAbsence(app, actor, away(ben.id, awa.id, '2026-03-21', '2026-03-22'), NO_META),
    ).rejects.toMatchObject({ code: 'forbidden' });
  });
});

describe('from the command line', () => {
  it('makes a workspace and people who can sign in', async () => {
    const workspace = await createWorkspace(app, { name: 'Deux', timeZone: 'Indian/Reunion' });
    const made = await createMember(app, workspace.id, {
      email: 'Boss@Deux.example',
      name: 'B',
      role: 'manager',
      password: PASSWORD,
    });
    expect(made).toMatchObject({ email: 'boss@deux.example', departments: ['credit'], scope: 'all', state: 'active' });
    const entered = await signIn(app, { email: made.email, password: PASSWORD }, visitor);
    expect(await recognise(entered)).toMatchObject({ workspaceId: workspace.id, rights: null });
    await expect(createMember(app, workspaceId, { ...made, password: null })).rejects.toMatchObject({
      code: 'already_exists',
    });
  });
});
