import type { MemberCard } from '#lib/domain/member/member.ts';
import type { QueueRow } from '#lib/domain/queue/queue-row.ts';
import { FAR_DAY } from '#lib/domain/values.ts';
import type { PresenceEntry } from '#lib/protocol/realtime.ts';

/** What the gallery shows; none of it exists. */
export const TODAY = '2026-11-22';
export const PEOPLE: MemberCard[] = [
  { id: 'm1', name: 'Awa Exemple', role: 'collector', departments: ['credit'], state: 'active', absentUntil: null },
  { id: 'm2', name: 'Denis Modèle', role: 'collector', departments: ['credit'], state: 'active', absentUntil: null },
];

const ROW: QueueRow = {
  id: 'a1',
  version: 1,
  access: [],
  words: [],
  number: '411-00120',
  name: 'Boulangerie Modèle & Fils',
  state: 'open',
  reasons: ['overdue'],
  ownerId: 'm1',
  salesRepId: 'm2',
  claimedBy: 'none',
  entityIds: ['e1'],
  currency: 'EUR',
  otherCurrencies: [],
  openCents: 2_140_000,
  overdueCents: 1_840_000,
  contestedCents: 210_050,
  creditCents: -15_000,
  netCents: 1_614_950,
  overdueRank: 1_840_000,
  oldestDueDay: '2026-10-06',
  promise: null,
  lastContactOn: '2026-11-10',
  nextAction: 'call',
  nextActionOn: TODAY,
  openTasks: 1,
  priority: 310,
  priorityParts: [
    { kind: 'amount', points: 180, value: 1_000_000 },
    { kind: 'delay', points: 95, value: 46 },
    { kind: 'no_contact', points: 25, value: 8 },
  ],
  recomputeOn: FAR_DAY,
  computedFor: TODAY,
};

/** A row in each of its states. */
export const ROWS: { state: string; row: QueueRow; entries: PresenceEntry[]; leaseSeconds: number | null }[] = [
  { state: 'free', row: ROW, entries: [], leaseSeconds: null },
  { state: 'mine', row: { ...ROW, id: 'a2', claimedBy: 'm1' }, entries: [], leaseSeconds: 500 },
  { state: 'mine, near its end', row: { ...ROW, id: 'a3', claimedBy: 'm1' }, entries: [], leaseSeconds: 161 },
  {
    state: 'held by another, who writes',
    row: { ...ROW, id: 'a4', claimedBy: 'm2' },
    entries: [
      {
        memberId: 'm2',
        name: 'Denis Modèle',
        accountId: 'a4',
        disputeId: null,
        mode: 'writing',
        field: 'note',
        audience: null,
      },
    ],
    leaseSeconds: 500,
  },
  {
    state: 'free, somebody looks, promise broken',
    row: {
      ...ROW,
      id: 'a5',
      otherCurrencies: ['USD'],
      oldestDueDay: '2026-07-01',
      promise: { cents: 500_000, currency: 'EUR', dueDay: '2026-11-18', state: 'broken' },
    },
    entries: [
      {
        memberId: 'm2',
        name: 'Denis Modèle',
        accountId: 'a5',
        disputeId: null,
        mode: 'viewing',
        field: null,
        audience: null,
      },
    ],
    leaseSeconds: null,
  },
  {
    state: 'untouched for long',
    row: {
      ...ROW,
      id: 'a6',
      lastContactOn: null,
      nextAction: null,
      nextActionOn: FAR_DAY,
      ownerId: 'none',
      priorityParts: [...ROW.priorityParts, { kind: 'untouched', points: 63_000_000, value: 30 }],
    },
    entries: [],
    leaseSeconds: null,
  },
];
