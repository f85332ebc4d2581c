import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import type { Workspace } from '#lib/domain/workspace/workspace.ts';
import { accountStream, memberStream } from '#lib/protocol/streams.ts';
import { accounts, balances, cases, leases, queueRows, tasks } from '#server/store/kinds/workspace.ts';
import { buildApp, type TestApp } from '../../../test/support/app.ts';
import {
  actorFor,
  buildAccount,
  buildMember,
  buildWorkspace,
  type AccountSpec,
} from '../../../test/support/factories.ts';
import { startCall } from '../accounts/start-call.ts';
import { colleaguesOf } from '../colleagues.ts';
import { NO_META } from '../command.ts';
import { createTask } from '../tasks/create-task.ts';
import { breakClaim } from './break-claim.ts';
import { claimCase } from './claim-case.ts';
import { finishCase } from './finish-case.ts';
import { handOverCase } from './hand-over-case.ts';
import { postponeCase } from './postpone-case.ts';
import { reassignCase } from './reassign-case.ts';
import { releaseCase } from './release-case.ts';
import { renewLease } from './renew-lease.ts';
import { sweepLeases } from './sweep-leases.ts';
import { takeNext } from './take-next.ts';

let app: TestApp;
let workspace: Workspace;
let ana: Actor;
let bob: Actor;
let max: Actor;

beforeEach(async () => {
  app = await buildApp();
  workspace = await buildWorkspace(app);
  ana = actorFor(await buildMember(app, workspace, { name: 'Ana' }));
  bob = actorFor(await buildMember(app, workspace, { name: 'Bob' }));
  max = actorFor(await buildMember(app, workspace, { name: 'Max', role: 'manager' }));
});
afterEach(() => app.close());

const store = () => app.store.workspace(workspace.id);
const overdue = async (spec: AccountSpec = {}): Promise<Id> =>
  (await buildAccount(app, workspace, { openItems: [{ cents: 100_000, dueDay: '2026-02-01' }], ...spec })).id;
const caseOf = async (id: Id) => {
  const found = await store().docs(cases).get(id);
  if (found === null) throw new Error('no case');
  return found;
};
const eventsOf = (stream: string) => store().journal.read(stream, 0, 100);
const namesOf = async (id: Id) => (await eventsOf(accountStream(id))).map((event) => event.name);
const noticesOf = async (actor: Actor) =>
  (await eventsOf(memberStream(actor.memberId))).map(({ data, personal }) => ({ ...data, ...personal }));

describe('handOverCase', () => {
  it('passes the claim with a full lease and tells the receiver', async () => {
    const id = await overdue({ number: 'C1', name: 'Dupont' });
    await claimCase(app, ana, { id }, NO_META);
    app.clock.advance(120_000);
    const answer = await handOverCase(app, ana, { id, memberId: bob.memberId }, NO_META);
    expect(answer).toMatchObject({ claimedBy: bob.memberId, until: '2026-03-16T08:12:00.000Z' });
    expect((await store().docs(leases).get(id))?.memberId).toBe(bob.memberId);
    expect(await noticesOf(bob)).toMatchObject([
      { kind: 'case.handed_over', accountId: id, by: ana.memberId, number: 'C1', name: 'Dupont' },
    ]);
  });

  it('is refused for a case that somebody else holds, with the name', async () => {
    const id = await overdue();
    await claimCase(app, bob, { id }, NO_META);
    await expect(handOverCase(app, ana, { id, memberId: max.memberId }, NO_META)).rejects.toMatchObject({
      code: 'already_claimed',
      details: { holderName: 'Bob' },
    });
  });

  it('is refused for oneself, for somebody unknown or disabled, and for whoever may not work the account', async () => {
    const id = await overdue();
    const gone = await buildMember(app, workspace, { state: 'disabled' });
    const narrow = await buildMember(app, workspace, { scope: 'portfolio' });
    const finance = await buildMember(app, workspace, { role: 'finance' });
    for (const [memberId, reason] of [
      [ana.memberId, 'self'],
      ['nobody', 'unknown'],
      [gone.id, 'unknown'],
      [narrow.id, 'no_access'],
      [finance.id, 'no_access'],
    ] as const)
      await expect(handOverCase(app, ana, { id, memberId }, NO_META)).rejects.toMatchObject({
        code: 'validation_failed',
        details: { issues: [{ path: 'memberId', reason }] },
      });
  });
});

describe('breakClaim', () => {
  it('ends the claim for a manager, tells the holder and keeps the reason erasable', async () => {
    const id = await overdue();
    await claimCase(app, ana, { id }, NO_META);
    expect((await breakClaim(app, max, { id, reason: 'Client urgent' }, NO_META)).claimedBy).toBeNull();
    expect(await store().docs(leases).get(id)).toBeNull();
    const event = (await eventsOf(accountStream(id))).at(-1);
    expect(event).toMatchObject({
      name: 'case.claim_broken',
      data: { holderId: ana.memberId },
      personal: { reason: 'Client urgent' },
    });
    expect(JSON.stringify(event?.data)).not.toContain('urgent');
    expect(await noticesOf(ana)).toMatchObject([{ kind: 'case.claim_broken', reason: 'Client urgent' }]);
  });

  it('is refused to a collector, and when nobody holds the case', async () => {
    const id = await overdue();
    await expect(breakClaim(app, bob, { id, reason: 'x' }, NO_META)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(breakClaim(app, max, { id, reason: 'x' }, NO_META)).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('finishCase', () => {
  it('leaves the list with its next action and day, and frees the case', async () => {
    const id = await overdue();
    await claimCase(app, ana, { id }, NO_META);
    const answer = await finishCase(app, ana, { id, nextAction: 'email', nextActionOn: '2026-03-20' }, NO_META);
    expect(answer).toMatchObject({ state: 'parked', claimedBy: null, nextAction: 'email', nextActionOn: '2026-03-20' });
    expect(await caseOf(id)).toMatchObject({ doneOn: '2026-03-16', doneBy: ana.memberId, touchedOn: '2026-03-16' });
    expect(await store().docs(queueRows).get(id)).toMatchObject({
      state: 'parked',
      claimedBy: 'none',
      nextActionOn: '2026-03-20',
    });
    expect(await store().docs(leases).get(id)).toBeNull();
  });

  it('needs a next action while something is left to chase', async () => {
    const id = await overdue();
    await expect(finishCase(app, ana, { id, nextAction: null, nextActionOn: null }, NO_META)).rejects.toMatchObject({
      code: 'validation_failed',
      details: { issues: [{ path: 'nextAction', reason: 'next_action_required' }] },
    });
    const calm = await overdue({ openItems: [{ cents: 5_000, dueDay: '2026-06-01' }] });
    const answer = await finishCase(app, ana, { id: calm, nextAction: null, nextActionOn: null }, NO_META);
    expect(answer.state).toBe('idle');
  });

  it('is refused while somebody else holds the case', async () => {
    const id = await overdue();
    await claimCase(app, bob, { id }, NO_META);
    const input = { id, nextAction: 'call', nextActionOn: '2026-03-20' } as const;
    await expect(finishCase(app, ana, input, NO_META)).rejects.toMatchObject({
      code: 'already_claimed',
      details: { holderName: 'Bob' },
    });
  });
});

describe('postponeCase', () => {
  it('parks the case with its reason, which stays out of the chained part of the journal', async () => {
    const id = await overdue();
    const input = { id, reason: 'Comptable en congé', nextActionOn: '2026-03-30', nextAction: null };
    expect((await postponeCase(app, ana, input, NO_META)).state).toBe('parked');
    expect((await caseOf(id)).postponeReason).toBe('Comptable en congé');
    const event = (await eventsOf(accountStream(id))).at(-1);
    expect(JSON.stringify(event?.data)).not.toContain('congé');
    expect(event?.personal).toMatchObject({ reason: 'Comptable en congé' });
  });

  it('is refused for today or a day gone by', async () => {
    const id = await overdue();
    const input = { id, reason: 'x', nextActionOn: '2026-03-16', nextAction: null };
    await expect(postponeCase(app, ana, input, NO_META)).rejects.toMatchObject({
      code: 'validation_failed',
      details: { issues: [{ path: 'nextActionOn', reason: 'day_not_later' }] },
    });
  });
});

describe('reassignCase', () => {
  it('moves account, balances, row and tasks to the new owner and tells the previous one', async () => {
    const id = await overdue({ ownerId: ana.memberId });
    await createTask(
      app,
      ana,
      {
        accountId: id,
        kind: 'question',
        text: '?',
        dueDay: '2026-03-20',
        memberId: null,
        department: 'quality',
        itemIds: [],
      },
      NO_META,
    );
    await reassignCase(app, max, { id, ownerId: bob.memberId, reason: 'Équilibre' }, NO_META);
    const token = `owner:${bob.memberId}`;
    const account = await store().docs(accounts).get(id);
    expect(account).toMatchObject({ ownerId: bob.memberId });
    expect(account?.access).toEqual(['dept:quality', token]);
    expect(await store().docs(queueRows).get(id)).toMatchObject({ ownerId: bob.memberId, access: account?.access });
    expect((await store().docs(balances).find({ accountId: id })).docs).toMatchObject([
      { ownerId: bob.memberId, access: account?.access },
    ]);
    const asked = await store()
      .docs(tasks)
      .find({ accountId: id }, { sort: ['state', 'dueDay'] });
    expect(asked.docs[0]?.access).toEqual(account?.access);
    expect(await noticesOf(ana)).toMatchObject([
      { kind: 'case.reassigned', from: ana.memberId, to: bob.memberId, change: 'lost', reason: 'Équilibre' },
    ]);
    expect(await noticesOf(bob)).toMatchObject([{ kind: 'case.reassigned', change: 'gained', reason: 'Équilibre' }]);
  });

  it('keeps the claim of whoever still may see the account, and tells the holder', async () => {
    const id = await overdue({ ownerId: bob.memberId });
    await claimCase(app, ana, { id }, NO_META);
    await reassignCase(app, max, { id, ownerId: max.memberId, reason: null }, NO_META);
    expect((await caseOf(id)).claimedBy).toBe(ana.memberId);
    expect(await noticesOf(ana)).toMatchObject([{ kind: 'case.reassigned', released: false }]);
  });

  it('ends the claim of a holder who loses sight of the account, in the same transaction', async () => {
    const narrow = actorFor(await buildMember(app, workspace, { scope: 'portfolio' }));
    const id = await overdue({ ownerId: narrow.memberId });
    await claimCase(app, narrow, { id }, NO_META);
    await reassignCase(app, max, { id, ownerId: bob.memberId, reason: null }, NO_META);
    expect((await caseOf(id)).claimedBy).toBeNull();
    expect(await store().docs(leases).get(id)).toBeNull();
    expect((await store().docs(queueRows).get(id))?.claimedBy).toBe('none');
    expect((await namesOf(id)).slice(-2)).toEqual(['account.reassigned', 'case.released']);
    await expect(claimCase(app, narrow, { id }, NO_META)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('is refused to a collector, for an unknown owner, and for one who does not chase', async () => {
    const id = await overdue();
    const finance = await buildMember(app, workspace, { role: 'finance' });
    const to = (ownerId: Id) => ({ id, ownerId, reason: null });
    await expect(reassignCase(app, ana, to(bob.memberId), NO_META)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(reassignCase(app, max, to('nobody'), NO_META)).rejects.toMatchObject({
      details: { issues: [{ path: 'ownerId', reason: 'unknown' }] },
    });
    await expect(reassignCase(app, max, to(finance.id), NO_META)).rejects.toMatchObject({
      details: { issues: [{ path: 'ownerId', reason: 'not_a_chaser' }] },
    });
  });

  it('says nothing when the owner is already the one asked for', async () => {
    const id = await overdue({ ownerId: bob.memberId });
    await reassignCase(app, max, { id, ownerId: bob.memberId, reason: null }, NO_META);
    expect(await namesOf(id)).toEqual(['account.created']);
  });
});

describe('takeNext', () => {
  const big = [{ cents: 5_000_000, dueDay: '2025-11-01' }];

  it('takes one’s own by priority, then those of colleagues one replaces, then the pool', async () => {
    const cleo = await buildMember(app, workspace, { name: 'Cléo' });
    const pool = await overdue({ openItems: big });
    const replaced = await overdue({ ownerId: cleo.id, openItems: big });
    const small = await overdue({ ownerId: ana.memberId });
    const large = await overdue({ ownerId: ana.memberId, openItems: big });
    await overdue({ ownerId: bob.memberId, openItems: big });
    const substitute: Actor = { ...ana, owners: [ana.memberId, cleo.id] };
    const taken: Id[] = [];
    for (let n = 0; n < 4; n += 1) taken.push((await takeNext(app, substitute, { view: 'today' }, NO_META)).id);
    expect(taken).toEqual([large, small, replaced, pool]);
    await expect(takeNext(app, substitute, { view: 'today' }, NO_META)).rejects.toMatchObject({ code: 'queue_empty' });
  });

  it('follows an absence: a substitute’s substitute takes the cases, and gives them back on return', async () => {
    const narrow = { scope: 'portfolio', role: 'collector' } as const;
    const third = await buildMember(app, workspace, narrow);
    const second = await buildMember(app, workspace, {
      ...narrow,
      absence: { from: '2026-03-16', until: '2026-03-17', substituteId: third.id },
    });
    const first = await buildMember(app, workspace, {
      ...narrow,
      absence: { from: '2026-03-16', until: '2026-03-17', substituteId: second.id },
    });
    const id = await overdue({ ownerId: first.id });
    const substitute = (await colleaguesOf(app, workspace.id)).actor(third.id);
    if (substitute === null) throw new Error('no substitute');
    expect((await takeNext(app, substitute, { view: 'mine' }, NO_META)).id).toBe(id);
    await releaseCase(app, substitute, { id }, NO_META);
    app.clock.setToday('2026-03-18');
    const after = (await colleaguesOf(app, workspace.id)).actor(third.id);
    if (after === null) throw new Error('no substitute');
    await expect(takeNext(app, after, { view: 'today' }, NO_META)).rejects.toMatchObject({ code: 'queue_empty' });
    await expect(claimCase(app, after, { id }, NO_META)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('gives anybody’s in the view of everything, and only the pool’s in the unassigned one', async () => {
    const theirs = await overdue({ ownerId: bob.memberId });
    await expect(takeNext(app, ana, { view: 'unassigned' }, NO_META)).rejects.toMatchObject({ code: 'queue_empty' });
    expect((await takeNext(app, ana, { view: 'everything' }, NO_META)).id).toBe(theirs);
  });

  it('never leaves one’s rights, and skips what is parked or held', async () => {
    const narrow = actorFor(await buildMember(app, workspace, { scope: 'portfolio' }));
    await overdue();
    const held = await overdue({ ownerId: narrow.memberId });
    const parked = await overdue({ ownerId: narrow.memberId });
    await claimCase(app, max, { id: held }, NO_META);
    await finishCase(app, max, { id: parked, nextAction: 'call', nextActionOn: '2026-03-20' }, NO_META);
    for (const view of ['today', 'everything'] as const)
      await expect(takeNext(app, narrow, { view }, NO_META)).rejects.toMatchObject({ code: 'queue_empty' });
  });

  it('gives thirty people at once thirty different cases', async () => {
    for (let n = 0; n < 30; n += 1) await overdue();
    const people: Actor[] = [];
    for (let n = 0; n < 30; n += 1) people.push(actorFor(await buildMember(app, workspace)));
    const taken = await Promise.all(people.map((one) => takeNext(app, one, { view: 'today' }, NO_META)));
    expect(new Set(taken.map((one) => one.id)).size).toBe(30);
  });
});

describe('leases', () => {
  it('are prolonged by presence without an event, for the holder only', async () => {
    const id = await overdue();
    await claimCase(app, ana, { id }, NO_META);
    app.clock.advance(9 * 60_000);
    expect(await renewLease(app, bob, id)).toBeNull();
    expect(await renewLease(app, ana, id)).toBe('2026-03-16T08:19:00.000Z');
    app.clock.advance(2 * 60_000);
    expect(await sweepLeases(app, workspace.id)).toBe(0);
    expect(await namesOf(id)).toEqual(['account.created', 'case.claimed']);
  });

  it('that end are swept into one event, after the grace and not before', async () => {
    const id = await overdue();
    await claimCase(app, ana, { id }, NO_META);
    app.clock.advance(10 * 60_000 + 4_000);
    expect(await sweepLeases(app, workspace.id)).toBe(0);
    app.clock.advance(2_000);
    const swept = await Promise.all([sweepLeases(app, workspace.id), sweepLeases(app, workspace.id)]);
    expect(swept.reduce((sum, one) => sum + one, 0)).toBe(1);
    expect(await caseOf(id)).toMatchObject({ claimedBy: null });
    expect((await eventsOf(accountStream(id))).at(-1)).toMatchObject({
      name: 'case.claim_expired',
      actor: 'system',
      data: { holderId: ana.memberId },
    });
    expect(await renewLease(app, ana, id)).toBeNull();
  });
});

describe('startCall', () => {
  it('takes the free case by itself', async () => {
    const id = await overdue();
    expect((await startCall(app, ana, { id, contactId: null }, NO_META)).claimedBy).toBe(ana.memberId);
    expect(await namesOf(id)).toEqual(['account.created', 'case.claimed', 'call.started']);
  });

  it('is refused while somebody else holds the case, with the name, and leaves no trace', async () => {
    const id = await overdue();
    await claimCase(app, bob, { id }, NO_META);
    await expect(startCall(app, ana, { id, contactId: null }, NO_META)).rejects.toMatchObject({
      code: 'already_claimed',
      details: { holderName: 'Bob', holderId: bob.memberId },
    });
    expect(await namesOf(id)).toEqual(['account.created', 'case.claimed']);
  });

  it('does not know a contact of another account', async () => {
    const id = await overdue();
    await expect(startCall(app, ana, { id, contactId: 'elsewhere' }, NO_META)).rejects.toMatchObject({
      code: 'not_found',
    });
  });
});
