import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '#lib/domain/member/member.ts';
import type { PresenceEntry } from '#lib/protocol/realtime.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import { actorFor as judge } from '#server/auth/authenticate.ts';
import { claimCase } from '#server/services/cases/claim-case.ts';
import { reassignCase } from '#server/services/cases/reassign-case.ts';
import { NO_META } from '#server/services/command.ts';
import { changeMember } from '#server/services/members/change-member.ts';
import { setAbsence } from '#server/services/members/set-absence.ts';
import { signOut } from '#server/services/sessions/sign-out.ts';
import { createToken } from '#server/services/tokens/create-token.ts';
import { revokeToken } from '#server/services/tokens/revoke-token.ts';
import { buildAccount } from '../support/factories.ts';
import { openRealtime, until, type RealtimeHouse, type SignedIn } from '../support/realtime.ts';

let house: RealtimeHouse;
let manager: SignedIn;
let anne: SignedIn;
beforeEach(async () => {
  house = await openRealtime();
  manager = await house.person({ role: 'manager' });
  anne = await house.person({ scope: 'portfolio' });
});
afterEach(() => house.close());

const LIMIT_MS = 2_000;
const overdue = { openItems: [{ cents: 120_000, dueDay: '2026-01-10' }] };

async function actorOf(who: SignedIn): Promise<Actor> {
  const actor = await judge(house.app, who.member.id, who.sessionId);
  if (actor === null) throw new Error('not signed in');
  return actor;
}

/** Somebody who watches an account of their own, the queue, and stands on the account. */
async function atWork(who: SignedIn) {
  const account = await buildAccount(house.app, house.workspace, { ...overdue, ownerId: who.member.id });
  const stream = accountStream(account.id);
  const client = await house.connect(who);
  expect((await client.ask('watch', { streams: [{ stream, since: 0 }] })).ok).toBe(true);
  expect((await client.ask('follow', { topics: ['queue'] })).ok).toBe(true);
  expect((await client.ask('presence', { accountId: account.id, mode: 'viewing', field: null })).ok).toBe(true);
  // one's own coming is heard: nothing older is under way any more
  await client.hears('presence');
  client.heard.length = 0;
  return { account, stream, client };
}

/** Something of the account is said, and the manager has heard it: what was to reach others has been written, too. */
async function somethingHappens(accountId: string): Promise<void> {
  const client = await house.connect(manager);
  const stream = accountStream(accountId);
  const watched = await client.ask<{ seq: number }[]>('watch', { streams: [{ stream, since: 0 }] });
  const seq = watched.ok ? (watched.value[0]?.seq ?? 0) : 0;
  await claimCase(house.app, await actorOf(manager), { id: accountId }, NO_META);
  await client.hears('event', (event: { seq: number }) => event.seq > seq);
  client.close();
}

const CONTENT = ['event', 'queue', 'presence', 'notice', 'team', 'progress'];
const contentOf = (heard: { name: string }[]) => heard.filter(({ name }) => CONTENT.includes(name));

describe('[A3] rights that go', () => {
  it('[A3] whoever loses an account hears it, though the server never spoke of that account before', async () => {
    const account = await buildAccount(house.app, house.workspace, { ...overdue, ownerId: anne.member.id });
    await house.restart();
    const client = await house.connect(anne);
    expect((await client.ask('follow', { topics: ['queue'] })).ok).toBe(true);
    client.heard.length = 0;
    await reassignCase(house.app, await actorOf(manager), { id: account.id, ownerId: null, reason: null }, NO_META);
    await client.hears('rights', ({ reason }: { reason: string }) => reason === 'access');
    await somethingHappens(account.id);
    expect(client.heard.filter(({ name }) => ['event', 'queue', 'presence'].includes(name))).toEqual([]);
  });

  it('[A3] signing out closes this session’s sockets, and not those of another session', async () => {
    const { account, client } = await atWork(anne);
    const other = await house.connect(await house.signIn(anne.member));
    const started = performance.now();
    await signOut(house.app, await actorOf(anne));
    expect(await client.closed).toBe('io server disconnect');
    expect(performance.now() - started).toBeLessThan(LIMIT_MS);
    await somethingHappens(account.id);
    expect(contentOf(client.heard)).toEqual([]);
    expect((await other.ask('follow', { topics: ['queue'] })).ok).toBe(true);
  });

  it('[A3] a disabled member’s sockets close', async () => {
    const { account, client } = await atWork(anne);
    const started = performance.now();
    await changeMember(house.app, await actorOf(manager), { id: anne.member.id, state: 'disabled' }, NO_META);
    await client.closed;
    expect(performance.now() - started).toBeLessThan(LIMIT_MS);
    await somethingHappens(account.id);
    expect(contentOf(client.heard)).toEqual([]);
    await until(() => house.gateway.connections() === 0, 'nobody is left');
  });

  it('[A3] a revoked token’s socket closes', async () => {
    const token = await createToken(
      house.app,
      await actorOf(manager),
      { name: 'program', actions: null, expiresOn: null },
      NO_META,
    );
    const client = await house.connectWith({ authorization: `Bearer ${token.secret}` });
    await revokeToken(house.app, await actorOf(manager), { id: token.id }, NO_META);
    expect(await client.closed).toBe('io server disconnect');
  });

  it('[A3] an account given to somebody else is heard of no more', async () => {
    const { account, stream, client } = await atWork(anne);
    const bob = await house.person({ scope: 'portfolio' });
    const his = await house.connect(bob);
    await his.ask('follow', { topics: ['queue'] });
    const change = { id: account.id, ownerId: bob.member.id, reason: null };
    await reassignCase(house.app, await actorOf(manager), change, NO_META);
    expect(await client.hears('rights')).toEqual({ reason: 'access' });
    await client.hears('notice');
    await his.hears('queue', (hint: { accountIds: string[] }) => hint.accountIds.includes(account.id));
    client.heard.length = 0;
    await somethingHappens(account.id);
    expect(contentOf(client.heard)).toEqual([]);
    expect(await client.ask('watch', { streams: [{ stream, since: 0 }] })).toEqual({ ok: false, code: 'not_found' });
    expect(await client.ask('presence', { accountId: account.id, mode: 'viewing', field: null })).toEqual({
      ok: false,
      code: 'not_found',
    });
    // she is not shown there any more
    expect(await his.ask('presence', { accountId: account.id, mode: 'viewing', field: null })).toMatchObject({
      ok: true,
      value: { entries: [{ memberId: bob.member.id }] },
    });
  });

  it('[A3] a narrower scope is judged at once, and asked for anew', async () => {
    const carl = await house.person();
    const account = await buildAccount(house.app, house.workspace, overdue);
    const client = await house.connect(carl);
    const stream = accountStream(account.id);
    await client.ask('watch', { streams: [{ stream, since: 0 }] });
    await changeMember(house.app, await actorOf(manager), { id: carl.member.id, scope: 'portfolio' }, NO_META);
    await client.hears('rights');
    client.heard.length = 0;
    await somethingHappens(account.id);
    expect(contentOf(client.heard)).toEqual([]);
    expect(await client.ask('watch', { streams: [{ stream, since: 0 }] })).toEqual({ ok: false, code: 'not_found' });
  });

  it('[A3] an absence gives the substitute the portfolio, and its end takes it back', async () => {
    const { account, stream } = await atWork(anne);
    const bob = await house.person({ scope: 'portfolio' });
    const client = await house.connect(bob);
    const watch = { streams: [{ stream, since: 0 }] };
    expect((await client.ask('watch', watch)).ok).toBe(false);
    const absence = { id: anne.member.id, from: null, until: '2026-03-20', substituteId: bob.member.id };
    await setAbsence(house.app, await actorOf(manager), absence, NO_META);
    await client.hears('rights');
    expect((await client.ask('watch', watch)).ok).toBe(true);
    client.heard.length = 0;
    // the last day passes
    house.app.clock.setToday('2026-03-21');
    await client.hears('rights', (message: { reason: string }) => message.reason === 'day');
    expect(await client.hears('day')).toEqual({ today: '2026-03-21' });
    client.heard.length = 0;
    await somethingHappens(account.id);
    expect(contentOf(client.heard)).toEqual([]);
    expect((await client.ask('watch', watch)).ok).toBe(false);
  });

  it('[A3] rights that change while a socket opens do not keep it from being greeted', async () => {
    const boss = await actorOf(manager);
    const carl = await house.person();
    for (const scope of ['portfolio', 'all', 'portfolio', 'all'] as const) {
      const [client] = await Promise.all([
        house.connect(carl),
        changeMember(house.app, boss, { id: carl.member.id, scope }, NO_META),
      ]);
      expect(client.heard[0]?.name).toBe('hello');
      client.close();
    }
  });

  it('[A4] a connection that comes back is judged like a new one', async () => {
    const { client } = await atWork(anne);
    const sid = client.socket.io.engine.id;
    await signOut(house.app, await actorOf(anne));
    await client.closed;
    const again = await house.tryConnect(anne.cookie);
    expect(again).toBe(401);
    expect(await house.tryConnect((await house.person()).cookie, { query: `&sid=${sid}` })).toBe(400);
  });
});

describe('[A7] presence', () => {
  it('[A7] is stamped by the server: a client speaks only as its member', async () => {
    const { account, client } = await atWork(anne);
    const forged = { accountId: account.id, mode: 'writing', field: 'note', memberId: manager.member.id, name: 'Chef' };
    expect(await client.ask('presence', forged)).toEqual({ ok: false, code: 'validation_failed' });
    const bob = await house.connect(manager);
    expect(await bob.ask('follow', { topics: ['queue'] })).toEqual({
      ok: true,
      value: {
        presence: [
          {
            memberId: anne.member.id,
            name: anne.member.name,
            accountId: account.id,
            disputeId: null,
            mode: 'viewing',
            field: null,
            audience: null,
          },
        ],
      },
    });
  });

  it('[A7] is hidden from whoever may not see the account', async () => {
    const stranger = await house.person({ scope: 'portfolio' });
    const { client, account } = await atWork(stranger);
    const hers = await atWork(anne);
    const follow = await client.ask<{ presence: PresenceEntry[] }>('follow', { topics: ['queue'] });
    expect(follow.ok && follow.value.presence.map((entry) => entry.accountId)).toEqual([account.id]);
    const boss = await house.connect(manager);
    await boss.ask('follow', { topics: ['queue'] });
    await hers.client.ask('presence', { accountId: hers.account.id, mode: 'writing', field: 'note' });
    await boss.hears('presence', (message: { entries: PresenceEntry[] }) => message.entries[0]?.mode === 'writing');
    expect(JSON.stringify(client.heard)).not.toContain(hers.account.id);
  });

  it('[A7] ends with the tab, and stands while another tab of the same member is there', async () => {
    const { account, client } = await atWork(anne);
    const second = await house.connect(anne);
    await second.ask('presence', { accountId: account.id, mode: 'writing', field: 'note' });
    const boss = await house.connect(manager);
    await boss.ask('follow', { topics: ['queue'] });
    client.close();
    await until(() => house.gateway.sizes().places === 1, 'one tab is left');
    second.close();
    expect(
      await boss.hears('presence', (message: { entries: PresenceEntry[] }) => message.entries.length === 0),
    ).toEqual({ accountId: account.id, entries: [] });
  });

  it('[A7] a place that nobody renews is emptied', async () => {
    const { account } = await atWork(anne);
    const boss = await house.connect(manager);
    await boss.ask('follow', { topics: ['queue'] });
    house.app.clock.advance(26_000);
    await boss.hears('presence', (message: { accountId: string; entries: PresenceEntry[] }) => {
      return message.accountId === account.id && message.entries.length === 0;
    });
  });

  it('[A7] is heard from another node, and renews the lease of the case that one holds there', async () => {
    const other = await openRealtime({ app: house.app, workspace: house.workspace });
    const { account, client } = await atWork(anne);
    await claimCase(house.app, await actorOf(anne), { id: account.id }, NO_META);
    house.app.clock.advance(60_000);
    const later = new Date(house.app.clock.ms() + 600_000).toISOString();
    const boss = await other.connect(manager);
    await boss.ask('follow', { topics: ['queue'] });
    const place = { accountId: account.id, mode: 'writing', field: 'contact' };
    expect(await client.ask('presence', place)).toMatchObject({ ok: true, value: { leaseUntil: later } });
    await boss.hears('presence', (message: { entries: PresenceEntry[] }) => message.entries[0]?.field === 'contact');
    client.close();
    await boss.hears('presence', (message: { entries: PresenceEntry[] }) => message.entries.length === 0);
    await other.close();
  });
});

describe('[A11] where an upgrade comes from', () => {
  const same = () => house.url;
  it.each([
    { what: 'the same origin', origin: same, status: 101 },
    { what: 'no origin: a program', origin: () => null, status: 101 },
    { what: 'another site', origin: () => 'https://evil.example', status: 403 },
    { what: 'another port', origin: () => 'http://127.0.0.1:1', status: 403 },
    { what: 'https of the same name', origin: () => house.url.replace('http:', 'https:'), status: 403 },
    { what: 'null', origin: () => 'null', status: 403 },
  ])('[A11] $what: $status', async ({ origin, status }) => {
    expect(await house.tryConnect(anne.cookie, { origin: origin() })).toBe(status);
  });

  it('[A11] polling is not spoken, and nobody comes in without a session', async () => {
    expect(await house.tryConnect(anne.cookie, { origin: house.url, query: '&transport=polling' })).toBe(400);
    expect(await house.tryConnect('', { origin: house.url })).toBe(401);
    expect(await house.tryConnect('encours-session=%zz', { origin: house.url })).toBe(401);
    const polled = await fetch(`${house.url}/socket.io/?EIO=4&transport=polling`, {
      headers: { cookie: anne.cookie },
    });
    expect(polled.status).toBe(404);
  });
});
