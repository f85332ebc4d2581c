import {
  ageOf,
  amountOf,
  centsWithin,
  DISPUTE_AGES,
  DISPUTE_AMOUNTS,
  openedWithin,
  type DisputeAge,
  type DisputeAmount,
} from '#lib/domain/dispute/bands.ts';
import { DISPUTE_REASONS, DISPUTE_STATES, type Dispute } from '#lib/domain/dispute/dispute.ts';
import { DEPARTMENTS, type Actor } from '#lib/domain/member/member.ts';
import type { DisputeBoardInput } from '#lib/protocol/commands/dispute.ts';
import type { Day } from '#lib/domain/values.ts';
import type { DisputeBoard, DisputeColumn } from '#lib/protocol/views/dispute.ts';
import { storeOf, type App } from '../app.ts';
import { disputes } from '../store/kinds/disputes.ts';
import type { Condition, Docs } from '../store/port.ts';
import { disputeFilter } from './dispute-filter.ts';
import type { PlainFilter } from './scope.ts';
import { searchByWords } from './search.ts';

const FIELDS = { state: 'state', reason: 'reason', department: 'department' } as const;
const KEYS = {
  state: DISPUTE_STATES,
  reason: DISPUTE_REASONS,
  department: DEPARTMENTS,
  age: DISPUTE_AGES,
  amount: DISPUTE_AMOUNTS,
} as const;
/** Columns of a field's values; the others are ranges. */
const isField = (by: DisputeBoardInput['by']): by is keyof typeof FIELDS => by in FIELDS;

/** The disputes of a filter in columns, each with its count, its amounts per currency and its first ones by deadline. */
export async function disputeBoard(app: App, actor: Actor, input: DisputeBoardInput): Promise<DisputeBoard> {
  const today = app.clock.today((await app.workspace(actor.workspaceId)).timeZone);
  const docs = storeOf(app, actor).docs(disputes);
  const filter = disputeFilter(actor, input, today);
  if (filter === null) return { by: input.by, columns: [], today };
  const found = input.search === '' ? null : await searchByWords(docs, input.search, filter, ['-number']);
  const columns: DisputeColumn[] = [];
  const groups = found === null && isField(input.by) ? await groupsOf(docs, filter, FIELDS[input.by]) : null;
  for (const key of KEYS[input.by] as readonly string[]) {
    const some = groups?.filter((group) => group.key === key) ?? null;
    if (some?.length === 0 && input.by !== 'state') continue;
    const column =
      found === null
        ? await columnOf(docs, filter, input, key, today, some)
        : columnAmong(
            key,
            found.filter((one) => keyOf(one, input.by, today) === key),
            input.limit,
          );
    const always = !isField(input.by) || input.by === 'state';
    if (column !== null && (column.count > 0 || always)) columns.push(column);
  }
  return { by: input.by, columns, today };
}

interface Sum {
  key: string;
  currency: string;
  cents: number;
  count: number;
}

async function groupsOf(docs: Docs<Dispute>, filter: PlainFilter, field: string | null): Promise<Sum[]> {
  const by = field === null ? ['currency'] : [field, 'currency'];
  const groups = await docs.group(filter, { by, sum: ['disputedCents'], count: true });
  return groups.map((group) => ({
    key: field === null ? '' : String(group.key[field]),
    currency: String(group.key.currency),
    cents: group.sum.disputedCents ?? 0,
    count: group.count,
  }));
}

function keyOf(dispute: Dispute, by: DisputeBoardInput['by'], today: Day): string {
  if (by === 'amount') return amountOf(dispute.disputedCents);
  return by === 'age' ? ageOf(dispute.openedOn, today) : dispute[FIELDS[by]];
}

async function columnOf(
  docs: Docs<Dispute>,
  filter: PlainFilter,
  input: DisputeBoardInput,
  key: string,
  today: Day,
  known: Sum[] | null,
): Promise<DisputeColumn | null> {
  const narrowed = isField(input.by)
    ? withKey(filter, FIELDS[input.by], key)
    : input.by === 'age'
      ? withAge(filter, key as DisputeAge, today)
      : withAmount(filter, key as DisputeAmount);
  if (narrowed === null) return null;
  const sums = known ?? (await groupsOf(docs, narrowed, null));
  const count = sums.reduce((total, one) => total + one.count, 0);
  const first = count === 0 ? [] : (await docs.find(narrowed, { sort: ['dueDay'], limit: input.limit })).docs;
  return { key, count, amounts: sums.map(({ currency, cents }) => ({ currency, cents })), disputes: first };
}

function withKey(filter: PlainFilter, field: string, key: string): PlainFilter | null {
  const present = filter[field];
  if (typeof present === 'string' && present !== key) return null;
  if (typeof present === 'object' && present !== null && present.$in?.includes(key) === false) return null;
  return { ...filter, [field]: key };
}

type Range = Exclude<Condition, string | number | boolean | null>;

function withAge(filter: PlainFilter, age: DisputeAge, today: Day): PlainFilter {
  const present = (filter.openedOn ?? {}) as Range;
  const { from, until } = openedWithin(age, today);
  const lower = greatest(present.$gte as Day | undefined, from ?? '0001-01-01');
  const upper = until === null ? present.$lte : least(present.$lte as Day | undefined, until);
  return { ...filter, openedOn: { $gte: lower, ...(upper !== undefined && { $lte: upper }) } };
}

function withAmount(filter: PlainFilter, band: DisputeAmount): PlainFilter {
  const present = (filter.disputedCents ?? {}) as Range;
  const { from, below } = centsWithin(band);
  const upper = below === null ? present.$lt : least(present.$lt as number | undefined, below);
  const lower = greatest(present.$gte as number | undefined, from);
  return { ...filter, disputedCents: { $gte: lower, ...(upper !== undefined && { $lt: upper }) } };
}
const least = <T extends Day | number>(a: T | undefined, b: T): T => (a !== undefined && a < b ? a : b);
const greatest = <T extends Day | number>(a: T | undefined, b: T): T => (a !== undefined && a > b ? a : b);

function columnAmong(key: string, among: Dispute[], limit: number): DisputeColumn {
  const amounts = new Map<string, number>();
  for (const one of among) amounts.set(one.currency, (amounts.get(one.currency) ?? 0) + one.disputedCents);
  const sorted = among.sort((a, b) => (a.dueDay < b.dueDay ? -1 : a.dueDay > b.dueDay ? 1 : a.id < b.id ? -1 : 1));
  return {
    key,
    count: among.length,
    amounts: [...amounts].map(([currency, cents]) => ({ currency, cents })),
    disputes: sorted.slice(0, limit),
  };
}
