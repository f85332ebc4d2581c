import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { addDays } from '#lib/domain/calendar/calendar.ts';
import {
  DISPUTE_REASONS,
  LIVE_STATES,
  RESOLUTION_PARTS,
  ROOT_CAUSES,
  type Dispute,
  type DisputeState,
} from '#lib/domain/dispute/dispute.ts';
import type { LedgerLine } from '#lib/domain/import/import.ts';
import { DEPARTMENTS, type Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import type { Workspace } from '#lib/domain/workspace/workspace.ts';
import { AppError } from '#lib/protocol/errors.ts';
import { ACCOUNT_EVENTS } from '#lib/protocol/events.ts';
import { applyLedger } from '#server/seed/apply-ledger.ts';
import { disputeProposals, disputes } from '#server/store/kinds/disputes.ts';
import { accounts, items, tasks } from '#server/store/kinds/workspace.ts';
import { buildApp, type TestApp } from '../../../test/support/app.ts';
import { NO_PARTS } from '../../../test/support/dispute-cases.ts';
import { actorFor, buildMember, buildWorkspace } from '../../../test/support/factories.ts';
import { patience } from '../../../test/support/mongo.ts';
import { Follower } from '../../../test/support/replay.ts';
import { reassignCase } from '../cases/reassign-case.ts';
import { startDay } from '../cases/start-day.ts';
import { NO_META } from '../command.ts';
import { answerDispute } from '../disputes/answer-dispute.ts';
import { approveResolution } from '../disputes/approve-resolution.ts';
import { assignDispute } from '../disputes/assign-dispute.ts';
import { changeDispute } from '../disputes/change-dispute.ts';
import { closeDispute } from '../disputes/close-dispute.ts';
import { escalateLate } from '../disputes/escalate-late.ts';
import { confirmProposal, dismissProposal } from '../disputes/judge-proposal.ts';
import { openDispute } from '../disputes/open-dispute.ts';
import { qualifyDispute } from '../disputes/qualify-dispute.ts';
import { reopenDispute } from '../disputes/reopen-dispute.ts';
import { resolveDispute } from '../disputes/resolve-dispute.ts';
import { resumeDispute } from '../disputes/resume-dispute.ts';
import { waitDispute } from '../disputes/wait-dispute.ts';
import { acceptTask } from '../tasks/accept-task.ts';
import { completeTask } from '../tasks/complete-task.ts';
import { returnTask } from '../tasks/return-task.ts';

interface World {
  app: TestApp;
  workspace: Workspace;
  actors: Actor[];
  accountId: Id;
  follower: Follower;
  lines: LedgerLine[];
}

let open: TestApp[] = [];
afterEach(async () => {
  for (const app of open) await app.close();
  open = [];
});

const FIRST_DAY = '2026-03-16';
const line = (number: string, cents: number, more: Partial<LedgerLine> = {}): LedgerLine => ({
  line: 1,
  accountNumber: 'C1',
  accountName: 'Société Vaulnac',
  identity: { siren: null, siret: null, vatNumber: null, address: null, country: null },
  contact: null,
  collector: null,
  salesRep: null,
  entityCode: '',
  payingAccount: null,
  terms: null,
  kind: cents < 0 ? 'credit_note' : 'invoice',
  number,
  instalment: '',
  issueDay: '2026-01-05',
  dueDay: '2026-02-04',
  currency: 'EUR',
  cents,
  openCents: cents,
  settledOn: null,
  disputed: false,
  orderNumber: null,
  deliveryNote: null,
  paymentMethod: null,
  factored: false,
  rounded: false,
  lostMillicents: 0,
  extra: {},
  ...more,
});

async function buildWorld(injectRetry: boolean): Promise<World> {
  const app = await buildApp({ today: FIRST_DAY, injectRetry });
  open.push(app);
  const workspace = await buildWorkspace(app);
  const person = async (given: Parameters<typeof buildMember>[2]): Promise<Actor> =>
    actorFor(await buildMember(app, workspace, given));
  const actors = [
    await person({ name: 'Ana' }),
    await person({ name: 'Max', role: 'manager' }),
    await person({ name: 'Fin', role: 'finance' }),
    await person({ name: 'Qi', role: 'quality', departments: ['quality'], scope: 'department' }),
  ];
  const lines = [
    line('F1', 900_000),
    line('F2', 40_000, { dueDay: '2026-02-20' }),
    line('F3', 25_000, { disputed: true }),
    ...[1, 2, 3].map((n) =>
      line(`P${n}`, 5_000, { dueDay: '2026-03-01', openCents: 0, settledOn: `2026-03-0${4 + n}` }),
    ),
  ];
  await applyLedger(app, workspace.id, [madeOf(lines)], FIRST_DAY, ['']);
  const store = app.store.workspace(workspace.id);
  const [account] = (await store.docs(accounts).find({ number: 'C1' }, { limit: 1 })).docs;
  if (account === undefined) throw new Error('no account');
  return { app, workspace, actors, accountId: account.id, follower: new Follower(store, account.id), lines };
}
const madeOf = (lines: LedgerLine[]) => ({ number: 'C1', name: 'Société Vaulnac', contacts: [], lines: [...lines] });

const pick = <T>(list: readonly T[], index: number): T => {
  const found = list[index % list.length];
  if (found === undefined) throw new AppError('not_found');
  return found;
};

type Step = (world: World) => Promise<unknown>;
type Act = (world: World, actor: Actor, n: number) => Promise<unknown>;
const by = (act: Act): fc.Arbitrary<Step> =>
  fc.tuple(fc.nat(3), fc.nat(1_000)).map(
    ([person, n]) =>
      (world) =>
        act(world, pick(world.actors, person), n),
  );
/** On a dispute in one of the states, if there is one. */
const on = (
  states: readonly DisputeState[],
  act: (world: World, actor: Actor, dispute: Dispute, n: number) => Promise<unknown>,
  such: (dispute: Dispute) => boolean = () => true,
): fc.Arbitrary<Step> =>
  by(async (world, actor, n) => {
    const { accountId } = world;
    const found = await store(world)
      .docs(disputes)
      .find({ accountId }, { sort: ['state'], limit: 100 });
    const fits = found.docs.filter((one) => states.includes(one.state) && such(one));
    return act(world, actor, pick(fits, n), n);
  });
const store = ({ app, workspace }: World) => app.store.workspace(workspace.id);

/** The ledger of the day: something paid, credited, flagged or no more, or the same again. */
async function bring(world: World, n: number): Promise<void> {
  const { app, workspace, lines } = world;
  const today = app.clock.today('');
  const at = n % 3;
  const one = lines[at];
  if (one === undefined) return;
  const left = one.openCents ?? one.cents;
  const found = await store(world)
    .docs(disputes)
    .find({ state: 'resolved' }, { sort: ['openedOn'], limit: 50 });
  const awaited = found.docs.find((dispute) => dispute.awaitingCents > 0)?.awaitingCents ?? 10_000;
  const change = Math.floor(n / 3) % 6;
  if (change === 0) lines[at] = { ...one, openCents: Math.max(0, left - ((n * 97) % 30_000)) };
  else if (change === 1) lines[at] = { ...one, disputed: !one.disputed };
  else if (change === 2) lines.push(line(`A${lines.length}`, -awaited, { issueDay: today, dueDay: today }));
  else if (change === 3) lines[at] = { ...one, openCents: Math.max(0, left - awaited) };
  else if (change === 4 && n % 4 === 0) lines[at] = { ...one, openCents: 0, settledOn: today };
  else if (left === 0) lines[at] = { ...one, openCents: one.cents, settledOn: null };
  await applyLedger(app, workspace.id, [madeOf(lines)], today, ['']);
}

const LIVE: readonly DisputeState[] = LIVE_STATES;
const OVER: readonly DisputeState[] = ['resolved', 'closed'];
const anyTask = async (world: World, n: number): Promise<Id> => {
  const found = await store(world)
    .docs(tasks)
    .find({ accountId: world.accountId, state: 'open' }, { sort: ['dueDay'], limit: 50 });
  return pick(found.docs, n).id;
};
const anyProposal = async (world: World, n: number): Promise<Id> => {
  const found = await store(world)
    .docs(disputeProposals)
    .find({ accountId: world.accountId }, { sort: ['state'], limit: 50 });
  return pick(found.docs, n).id;
};

const steps: fc.Arbitrary<Step>[] = [
  by(async (world, actor, n) => {
    const found = await store(world)
      .docs(items)
      .find({ accountId: world.accountId, state: 'open' }, { sort: ['dueDay'], limit: 50 });
    const asked = [{ itemId: pick(found.docs, n).id, cents: n % 3 === 0 ? null : 1 + ((n * 31) % 20_000) }];
    return openDispute(
      world.app,
      actor,
      {
        accountId: world.accountId,
        items: asked,
        reason: pick(DISPUTE_REASONS, n),
        detail: 'Carton ouvert',
        department: null,
        memberId: null,
      },
      NO_META,
    );
  }),
  on(LIVE, ({ app }, actor, { id, items: parts }, n) =>
    changeDispute(
      app,
      actor,
      { id, items: parts.map(({ itemId }) => ({ itemId, cents: 1 + (n % 9_000) })), detail: `Autre ${n}` },
      NO_META,
    ),
  ),
  on(['open'], ({ app }, actor, { id }, n) =>
    qualifyDispute(app, actor, { id, reason: pick(DISPUTE_REASONS, n), department: null, memberId: null }, NO_META),
  ),
  ...[0, 1].map((asked) =>
    on(LIVE, ({ app, actors }, actor, { id }, n) =>
      assignDispute(
        app,
        actor,
        {
          id,
          department: pick(DEPARTMENTS, n),
          memberId: n % 2 === 0 ? pick(actors, n).memberId : null,
          ask: asked === 1 ? 'Preuve ?' : null,
        },
        NO_META,
      ),
    ),
  ),
  on(['assigned'], ({ app }, actor, { id }, n) =>
    waitDispute(app, actor, { id, until: addDays(app.clock.today(''), n % 9), reason: 'Pièce demandée' }, NO_META),
  ),
  on(['waiting_customer'], ({ app }, actor, { id }) => resumeDispute(app, actor, { id }, NO_META)),
  on(LIVE, ({ app }, actor, { id }, n) =>
    answerDispute(
      app,
      actor,
      { id, decision: n % 2 === 0 ? 'accepted' : 'refused', rootCause: pick(ROOT_CAUSES, n), text: 'Vu' },
      NO_META,
    ),
  ),
  ...[0, 1].map(() =>
    on(LIVE, ({ app }, actor, { id, disputedCents }, n) => {
      const first = Math.min(disputedCents, (n * 53) % 40_000);
      const parts = { ...NO_PARTS, [pick(RESOLUTION_PARTS, n)]: first };
      parts[pick(RESOLUTION_PARTS, n + 4)] += disputedCents - first;
      return resolveDispute(
        app,
        actor,
        { id, parts, rootCause: null, answer: n % 3 === 0 ? 'Bonjour.' : null },
        NO_META,
      );
    }),
  ),
  ...[0, 1].map(() =>
    on(
      LIVE,
      ({ app, actors }, _, { id }, n) =>
        approveResolution(app, pick(actors.slice(1), n), { id, agree: n % 2 === 0, reason: null }, NO_META),
      (dispute) => dispute.approval !== null,
    ),
  ),
  on(['open', 'resolved'], ({ app }, actor, { id }) => closeDispute(app, actor, { id, reason: 'Par erreur' }, NO_META)),
  on(OVER, ({ app }, actor, { id }) => reopenDispute(app, actor, { id, reason: 'Le client insiste' }, NO_META)),
  by(async (world, actor, n) => acceptTask(world.app, actor, { id: await anyTask(world, n) }, NO_META)),
  by(async (world, actor, n) =>
    returnTask(world.app, actor, { id: await anyTask(world, n), reason: 'Pas nous' }, NO_META),
  ),
  by(async (world, actor, n) => completeTask(world.app, actor, { id: await anyTask(world, n), answer: null }, NO_META)),
  by(async (world, actor, n) =>
    n % 2 === 0
      ? dismissProposal(world.app, actor, { id: await anyProposal(world, n), reason: null }, NO_META)
      : confirmProposal(world.app, actor, { id: await anyProposal(world, n), reason: 'short_payment' }, NO_META),
  ),
  by(({ app, accountId, actors }, _, n) =>
    reassignCase(app, pick(actors, 1), { id: accountId, ownerId: pick(actors, n).memberId, reason: null }, NO_META),
  ),
  ...[0, 1].map(() => by((world, _, n) => bring(world, n))),
  by(async ({ app, workspace }, _, n) => {
    app.clock.setToday(addDays(app.clock.today(''), 1 + (n % 6)));
    app.clock.advance(86_400_000);
    await startDay(app, workspace.id);
    await escalateLate(app, workspace.id);
  }),
];

const programs = (size: { minLength: number; maxLength: number }) => fc.array(fc.oneof(...steps), size);

async function follow(program: readonly Step[], injectRetry: boolean): Promise<Set<string>> {
  const world = await buildWorld(injectRetry);
  for (const [index, step] of program.entries()) {
    await step(world).catch((error: unknown) => {
      if (!(error instanceof AppError)) throw error;
    });
    await world.follower.expectSame(world.app.clock.today(''), `after step ${index}`);
    await expectWithin(world, index);
  }
  open = open.filter((app) => app !== world.app);
  await world.app.close();
  return world.follower.names;
}

/** What is disputed and awaited never exceeds what is open, over all disputes of an item (rule DIS-7). */
async function expectWithin(world: World, index: number): Promise<void> {
  const { accountId } = world;
  const found = await store(world)
    .docs(disputes)
    .find({ accountId }, { sort: ['state'], limit: 500 });
  const known = await store(world)
    .docs(items)
    .find({ accountId }, { sort: ['-issueDay'], limit: 500 });
  for (const item of known.docs) {
    const parts = found.docs.flatMap((one) => one.items).filter((one) => one.itemId === item.id);
    const sum = parts.reduce((total, one) => total + one.disputedCents + one.awaitingCents, 0);
    expect(sum, `${item.number} after step ${index}`).toBeLessThanOrEqual(Math.max(0, item.openCents));
    expect(item.disputedCents + item.awaitingCents, `marks of ${item.number} after step ${index}`).toBe(sum);
  }
}

/** What chance seldom brings about: a second person who does not agree, a question given back. */
const SCRIPT: readonly Step[] = [
  async ({ app, actors, accountId, ...world }) => {
    const ana = pick(actors, 0);
    const found = await app.store.workspace(world.workspace.id).docs(items).find({ number: 'F1' }, { limit: 1 });
    const { id } = await openDispute(
      app,
      ana,
      {
        accountId,
        items: [{ itemId: pick(found.docs, 0).id, cents: null }],
        reason: 'quality',
        detail: null,
        department: null,
        memberId: null,
      },
      NO_META,
    );
    await qualifyDispute(app, ana, { id, reason: 'quality', department: null, memberId: null }, NO_META);
    await assignDispute(app, ana, { id, department: 'quality', memberId: null, ask: 'Preuve ?' }, NO_META);
    const parts = { ...NO_PARTS, creditNoteCents: 900_000 };
    await resolveDispute(app, ana, { id, parts, rootCause: 'production', answer: null }, NO_META);
    await approveResolution(app, pick(actors, 1), { id, agree: false, reason: 'Trop' }, NO_META);
  },
  async (world) =>
    returnTask(world.app, pick(world.actors, 3), { id: await anyTask(world, 0), reason: 'Pas nous' }, NO_META),
];

const HERE = /^(dispute|proposal)\.|^task\.(accepted|returned|escalated)$/;

describe('[C2] ledgers and disputes: stale state and events equal a refetch', () => {
  it('after every command of a random program', { timeout: 60_000 * patience }, async () => {
    await fc.assert(
      fc.asyncProperty(programs({ minLength: 40, maxLength: 120 }), async (program) => {
        await follow(program, false);
      }),
      { numRuns: 8, endOnFailure: true },
    );
  });

  it('for every event of a dispute', { timeout: 90_000 * patience }, async () => {
    const met = await follow(SCRIPT, false);
    await fc.assert(
      fc.asyncProperty(programs({ minLength: 80, maxLength: 120 }), async (program) => {
        for (const name of await follow(program, false)) met.add(name);
      }),
      { numRuns: 10, seed: 20_260_316, endOnFailure: true },
    );
    expect(ACCOUNT_EVENTS.filter((name) => HERE.test(name) && !met.has(name))).toEqual([]);
  });

  it('also when every transaction is run twice', { timeout: 60_000 * patience }, async () => {
    await fc.assert(
      fc.asyncProperty(programs({ minLength: 20, maxLength: 60 }), async (program) => {
        await follow(program, true);
      }),
      { numRuns: 4, endOnFailure: true },
    );
  });
});
