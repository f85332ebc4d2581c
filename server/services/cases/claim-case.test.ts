import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Workspace } from '#lib/domain/workspace/workspace.ts';
import { AppError } from '#lib/protocol/errors.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import { NO_META } from '#server/services/command.ts';
import { cases, leases, queueRows } from '#server/store/kinds/workspace.ts';
import { buildApp, type TestApp } from '../../../test/support/app.ts';
import { actorFor, buildAccount, buildMember, buildWorkspace } from '../../../test/support/factories.ts';
import { claimCase } from './claim-case.ts';
import { releaseCase } from './release-case.ts';
import { patience } from '../../../test/support/mongo.ts';

let app: TestApp;
let workspace: Workspace;
let ana: Actor;
let bob: Actor;

beforeEach(async () => {
  app = await buildApp();
  workspace = await buildWorkspace(app);
  ana = actorFor(await buildMember(app, workspace, { name: 'Ana' }));
  bob = actorFor(await buildMember(app, workspace, { name: 'Bob' }));
});
afterEach(() => app.close());

const overdueAccount = () => buildAccount(app, workspace, { openItems: [{ cents: 100_000, dueDay: '2026-02-01' }] });

describe('claimCase', () => {
  it('gives a free case for ten minutes and shows it on the row', async () => {
    const account = await overdueAccount();
    const answer = await claimCase(app, ana, { id: account.id }, NO_META);
    expect(answer).toMatchObject({ claimedBy: ana.memberId, state: 'open', until: '2026-03-16T08:10:00.000Z' });
    const store = app.store.workspace(workspace.id);
    expect((await store.docs(cases).get(account.id))?.claimedBy).toBe(ana.memberId);
    expect((await store.docs(queueRows).get(account.id))?.claimedBy).toBe(ana.memberId);
    expect((await store.docs(leases).get(account.id))?.memberId).toBe(ana.memberId);
  });

  it('names the holder to the loser', async () => {
    const account = await overdueAccount();
    await claimCase(app, ana, { id: account.id }, NO_META);
    const lost = await claimCase(app, bob, { id: account.id }, NO_META).catch((error: unknown) => error);
    expect(lost).toBeInstanceOf(AppError);
    expect(lost).toMatchObject({
      code: 'already_claimed',
      details: { holderId: ana.memberId, holderName: 'Ana', until: '2026-03-16T08:10:00.000Z' },
    });
  });

  it('prolongs the lease of the holder without an event', async () => {
    const account = await overdueAccount();
    await claimCase(app, ana, { id: account.id }, NO_META);
    app.clock.advance(60_000);
    const again = await claimCase(app, ana, { id: account.id }, NO_META);
    expect(again.until).toBe('2026-03-16T08:11:00.000Z');
    expect(await namesOf(account.id)).toEqual(['account.created', 'case.claimed']);
  });

  it('expires a stale claim by itself, and says so', async () => {
    const account = await overdueAccount();
    await claimCase(app, ana, { id: account.id }, NO_META);
    app.clock.advance(10 * 60_000 + 6_000);
    expect((await claimCase(app, bob, { id: account.id }, NO_META)).claimedBy).toBe(bob.memberId);
    expect(await namesOf(account.id)).toEqual([
      'account.created',
      'case.claimed',
      'case.claim_expired',
      'case.claimed',
    ]);
  });

  it('answers alike for an unknown account and one out of scope', async () => {
    const account = await overdueAccount();
    const cleo = actorFor(await buildMember(app, workspace, { scope: 'portfolio' }));
    for (const id of [account.id, 'nowhere'])
      await expect(claimCase(app, cleo, { id }, NO_META)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('is refused to a role that does not chase', async () => {
    const account = await overdueAccount();
    const dan = actorFor(await buildMember(app, workspace, { role: 'finance' }));
    await expect(claimCase(app, dan, { id: account.id }, NO_META)).rejects.toMatchObject({ code: 'forbidden' });
  });

  it(
    '[K1] has one winner and 49 losers who are told its name, with one event, in each of many rounds',
    { timeout: 30_000 * patience },
    async () => {
      const people: Actor[] = [];
      for (let n = 0; n < 50; n += 1) people.push(actorFor(await buildMember(app, workspace, { name: `P${n}` })));
      for (let round = 0; round < 200 / patience ** 2; round += 1) {
        const account = await overdueAccount();
        const results = await Promise.allSettled(people.map((one) => claimCase(app, one, { id: account.id }, NO_META)));
        const won = results.filter((one) => one.status === 'fulfilled').map((one) => one.value);
        const lost = results.filter((one) => one.status === 'rejected').map((one) => one.reason as AppError);
        expect(won).toHaveLength(1);
        const winner = people.find((one) => one.memberId === won[0]?.claimedBy);
        expect(lost).toHaveLength(49);
        for (const error of lost)
          expect(error).toMatchObject({
            code: 'already_claimed',
            details: { holderId: winner?.memberId, holderName: winner?.name },
          });
        expect(await namesOf(account.id)).toEqual(['account.created', 'case.claimed']);
      }
    },
  );
});

describe('releaseCase', () => {
  it('frees the case for the next', async () => {
    const account = await overdueAccount();
    await claimCase(app, ana, { id: account.id }, NO_META);
    expect((await releaseCase(app, ana, { id: account.id }, NO_META)).claimedBy).toBeNull();
    expect((await claimCase(app, bob, { id: account.id }, NO_META)).claimedBy).toBe(bob.memberId);
  });

  it('is refused to whoever does not hold it, with the holder', async () => {
    const account = await overdueAccount();
    await expect(releaseCase(app, bob, { id: account.id }, NO_META)).rejects.toMatchObject({
      code: 'not_claimed_by_you',
      details: {},
    });
    await claimCase(app, ana, { id: account.id }, NO_META);
    await expect(releaseCase(app, bob, { id: account.id }, NO_META)).rejects.toMatchObject({
      code: 'not_claimed_by_you',
      details: { holderName: 'Ana' },
    });
  });
});

async function namesOf(accountId: string): Promise<string[]> {
  const events = await app.store.workspace(workspace.id).journal.read(accountStream(accountId), 0, 100);
  return events.map((event) => event.name);
}
