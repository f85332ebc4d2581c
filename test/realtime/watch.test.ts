import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WireEvent } from '#lib/protocol/events.ts';
import { accountStream, memberStream, workspaceStream } from '#lib/protocol/streams.ts';
import { claimCase } from '#server/services/cases/claim-case.ts';
import { releaseCase } from '#server/services/cases/release-case.ts';
import { NO_META } from '#server/services/command.ts';
import { actorFor, buildAccount } from '../support/factories.ts';
import { openRealtime, type RealtimeHouse } from '../support/realtime.ts';

type CaughtUp = { stream: string; seq: number; events: WireEvent[]; refetch: boolean };

let house: RealtimeHouse;
beforeEach(async () => {
  house = await openRealtime();
});
afterEach(() => house.close());

const overdue = { openItems: [{ cents: 120_000, dueDay: '2026-01-10' }] };

describe('[C7] watch', () => {
  it('[C7] greets with the protocol, who I am and the day', async () => {
    const anne = await house.person();
    const client = await house.connect(anne);
    expect(client.heard[0]).toEqual({
      name: 'hello',
      message: { protocol: 2, memberId: anne.member.id, today: '2026-03-16', now: house.app.clock.now(), instance: '' },
    });
  });

  it('[C7] tells another what was done, after it was stored, and the queue who took the case', async () => {
    const [anne, bob] = [await house.person(), await house.person()];
    const account = await buildAccount(house.app, house.workspace, overdue);
    const client = await house.connect(bob);
    const stream = accountStream(account.id);
    expect(await client.ask('watch', { streams: [{ stream, since: 1 }] })).toEqual({
      ok: true,
      value: [{ stream, seq: 1, events: [], refetch: false }],
    });
    await client.ask('follow', { topics: ['queue'] });
    await claimCase(house.app, actorFor(anne.member), { id: account.id }, NO_META);
    const event = (await client.hears('event')) as WireEvent;
    expect(event).toMatchObject({ stream, seq: 2, name: 'case.claimed', actor: anne.member.id });
    expect(event.data.records?.case).toMatchObject({ claimedBy: anne.member.id });
    expect(Object.keys(event).sort()).toEqual(
      ['actor', 'at', 'data', 'day', 'erased', 'id', 'name', 'personal', 'seq', 'stream'].sort(),
    );
    expect(await client.hears('queue')).toEqual({
      accountIds: [account.id],
      name: 'case.claimed',
      actor: anne.member.id,
      at: event.at,
      claimedBy: anne.member.id,
    });
  });

  it('[C7] answers what happened since the page was loaded, and nothing falls between', async () => {
    const anne = await house.person();
    const actor = actorFor(anne.member);
    const account = await buildAccount(house.app, house.workspace, overdue);
    const stream = accountStream(account.id);
    const client = await house.connect(anne);
    let writing = true;
    const writer = (async () => {
      while (writing) {
        await claimCase(house.app, actor, { id: account.id }, NO_META);
        await releaseCase(house.app, actor, { id: account.id }, NO_META);
      }
    })();
    for (let round = 0; round < 10; round += 1) {
      const answer = await client.ask<CaughtUp[]>('watch', { streams: [{ stream, since: 1 }] });
      if (!answer.ok) throw new Error(answer.code);
      const [caught] = answer.value;
      const known = new Set([...(caught?.events ?? []), ...client.events()].map((event) => event.seq));
      await client.hears('event', (event: WireEvent) => event.seq > (caught?.seq ?? 0));
      for (const event of client.events()) known.add(event.seq);
      const last = Math.max(...known);
      expect([...known].sort((a, b) => a - b)).toEqual(Array.from({ length: last - 1 }, (_, index) => index + 2));
      await client.ask('unwatch', { streams: [stream] });
      client.heard.length = 0;
    }
    writing = false;
    await writer;
  });

  it('[C7] asks to refetch after too much, or a sequence that the server does not know', async () => {
    const anne = await house.person();
    const account = await buildAccount(house.app, house.workspace, overdue);
    const stream = accountStream(account.id);
    const store = house.app.store.workspace(house.workspace.id);
    const event = (index: number) => ({
      id: `e-${index}`,
      name: 'account.imported',
      at: house.app.clock.now(),
      day: '2026-03-16',
      actor: 'system',
      data: {},
      personal: null,
    });
    await store.transaction((tx) =>
      tx.append(
        stream,
        Array.from({ length: 501 }, (_, index) => event(index)),
      ),
    );
    const client = await house.connect(anne);
    const ahead = await client.ask('watch', { streams: [{ stream, since: 900 }] });
    expect(ahead).toEqual({ ok: true, value: [{ stream, seq: 502, events: [], refetch: true }] });
    const much = await client.ask('watch', { streams: [{ stream, since: 1 }] });
    expect(much).toEqual({ ok: true, value: [{ stream, seq: 502, events: [], refetch: true }] });
    const enough = await client.ask<CaughtUp[]>('watch', { streams: [{ stream, since: 2 }] });
    expect(enough.ok && enough.value[0]?.events.length).toBe(500);
  });
});

describe('[A8] names that are guessed', () => {
  it('[A8] are refused alike, before anything is loaded', async () => {
    const [anne, bob] = [await house.person(), await house.person({ role: 'sales', scope: 'portfolio' })];
    const account = await buildAccount(house.app, house.workspace, { ...overdue, ownerId: anne.member.id });
    const client = await house.connect(bob);
    const names = [
      accountStream(account.id),
      accountStream('0190aaaa-0000-7000-8000-000000000000'),
      accountStream(account.id, 'credit'),
      accountStream(account.id, 'customer'),
      `account:${account.id.toUpperCase()}:internal`,
      `account:../${account.id}:internal`,
      `account:${account.id}:internal:`,
      `account:${account.id}`,
      `account:${account.id}:іnternal`,
      memberStream(anne.member.id),
      `member-record:${bob.member.id}`,
      `workspace-record:${house.workspace.id}`,
      workspaceStream(house.workspace.id),
      workspaceStream('another'),
      '',
      '__proto__',
      's:',
      'queue',
    ];
    for (const stream of names)
      expect(await client.ask('watch', { streams: [{ stream, since: 0 }] }), stream).toEqual({
        ok: false,
        code: 'not_found',
      });
    expect(house.gateway.sizes().rooms).toBe(2);
    expect((await client.ask('watch', { streams: [{ stream: memberStream(bob.member.id), since: 0 }] })).ok).toBe(true);
    expect(await client.ask('follow', { topics: ['team'] })).toEqual({ ok: false, code: 'forbidden' });
    expect(await client.ask('presence', { accountId: account.id, mode: 'viewing', field: null })).toEqual({
      ok: false,
      code: 'not_found',
    });
  });

  it('[A2] another workspace’s account is not there', async () => {
    const elsewhere = await openRealtime({ app: house.app });
    const account = await buildAccount(house.app, elsewhere.workspace, overdue);
    const client = await house.connect(await house.person({ role: 'manager' }));
    expect(await client.ask('watch', { streams: [{ stream: accountStream(account.id), since: 0 }] })).toEqual({
      ok: false,
      code: 'not_found',
    });
    await elsewhere.close();
  });
});
