import { afterEach, beforeEach } from 'vitest';
import type { Dispute } from '#lib/domain/dispute/dispute.ts';
import type { Item } from '#lib/domain/item/item.ts';
import type { Balance } from '#lib/domain/balance/balance.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import type { Workspace } from '#lib/domain/workspace/workspace.ts';
import type { OpenDisputeInput, ResolveDisputeInput } from '#lib/protocol/commands/dispute.ts';
import { accountStream, memberStream } from '#lib/protocol/streams.ts';
import { NO_META } from '#server/services/command.ts';
import { assignDispute } from '#server/services/disputes/assign-dispute.ts';
import { openDispute } from '#server/services/disputes/open-dispute.ts';
import { qualifyDispute } from '#server/services/disputes/qualify-dispute.ts';
import { disputes } from '#server/store/kinds/disputes.ts';
import { accounts, balances, items } from '#server/store/kinds/workspace.ts';
import type { WorkspaceStore } from '#server/store/port.ts';
import { buildApp, type TestApp } from './app.ts';
import { actorFor, buildAccount, buildMember, buildWorkspace } from './factories.ts';
import { Follower } from './replay.ts';

export const TODAY = '2026-03-16';

const NO_PARTS = {
  creditNoteCents: 0,
  rejectedCents: 0,
  paidCents: 0,
  replacementCents: 0,
  writeOffCents: 0,
  withdrawnCents: 0,
};

/** One account with four items, and people of the departments that settle its disputes. */
export interface DisputeWorld {
  app: TestApp;
  workspace: Workspace;
  /** Collector, manager, quality, logistics, ADV; the last three see only what their department is asked. */
  ana: Actor;
  max: Actor;
  qi: Actor;
  leo: Actor;
  ada: Actor;
  accountId: Id;
  /** F100 of 10,000.00, F101 of 500.00, F102 of 200.00 in dollars, the credit note A1. */
  itemIds: Id[];
  store: () => WorkspaceStore;
  disputeOf: (id: Id) => Promise<Dispute>;
  /** What opening asks for: 2,400.00 of F100, unless told. */
  opening: (given?: Partial<OpenDisputeInput>) => OpenDisputeInput;
  ending: (id: Id, parts: Partial<typeof NO_PARTS>, answer?: string | null) => ResolveDisputeInput;
  eventNames: (audience?: 'internal' | 'customer') => Promise<string[]>;
  /** Kinds of what a member was told. */
  toldTo: (actor: Actor) => Promise<unknown[]>;
  balance: (currency?: string) => Promise<Balance | undefined>;
  item: (index: number) => Promise<Item | null>;
  accessOfAccount: () => Promise<string[]>;
  /** Opened, qualified for the reason's department and assigned there with a question. */
  assigned: (given?: Partial<OpenDisputeInput>) => Promise<Id>;
  /** Whatever a test did: the account's events alone give the records as they are stored. Then closes the app. */
  end: () => Promise<void>;
}

/** The world of each test of a file: made afresh before it, ended after it. To be called once, outside of the tests. */
export function disputeWorlds(): DisputeWorld {
  let now: DisputeWorld | null = null;
  beforeEach(async () => {
    now = await buildDisputeWorld();
  });
  afterEach(() => now?.end());
  return new Proxy({} as DisputeWorld, {
    get: (_none, name) => {
      if (now === null) throw new Error('no test runs');
      return Reflect.get(now, name) as unknown;
    },
  });
}

/** A world of its own for one test; every transaction in it is run twice. */
export async function buildDisputeWorld(): Promise<DisputeWorld> {
  const app = await buildApp({ injectRetry: true, today: TODAY });
  const workspace = await buildWorkspace(app);
  const person = async (given: Parameters<typeof buildMember>[2]): Promise<Actor> =>
    actorFor(await buildMember(app, workspace, given));
  const ana = await person({ name: 'Ana' });
  const max = await person({ name: 'Max', role: 'manager' });
  const qi = await person({ name: 'Qi', role: 'quality', departments: ['quality'], scope: 'department' });
  const leo = await person({ name: 'Léo', role: 'logistics', departments: ['logistics'], scope: 'department' });
  const ada = await person({ name: 'Ada', role: 'adv', departments: ['adv'], scope: 'department' });
  const { id: accountId } = await buildAccount(app, workspace, {
    ownerId: ana.memberId,
    openItems: [
      { cents: 1_000_000, dueDay: '2026-02-01', number: 'F100' },
      { cents: 50_000, dueDay: '2026-02-10', number: 'F101' },
      { cents: 20_000, dueDay: '2026-02-10', number: 'F102', currency: 'USD' },
      { cents: -30_000, dueDay: '2026-02-10', number: 'A1' },
    ],
  });
  const store = (): WorkspaceStore => app.store.workspace(workspace.id);
  const found = await store()
    .docs(items)
    .find({ accountId, state: 'open' }, { sort: ['dueDay'], limit: 10 });
  const itemIds = ['F100', 'F101', 'F102', 'A1'].map(
    (number) => found.docs.find((one) => one.number === number)?.id ?? '',
  );
  const disputeOf = async (id: Id): Promise<Dispute> => {
    const dispute = await store().docs(disputes).get(id);
    if (dispute === null) throw new Error('no dispute');
    return dispute;
  };
  const opening = (given: Partial<OpenDisputeInput> = {}): OpenDisputeInput => ({
    accountId,
    items: [{ itemId: itemIds[0] ?? '', cents: 240_000 }],
    reason: 'quantity',
    detail: 'Palette incomplète',
    department: null,
    memberId: null,
    ...given,
  });
  return {
    app,
    workspace,
    ana,
    max,
    qi,
    leo,
    ada,
    accountId,
    itemIds,
    store,
    disputeOf,
    opening,
    ending: (id, parts, answer = null) => ({ id, parts: { ...NO_PARTS, ...parts }, rootCause: null, answer }),
    eventNames: async (audience = 'internal') =>
      (await store().journal.read(accountStream(accountId, audience), 0, 1_000)).map((event) => event.name),
    toldTo: async (actor) =>
      (await store().journal.read(memberStream(actor.memberId), 0, 1_000)).map((event) => event.data.kind),
    balance: async (currency = 'EUR') =>
      (await store().docs(balances).find({ accountId }, { limit: 10 })).docs.find((one) => one.currency === currency),
    item: (index) =>
      store()
        .docs(items)
        .get(itemIds[index] ?? ''),
    accessOfAccount: async () => (await store().docs(accounts).get(accountId))?.access ?? [],
    assigned: async (given = {}) => {
      const { id } = await openDispute(app, ana, opening(given), NO_META);
      const reason = given.reason ?? 'quantity';
      await qualifyDispute(app, ana, { id, reason, department: null, memberId: null }, NO_META);
      const { department } = await disputeOf(id);
      await assignDispute(app, ana, { id, department, memberId: null, ask: 'Accepter ou refuser ?' }, NO_META);
      return id;
    },
    end: async () => {
      await new Follower(store(), accountId).expectSame(app.clock.today('Europe/Paris'));
      await app.close();
    },
  };
}
