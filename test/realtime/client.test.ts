import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyAccountEvent } from '#lib/client/apply/account.ts';
import { Connection } from '#lib/client/connection.svelte.ts';
import { PresenceMap } from '#lib/client/presence.svelte.ts';
import type { WireEvent } from '#lib/protocol/events.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import type { AccountSheet } from '#lib/protocol/views/views.ts';
import { accountSheet } from '#server/queries/account-sheet.ts';
import { claimCase } from '#server/services/cases/claim-case.ts';
import { reassignCase } from '#server/services/cases/reassign-case.ts';
import { releaseCase } from '#server/services/cases/release-case.ts';
import { NO_META } from '#server/services/command.ts';
import { signOut } from '#server/services/sessions/sign-out.ts';
import { sessions } from '#server/store/kinds/installation.ts';
import { actorFor, buildAccount } from '../support/factories.ts';
import { openRealtime, until, type RealtimeHouse, type SignedIn } from '../support/realtime.ts';

let house: RealtimeHouse;
const open: Connection[] = [];
beforeEach(async () => {
  house = await openRealtime();
});
afterEach(async () => {
  for (const connection of open.splice(0)) connection.stop();
  await house.close();
});

const overdue = { openItems: [{ cents: 120_000, dueDay: '2026-01-10' }] };

async function lineOf(who: SignedIn): Promise<Connection> {
  const connection = new Connection();
  open.push(connection);
  await connection.start({
    url: house.url,
    headers: { cookie: who.cookie, origin: house.url },
    isSignedIn: () => Promise.resolve(true),
  });
  return connection;
}

/** An account's screen on a line: the sheet as loaded, then kept by events. */
function screenOf(connection: Connection, who: SignedIn, loaded: AccountSheet) {
  const screen = { sheet: loaded, refetches: 0, lost: false, events: [] as WireEvent[] };
  const stop = connection.watch(accountStream(loaded.account.id), loaded.seq, {
    event: (event) => {
      screen.events.push(event);
      const next = applyAccountEvent(screen.sheet, event);
      if (next === 'refetch') return next;
      screen.sheet = next;
      return undefined;
    },
    refetch: async () => {
      screen.refetches += 1;
      screen.sheet = await accountSheet(house.app, actorFor(who.member), { id: loaded.account.id });
      return screen.sheet.seq;
    },
    lost: () => {
      screen.lost = true;
    },
  });
  return { screen, stop };
}

describe('[C7] an account’s screen', () => {
  it('[C7] shows what happened between its loading and its first word with the server, without loading anew', async () => {
    const [anne, bob] = [await house.person(), await house.person()];
    const account = await buildAccount(house.app, house.workspace, overdue);
    const loaded = await accountSheet(house.app, actorFor(bob.member), { id: account.id });
    await claimCase(house.app, actorFor(anne.member), { id: account.id }, NO_META);
    const line = await lineOf(bob);
    const { screen } = screenOf(line, bob, loaded);
    await until(() => screen.sheet.case.claimedBy === anne.member.id, 'the claim is shown');
    expect(screen.refetches).toBe(0);
    expect(screen.sheet).toEqual(await accountSheet(house.app, actorFor(bob.member), { id: account.id }));
  });

  it('[C4] catches up after a cut from the last sequence, and shows each event once', async () => {
    const [anne, bob] = [await house.person(), await house.person()];
    const account = await buildAccount(house.app, house.workspace, overdue);
    const line = await lineOf(bob);
    const { screen } = screenOf(line, bob, await accountSheet(house.app, actorFor(bob.member), { id: account.id }));
    await until(() => line.status === 'connected', 'connected');
    for (let round = 0; round < 3; round += 1) {
      house.cut();
      await claimCase(house.app, actorFor(anne.member), { id: account.id }, NO_META);
      await releaseCase(house.app, actorFor(anne.member), { id: account.id }, NO_META);
      await until(() => screen.sheet.seq === 3 + round * 2, 'caught up');
    }
    expect(screen.events.map((event) => event.seq)).toEqual([2, 3, 4, 5, 6, 7]);
    expect(screen.refetches).toBe(0);
  });

  it('[C7] tells the status of the line', async () => {
    const line = await lineOf(await house.person());
    await until(() => line.status === 'connected', 'connected');
    expect(line.today).toBe('2026-03-16');
    house.cut();
    await until(() => line.status !== 'connected', 'cut');
    await until(() => line.status === 'connected', 'back');
    line.stop();
    expect(line.status).toBe('offline');
  });
});

describe('[A3] a line that is ended', () => {
  it('[A3] is not tried again after signing out, and the screen is told', async () => {
    const anne = await house.person();
    const line = await lineOf(anne);
    const told: string[] = [];
    line.on('rights', ({ reason }) => told.push(reason));
    await until(() => line.status === 'connected', 'connected');
    await signOut(house.app, { ...actorFor(anne.member), credentialId: anne.sessionId });
    await until(() => line.signedOut, 'signed out');
    expect(told).toEqual(['signed_out']);
    expect(line.status).toBe('offline');
    expect(house.gateway.connections()).toBe(0);
  });

  it('[A3] whose session ended during a cut asks once more and stops', async () => {
    const anne = await house.person();
    const line = new Connection();
    open.push(line);
    await line.start({
      url: house.url,
      headers: { cookie: anne.cookie, origin: house.url },
      isSignedIn: async () => (await house.tryConnect(anne.cookie)) !== 401,
    });
    await until(() => line.status === 'connected', 'connected');
    await house.app.store.installation.transaction(async (tx) => {
      await tx.docs(sessions).remove(anne.sessionId, 1);
    });
    house.cut();
    await until(() => line.signedOut, 'signed out');
  });

  it('[A3] an account’s screen is told when it may not be seen any more', async () => {
    const [boss, anne] = [await house.person({ role: 'manager' }), await house.person({ scope: 'portfolio' })];
    const account = await buildAccount(house.app, house.workspace, { ...overdue, ownerId: anne.member.id });
    const line = await lineOf(anne);
    const sheet = await accountSheet(house.app, actorFor(anne.member), { id: account.id });
    const { screen } = screenOf(line, anne, sheet);
    await until(() => line.status === 'connected', 'connected');
    await reassignCase(house.app, actorFor(boss.member), { id: account.id, ownerId: null, reason: null }, NO_META);
    await until(() => screen.lost, 'the screen is told');
    expect(screen.events).toEqual([]);
  });

  it('[D6] comes back after the pause that the server asked for', async () => {
    const line = await lineOf(await house.person());
    await until(() => line.status === 'connected', 'connected');
    await house.restart();
    await until(() => line.status === 'connected' && house.gateway.connections() === 1, 'it came back', 15_000);
  });
});

describe('[C7] presence on a screen', () => {
  it('[C7] shows who is where, and nobody once they closed', async () => {
    const [anne, bob] = [await house.person(), await house.person()];
    const account = await buildAccount(house.app, house.workspace, overdue);
    const line = await lineOf(bob);
    line.follow('queue');
    const map = new PresenceMap(line);
    map.start();
    const hers = await lineOf(anne);
    hers.show({ accountId: account.id, mode: 'writing', field: 'note' });
    await until(() => map.on(account.id).length === 1, 'she is shown');
    expect(map.others(account.id, bob.member.id)).toEqual([
      {
        memberId: anne.member.id,
        name: anne.member.name,
        accountId: account.id,
        disputeId: null,
        mode: 'writing',
        field: 'note',
        audience: null,
      },
    ]);
    house.cut();
    await until(() => map.on(account.id).length === 1, 'she is shown again after a cut');
    hers.stop();
    await until(() => map.on(account.id).length === 0, 'she is gone');
  });
});

describe('whose line it is', () => {
  it('[A7] a page that was loaded for one member ends its session on a line of another', async () => {
    const [before, now] = [await house.person(), await house.person()];
    const connection = new Connection();
    open.push(connection);
    const given = { url: house.url, isSignedIn: () => Promise.resolve(true), memberId: before.member.id };
    await connection.start({ ...given, headers: { cookie: now.cookie, origin: house.url } });
    await until(() => connection.signedOut, 'signed out');
    expect(connection.status).not.toBe('connected');
    await connection.start({ ...given, headers: { cookie: before.cookie, origin: house.url } });
    await until(() => connection.status === 'connected', 'its own');
    expect(connection.signedOut).toBe(false);
  });
});
