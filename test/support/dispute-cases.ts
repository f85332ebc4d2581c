import fc from 'fast-check';
import type { Item } from '#lib/domain/item/item.ts';
import { FAR_DAY, type Cents, type Day, type Id } from '#lib/domain/values.ts';
import { DISPUTE_DEFAULTS, DISPUTE_STATES, type Dispute, type DisputedItem } from '#lib/domain/dispute/dispute.ts';
import { sumOf } from '#lib/domain/dispute/disputed-items.ts';
import type { ResolutionParts } from '#lib/domain/dispute/resolution.ts';
import type { DisputeAct } from '#lib/domain/dispute/step.ts';
import type { NewCredit } from '#lib/domain/dispute/settle-disputes.ts';
import { isLive } from '#lib/domain/dispute/transitions.ts';

export const TODAY: Day = '2026-11-20';

export const NO_PARTS: ResolutionParts = {
  creditNoteCents: 0,
  rejectedCents: 0,
  paidCents: 0,
  replacementCents: 0,
  writeOffCents: 0,
  withdrawnCents: 0,
};

export function buildAct(more: Partial<DisputeAct> = {}): DisputeAct {
  return {
    by: 'm1',
    today: TODAY,
    at: '2026-11-20T08:00:00.000Z',
    workspace: {
      currency: 'EUR',
      referenceRates: { USD: 0.9, JPY: 0.006 },
      settings: {
        promiseGraceDays: 2,
        promiseToleranceCents: 100,
        untouchedDays: 30,
        defaultTermsDays: 30,
        disputes: DISPUTE_DEFAULTS,
      },
    },
    ...more,
  };
}

/** An invoice of which 1,000.00 is open. */
export function buildDisputable(more: Partial<Item> = {}): Item {
  return {
    id: 'i1',
    version: 1,
    key: 'k1',
    accountId: 'a1',
    entityId: 'e1',
    kind: 'invoice',
    number: 'F1',
    instalment: '',
    issueDay: '2026-09-01',
    dueDay: '2026-10-01',
    dueAssumed: false,
    currency: 'EUR',
    cents: 100_000,
    openCents: 100_000,
    state: 'open',
    settledOn: null,
    disputed: false,
    flagTaken: false,
    disputedCents: 0,
    awaitingCents: 0,
    einvoice: null,
    missingSince: null,
    orderNumber: null,
    deliveryNote: null,
    paymentMethod: null,
    factored: false,
    extra: {},
    ...more,
  };
}

/** A dispute as it stands in its state: 400.00 of the invoice unless told otherwise, nothing of it once it is over. */
export function buildDispute(more: Partial<Dispute> = {}, disputed: Cents = 40_000): Dispute {
  const state = more.state ?? 'open';
  const live = isLive({ state });
  const items = more.items ?? [
    { itemId: 'i1', number: 'F1', claimedCents: disputed, disputedCents: live ? disputed : 0, awaitingCents: 0 },
  ];
  const waiting = state === 'waiting_customer';
  return {
    id: 'd1',
    version: 1,
    accountId: 'a1',
    number: 1,
    source: 'member',
    reason: 'quantity',
    rootCause: null,
    department: 'logistics',
    memberId: null,
    currency: 'EUR',
    disputedCents: sumOf(items, 'disputedCents'),
    awaitingCents: sumOf(items, 'awaitingCents'),
    detail: null,
    openedOn: TODAY,
    openedBy: 'm1',
    openedAt: '2026-11-20T08:00:00.000Z',
    dueDay: !live || waiting ? FAR_DAY : '2026-11-27',
    resolveBy: '2026-12-11',
    stoppedOn: waiting ? TODAY : null,
    stoppedDueDay: waiting ? '2026-11-27' : null,
    waitingUntil: waiting ? '2026-11-30' : null,
    answer: null,
    approval: null,
    resolution: live ? null : { ...NO_PARTS, withdrawnCents: disputed, by: 'm1', on: TODAY, approvedBy: null },
    changedOn: TODAY,
    closedOn: state === 'closed' ? TODAY : null,
    reopened: 0,
    reopenedAt: null,
    closureProposed: false,
    requestedAction: null,
    escalatedOn: null,
    accountNumber: 'C1',
    accountName: 'Client',
    words: [],
    access: [],
    ...more,
    state,
    items,
  };
}

/** A dispute in any state but closed, on some of the items. */
export function anyDispute(id: Id, itemIds: readonly Id[]): fc.Arbitrary<Dispute> {
  return fc
    .record({
      state: fc.constantFrom(...DISPUTE_STATES.filter((state) => state !== 'closed')),
      on: fc.subarray([...itemIds], { minLength: 1 }),
      cents: fc.integer({ min: 1, max: 60_000 }),
      awaiting: fc.boolean(),
      number: fc.integer({ min: 1, max: 99 }),
      source: fc.constantFrom('member' as const, 'ledger' as const),
    })
    .map(({ state, on, cents, awaiting, number, source }) => {
      const live = isLive({ state });
      const items = on.map((itemId, index): DisputedItem => ({
        itemId,
        number: itemId,
        claimedCents: cents + index,
        disputedCents: live ? cents + index : 0,
        awaitingCents: !live && awaiting ? cents + index : 0,
      }));
      return buildDispute({ id, number, state, items, source });
    });
}

/** Items of an account with disputes on them and what a ledger shows: drops, and credits that it shows first. */
export const anyRoom: fc.Arbitrary<{
  items: Item[];
  disputes: Dispute[];
  drops: Map<Id, Cents>;
  credits: NewCredit[];
}> = fc
  .record({
    open: fc.array(fc.integer({ min: 0, max: 100_000 }), { minLength: 1, maxLength: 3 }),
    drops: fc.array(fc.integer({ min: 0, max: 60_000 }), { maxLength: 3 }),
    credits: fc.array(fc.integer({ min: 1, max: 60_000 }), { maxLength: 2 }),
  })
  .chain(({ open, drops, credits }) => {
    const ids = open.map((_, index) => `i${index + 1}`);
    return fc.tuple(anyDispute('d1', ids), anyDispute('d2', ids)).map((disputes) => ({
      items: open.map((cents, index) =>
        buildDisputable({ id: `i${index + 1}`, openCents: cents, state: cents === 0 ? 'settled' : 'open' }),
      ),
      disputes,
      drops: new Map(drops.map((cents, index) => [`i${index + 1}`, cents])),
      credits: credits.map((cents, index): NewCredit => ({
        id: `c${index}`,
        kind: 'credit_note',
        currency: 'EUR',
        cents: -cents,
        issueDay: TODAY,
      })),
    }));
  });
