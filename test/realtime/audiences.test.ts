import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Role } from '#lib/domain/member/member.ts';
import { AUDIENCES } from '#lib/domain/thread/audience.ts';
import type { PresenceEntry } from '#lib/protocol/realtime.ts';
import { accountStream, memberStream } from '#lib/protocol/streams.ts';
import { changeMember } from '#server/services/members/change-member.ts';
import { NO_META, nowIn } from '#server/services/command.ts';
import { notify } from '#server/services/notices.ts';
import { createToken } from '#server/services/tokens/create-token.ts';
import { reassignCase } from '#server/services/cases/reassign-case.ts';
import { newId } from '#server/store/id.ts';
import { actorFor, buildAccount } from '../support/factories.ts';
import { openRealtime, until, type RealtimeHouse, type SignedIn } from '../support/realtime.ts';
import { openedDispute } from '../support/thread-world.ts';

let house: RealtimeHouse;
let collector: SignedIn;
beforeEach(async () => {
  house = await openRealtime();
  collector = await house.person();
});
afterEach(() => house.close());

const CANARY = 'canary-4f1c';

async function say(accountId: string, audience: 'internal' | 'credit' | 'customer', text: string, records = {}) {
  const now = house.app.clock.now();
  await house.app.store.workspace(house.workspace.id).transaction((tx) =>
    tx.append(accountStream(accountId, audience), [
      {
        id: newId(),
        name: audience === 'internal' ? 'dispute.changed' : 'message.posted',
        at: now,
        day: now.slice(0, 10),
        actor: collector.member.id,
        data: { disputeId: 'd1', audience, records },
        personal: { text },
      },
    ]),
  );
}

describe('[A6] streams by audience', () => {
  it.each<[Role, boolean]>([
    ['collector', true],
    ['manager', true],
    ['finance', true],
    ['sales', false],
    ['quality', false],
    ['adv', false],
    ['accounting', false],
    ['logistics', false],
    ['admin', false],
  ])('[A1] %s watches the credit team’s: %s', async (role, allowed) => {
    const account = await buildAccount(house.app, house.workspace);
    const client = await house.connect(await house.person({ role, scope: 'all' }));
    for (const audience of AUDIENCES) {
      const answer = await client.ask('watch', {
        streams: [{ stream: accountStream(account.id, audience), since: 0 }],
      });
      expect(answer.ok, audience).toBe(audience === 'credit' ? allowed : true);
      if (!answer.ok) expect(answer).toEqual({ ok: false, code: 'not_found' });
    }
  });

  it('[A6] what the credit team writes reaches it alone, and moves no list of the others', async () => {
    const account = await buildAccount(house.app, house.workspace, {
      openItems: [{ cents: 5_000, dueDay: '2026-01-10' }],
    });
    const rep = await house.person({ role: 'sales', scope: 'all' });
    const [hers, his] = [await house.connect(collector), await house.connect(rep)];
    for (const client of [hers, his]) {
      await client.ask('follow', { topics: ['queue', 'disputes', 'inbox'] });
      await client.ask('watch', { streams: [{ stream: accountStream(account.id), since: 0 }] });
    }
    await hers.ask('watch', { streams: [{ stream: accountStream(account.id, 'credit'), since: 0 }] });
    his.heard.length = 0;
    await say(account.id, 'credit', CANARY);
    await hers.hears('event', (event: { name: string }) => event.name === 'message.posted');
    await say(account.id, 'internal', 'open to all', { disputes: [{ id: 'd1' }] });
    await his.hears('event', (event: { name: string }) => event.name === 'dispute.changed');
    expect(JSON.stringify(his.heard)).not.toContain(CANARY);
    expect(his.heard.filter(({ name }) => name === 'event')).toHaveLength(1);
    expect(his.heard.filter(({ name }) => name === 'queue')).toHaveLength(1);
    const [event] = his.events();
    expect(event?.seq).toBe(2);
  });

  it('[A3] who leaves the credit team hears no more of it, and the others of the account go on', async () => {
    const account = await buildAccount(house.app, house.workspace);
    const person = await house.person({ scope: 'all' });
    const boss = await house.person({ role: 'manager', scope: 'all' });
    const client = await house.connect(person);
    for (const audience of ['internal', 'credit'] as const)
      await client.ask('watch', { streams: [{ stream: accountStream(account.id, audience), since: 0 }] });
    await changeMember(
      house.app,
      actorFor(boss.member),
      { id: person.member.id, role: 'sales', departments: ['sales'] } as never,
      NO_META,
    );
    await client.hears('rights');
    client.heard.length = 0;
    await say(account.id, 'credit', CANARY);
    const again = await client.ask('watch', { streams: [{ stream: accountStream(account.id, 'credit'), since: 0 }] });
    expect(again).toEqual({ ok: false, code: 'not_found' });
    expect((await client.ask('watch', { streams: [{ stream: accountStream(account.id), since: 0 }] })).ok).toBe(true);
    expect(JSON.stringify(client.heard)).not.toContain(CANARY);
  });

  it('[A3] who loses the account hears no audience of it', async () => {
    const account = await buildAccount(house.app, house.workspace, { ownerId: collector.member.id });
    const owner = collector;
    const person = await house.person({ scope: 'portfolio' });
    const boss = await house.person({ role: 'manager', scope: 'all' });
    await reassignCase(
      house.app,
      actorFor(boss.member),
      { id: account.id, ownerId: person.member.id, reason: null },
      NO_META,
    );
    const client = await house.connect(person);
    const streams = AUDIENCES.map((audience) => ({ stream: accountStream(account.id, audience), since: 0 }));
    expect((await client.ask('watch', { streams })).ok).toBe(true);
    await reassignCase(
      house.app,
      actorFor(boss.member),
      { id: account.id, ownerId: owner.member.id, reason: null },
      NO_META,
    );
    await client.hears('rights');
    client.heard.length = 0;
    for (const audience of ['credit', 'customer'] as const) await say(account.id, audience, CANARY);
    const hers = await house.connect(boss);
    await hers.ask('watch', { streams: [{ stream: accountStream(account.id, 'customer'), since: 0 }] });
    expect(client.events()).toEqual([]);
  });
});

describe('[A7] presence on a dispute', () => {
  it('[A7] does not say to others that somebody writes for the credit team', async () => {
    const account = await buildAccount(house.app, house.workspace);
    const rep = await house.person({ role: 'sales', scope: 'all' });
    const mate = await house.person({ scope: 'all' });
    const [hers, his, theirs] = [await house.connect(collector), await house.connect(rep), await house.connect(mate)];
    for (const client of [his, theirs]) await client.ask('follow', { topics: ['queue'] });
    const place = { accountId: account.id, mode: 'writing', field: 'draft', audience: 'credit' };
    expect((await hers.ask('presence', place)).ok).toBe(true);
    const shown = (message: { entries: PresenceEntry[] }) => message.entries.length === 1;
    expect(await theirs.hears('presence', shown)).toMatchObject({ entries: [{ mode: 'writing', audience: 'credit' }] });
    expect(await his.hears('presence', shown)).toMatchObject({
      entries: [{ mode: 'viewing', field: null, audience: null }],
    });
    const asked = await his.ask<{ entries: PresenceEntry[] }>('presence', {
      accountId: account.id,
      mode: 'viewing',
      field: null,
    });
    expect(asked.ok && asked.value.entries.find((one) => one.memberId === collector.member.id)?.mode).toBe('viewing');
    expect(await his.ask('presence', place)).toEqual({ ok: false, code: 'not_found' });
    expect(await hers.ask('presence', { ...place, disputeId: 'of-nobody' })).toEqual({ ok: false, code: 'not_found' });
  });
});

describe('hints', () => {
  it('tell a list of disputes and the inboxes within reach, and nobody else', async () => {
    const account = await buildAccount(house.app, house.workspace, { ownerId: collector.member.id });
    const stranger = await house.person({ scope: 'portfolio' });
    const [hers, his] = [await house.connect(collector), await house.connect(stranger)];
    for (const client of [hers, his]) await client.ask('follow', { topics: ['disputes', 'inbox'] });
    await say(account.id, 'internal', 'x', { disputes: [{ id: 'd1' }] });
    expect(await hers.hears('disputes')).toMatchObject({
      disputeIds: ['d1'],
      accountId: account.id,
      name: 'dispute.changed',
    });
    await hers.hears('inbox');
    expect(his.heard.filter(({ name }) => name === 'disputes' || name === 'inbox')).toEqual([]);
  });

  it('tell a member’s other screens what was read on one', async () => {
    const client = await house.connect(collector);
    await client.ask('follow', { topics: ['inbox'] });
    const now = house.app.clock.now();
    await house.app.store.workspace(house.workspace.id).transaction((tx) =>
      tx.append(memberStream(collector.member.id), [
        {
          id: newId(),
          name: 'notice.read',
          at: now,
          day: now.slice(0, 10),
          actor: collector.member.id,
          data: { ids: [] },
          personal: null,
        },
      ]),
    );
    await client.hears('inbox');
    await until(() => client.heard.some(({ name }) => name === 'inbox'), 'told');
    expect(client.heard.some(({ name }) => name === 'notice')).toBe(false);
  });
});

describe('[A6] side doors', () => {
  it('[A6] somebody who begins to write for the credit team moves nothing for the others', async () => {
    const account = await buildAccount(house.app, house.workspace);
    const dispute = await openedDispute(house.app, house.workspace, account);
    const other = await openedDispute(house.app, house.workspace, account);
    const [rep, chief] = [await house.person({ role: 'sales' }), await house.person({ role: 'manager' })];
    const [hers, second, his, boss] = await Promise.all(
      [collector, collector, rep, chief].map((one) => house.connect(one)),
    );
    if (hers === undefined || second === undefined || his === undefined || boss === undefined) throw new Error('four');
    for (const client of [his, boss])
      await client.ask('watch', { streams: [{ stream: accountStream(account.id), since: 0 }] });
    const place = { accountId: account.id, disputeId: dispute.id, field: null, audience: null };
    const memberId = collector.member.id;
    const at = (mode: string) => (message: { entries: PresenceEntry[] }) =>
      message.entries.some((one) => one.memberId === memberId && one.mode === mode);
    const presences = () => his.heard.filter(({ name }) => name === 'presence');
    await hers.ask('presence', { ...place, mode: 'viewing' });
    await his.hears('presence', at('viewing'));
    await boss.hears('presence', at('viewing'));
    const before = presences().length;
    for (const field of ['note', 'draft', 'reply']) {
      boss.heard.length = 0;
      await hers.ask('presence', { ...place, mode: 'writing', field, audience: 'credit' });
      await boss.hears('presence', at('writing'));
      boss.heard.length = 0;
      // In another of her tabs, on another dispute: which one is shown must not turn on it either.
      await second.ask('presence', { ...place, disputeId: other.id, mode: 'writing', field, audience: 'credit' });
      await second.ask('presence', null);
      await hers.ask('presence', { ...place, mode: 'viewing' });
      await boss.hears('presence', at('viewing'));
    }
    await hers.ask('presence', { ...place, mode: 'writing', field: 'note', audience: 'internal' });
    await his.hears('presence', at('writing'));
    expect(presences().slice(before)).toHaveLength(1);
  });

  it('[A1] a token that may not read the credit team’s thread does not hear of it on its member’s own stream', async () => {
    const account = await buildAccount(house.app, house.workspace);
    const boss = await house.person({ role: 'manager' });
    const tell = async (audience: 'internal' | 'credit') => {
      const now = await nowIn(house.app, house.workspace.id);
      const notice = {
        kind: 'message.posted',
        account,
        disputeId: CANARY,
        messageId: `m-${audience}`,
        audience,
      } as const;
      await house.app.store
        .workspace(house.workspace.id)
        .transaction((tx) => notify(tx, now, { memberId: collector.member.id }, [boss.member.id], notice));
    };
    const speak = async (actions: string[] | null) => {
      const input = { name: 'Essai', actions, expiresOn: null };
      const { secret } = await createToken(house.app, actorFor(boss.member), input, NO_META);
      return house.connectWith({ authorization: `Bearer ${secret ?? ''}` });
    };
    const narrow = await speak(['notification.read', 'account.read', 'thread.read']);
    const bare = await speak(['account.read', 'thread.read', 'thread.read_credit']);
    const whole = await speak(null);
    const streams = [{ stream: memberStream(boss.member.id), since: 0 }];
    expect(await narrow.ask('watch', { streams })).toEqual({ ok: false, code: 'not_found' });
    expect(await bare.ask('watch', { streams })).toEqual({ ok: false, code: 'not_found' });
    expect(await whole.ask('watch', { streams })).toMatchObject({ ok: true });
    await narrow.ask('follow', { topics: ['inbox'] });
    await tell('credit');
    await tell('internal');
    const of = (audience: string) => (message: { data: { audience: string } }) => message.data.audience === audience;
    await whole.hears('notice', of('credit'));
    await narrow.hears('notice', of('internal'));
    expect(JSON.stringify(narrow.heard)).not.toContain('m-credit');
    expect(narrow.heard.filter(({ name }) => name === 'inbox')).toHaveLength(1);
    expect(bare.heard.filter(({ name }) => name === 'notice')).toEqual([]);
  });
});
