import { addDays, dayNumber, daysBetween, latestDay } from '../calendar/calendar.ts';
import type { CaseState } from '../case/case.ts';
import { FAR_DAY, type Cents, type Day } from '../values.ts';
import type { PriorityPart, QueueRow } from './queue-row.ts';

/** What the priority of a case is made of. */
export interface PriorityFacts {
  state: CaseState;
  /** Overdue of all currencies at the reference rate, in cents of the workspace's currency. */
  overdueRank: number;
  /** There is something to chase in at least one currency (rule QUE-2). */
  toChase: boolean;
  /** Earliest overdue and undisputed due day; null when there is none. */
  oldestDueDay: Day | null;
  lastContactOn: Day | null;
  /** Due day of the promise that was broken; null when none matters. */
  promiseBrokenOn: Day | null;
  /** Earliest due day of the open tasks; null when there is none. */
  taskDueDay: Day | null;
  nextActionOn: Day | null;
  touchedOn: Day | null;
  /** Days without a touch after which a case comes first (workspace setting). */
  untouchedDays: number;
  today: Day;
}

/** Steps of a part: from this many days (or cents) on, so many points. */
export interface Band {
  from: number;
  points: number;
}

/** Rule PRI-1: 1-2-5 steps from 50 to 5,000,000 of the workspace's currency. */
export const AMOUNT_BANDS: readonly Band[] = [
  50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000, 2_000_000,
  5_000_000,
].map((units, index) => ({ from: units * 100, points: (index + 1) * 20 }));

/** Rule PRI-2: days overdue of the oldest undisputed debit. */
export const DELAY_BANDS: readonly Band[] = [
  { from: 1, points: 10 },
  { from: 8, points: 30 },
  { from: 16, points: 50 },
  { from: 31, points: 75 },
  { from: 46, points: 95 },
  { from: 61, points: 115 },
  { from: 91, points: 140 },
  { from: 121, points: 155 },
  { from: 181, points: 170 },
  { from: 366, points: 180 },
];

/** Rule PRI-3: days since the last contact, counted from the oldest due day when that is later. */
export const NO_CONTACT_BANDS: readonly Band[] = [
  { from: 4, points: 10 },
  { from: 8, points: 25 },
  { from: 15, points: 40 },
  { from: 31, points: 60 },
  { from: 61, points: 75 },
];

/** Rule PRI-4. */
export const PROMISE_BROKEN_POINTS = 90;

/** Rule PRI-5: days by which the oldest open task is overdue. */
export const TASK_BANDS: readonly Band[] = [
  { from: 1, points: 40 },
  { from: 8, points: 60 },
];

/** Rule PRI-6: days since the next action's day. */
export const NEXT_ACTION_BANDS: readonly Band[] = [
  { from: 0, points: 50 },
  { from: 3, points: 70 },
  { from: 8, points: 90 },
];

/** Points of an untouched case per day of age: more than all other parts together can give. */
export const UNTOUCHED_STEP = 1_000;
const UNTOUCHED_EPOCH = dayNumber('2200-01-01');

/**
 * The parts of a case's priority; their points add up to it exactly (rules PRI-1 to PRI-10). Days move in bands, so
 * that most cases keep their priority overnight: `value` is where the band begins (cents for the amount, days for the
 * others), `explainPriority` has the exact figures. Parts without points are left out.
 */
export function priorityOf(facts: PriorityFacts): { priority: number; parts: PriorityPart[] } {
  const parts: PriorityPart[] = [];
  const add = (kind: PriorityPart['kind'], band: { from: number; points: number } | undefined): void => {
    if (band !== undefined && band.points !== 0) parts.push({ kind, points: band.points, value: band.from });
  };
  add('amount', bandOf(AMOUNT_BANDS, facts.overdueRank));
  if (facts.oldestDueDay !== null) add('delay', bandOf(DELAY_BANDS, daysBetween(facts.oldestDueDay, facts.today)));
  if (facts.toChase) {
    const since = noContactSince(facts);
    if (since !== null) add('no_contact', bandOf(NO_CONTACT_BANDS, daysBetween(since, facts.today)));
  } else {
    const spared = parts.reduce((sum, part) => sum + part.points, 0);
    add('nothing_to_chase', { from: 0, points: -spared });
  }
  if (facts.promiseBrokenOn !== null) add('promise_broken', { from: 0, points: PROMISE_BROKEN_POINTS });
  if (facts.taskDueDay !== null) add('task_overdue', bandOf(TASK_BANDS, daysBetween(facts.taskDueDay, facts.today)));
  if (facts.nextActionOn !== null) {
    add('next_action_due', bandOf(NEXT_ACTION_BANDS, daysBetween(facts.nextActionOn, facts.today)));
  }
  if (isUntouched(facts) && facts.touchedOn !== null) {
    const age = UNTOUCHED_EPOCH - dayNumber(facts.touchedOn);
    add('untouched', { from: facts.untouchedDays, points: Math.max(1, age) * UNTOUCHED_STEP });
  }
  return { priority: parts.reduce((sum, part) => sum + part.points, 0), parts };
}

/** The band that a value has reached: the last one that begins at or below it. */
export function bandOf(bands: readonly Band[], value: number): Band | undefined {
  return bands.findLast((band) => value >= band.from);
}

/** Open, and nobody has touched it for the workspace's number of days (rule PRI-8). */
export function isUntouched(facts: Pick<PriorityFacts, 'state' | 'touchedOn' | 'untouchedDays' | 'today'>): boolean {
  return (
    facts.state === 'open' &&
    facts.touchedOn !== null &&
    daysBetween(facts.touchedOn, facts.today) >= facts.untouchedDays
  );
}

function noContactSince(facts: Pick<PriorityFacts, 'oldestDueDay' | 'lastContactOn'>): Day | null {
  return facts.oldestDueDay === null ? null : latestDay([facts.oldestDueDay, facts.lastContactOn]);
}

/** Days after `today` on which a band of the priority begins, by the passing of time alone. */
export function priorityTurningDays(facts: PriorityFacts): Day[] {
  const days: Day[] = [];
  const add = (since: Day | null, bands: readonly Band[]): void => {
    if (since !== null) for (const band of bands) days.push(addDays(since, band.from));
  };
  add(facts.oldestDueDay, DELAY_BANDS);
  add(noContactSince(facts), NO_CONTACT_BANDS);
  add(facts.taskDueDay, TASK_BANDS);
  add(facts.nextActionOn, NEXT_ACTION_BANDS);
  add(facts.touchedOn, [{ from: facts.untouchedDays, points: 0 }]);
  return days.filter((day) => day > facts.today);
}

/** The same parts with exact figures instead of the beginnings of bands, to be put in words for a user. */
export function explainPriority(
  parts: readonly PriorityPart[],
  facts: Pick<PriorityFacts, 'oldestDueDay' | 'lastContactOn' | 'nextActionOn' | 'touchedOn' | 'today'> & {
    overdueCents: Cents;
    taskDueDay?: Day | null;
    promiseDueDay?: Day | null;
  },
): PriorityPart[] {
  const since = (day: Day | null | undefined, otherwise: number): number =>
    day === null || day === undefined ? otherwise : Math.max(0, daysBetween(day, facts.today));
  return parts.map((part) => {
    switch (part.kind) {
      case 'amount':
        return { ...part, value: facts.overdueCents };
      case 'delay':
        return { ...part, value: since(facts.oldestDueDay, part.value) };
      case 'no_contact':
        return { ...part, value: since(noContactSince(facts), part.value) };
      case 'promise_broken':
        return { ...part, value: since(facts.promiseDueDay, part.value) };
      case 'task_overdue':
        return { ...part, value: since(facts.taskDueDay, part.value) };
      case 'next_action_due':
        return { ...part, value: since(facts.nextActionOn, part.value) };
      case 'untouched':
        return { ...part, value: since(facts.touchedOn, part.value) };
      case 'nothing_to_chase':
        return part;
    }
  });
}

/**
 * The parts of a row's priority with the exact figures that the row holds, in its main currency (rule PRI-9). What the
 * row does not hold (since when a task is overdue, since when nobody touched it) keeps the beginning of its band.
 */
export function explainRow(
  row: Pick<QueueRow, 'priorityParts' | 'overdueCents' | 'oldestDueDay' | 'lastContactOn' | 'nextActionOn' | 'promise'>,
  today: Day,
): PriorityPart[] {
  const real = (day: Day): Day | null => (day === FAR_DAY ? null : day);
  return explainPriority(row.priorityParts, {
    overdueCents: row.overdueCents,
    oldestDueDay: real(row.oldestDueDay),
    lastContactOn: row.lastContactOn,
    nextActionOn: real(row.nextActionOn),
    touchedOn: null,
    promiseDueDay: row.promise?.dueDay ?? null,
    today,
  });
}
