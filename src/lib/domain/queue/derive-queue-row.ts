import type { Account } from '../account/account.ts';
import type { Balance } from '../balance/balance.ts';
import { netToChase } from '../balance/balances-of.ts';
import { earliestDay } from '../calendar/calendar.ts';
import type { Case } from '../case/case.ts';
import {
  brokenPromises,
  caseTurningDays,
  deriveCase,
  type DerivedCase,
  type PromiseFacts,
} from '../case/derive-case.ts';
import { referenceCents } from '../money/money.ts';
import type { Task } from '../task/task.ts';
import { FAR_DAY, type Currency, type Day } from '../values.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { priorityOf, priorityTurningDays, type PriorityFacts } from './priority.ts';
import type { QueueRow } from './queue-row.ts';

/** What a queue row is made from. */
export interface QueueFacts {
  account: Pick<Account, 'id' | 'access' | 'words' | 'number' | 'name' | 'ownerId' | 'salesRepId' | 'entityIds'>;
  /** As derived for `today`. */
  case: Case;
  /** Of the account, for `today`. */
  balances: readonly Balance[];
  /** Of the account; closed ones count nothing. */
  tasks: readonly Pick<Task, 'state' | 'dueDay'>[];
  promises: readonly PromiseFacts[];
  workspace: Pick<Workspace, 'currency' | 'referenceRates' | 'settings'>;
  today: Day;
  /** First day after today on which the balances change by themselves (`nextAgeingDay`). */
  nextAgeingDay: Day | null;
}

/**
 * The queue row of an account on a day (rules QUE-1 to QUE-6), with the first later day on which it, or the balances
 * behind it, would come out otherwise if nothing but time passes.
 *
 * @returns a document with version 1; the caller keeps the version of a stored one
 */
export function deriveQueueRow(facts: QueueFacts): QueueRow {
  const { account, workspace, today } = facts;
  const currency = mainCurrencyOf(facts.balances, workspace);
  const main = facts.balances.find((balance) => balance.currency === currency);
  const turning = turningPartOf(facts, facts.case, today);
  const open = facts.tasks.filter((task) => task.state === 'open');
  return {
    id: account.id,
    version: 1,
    access: account.access,
    words: account.words,
    number: account.number,
    name: account.name,
    ...turning,
    ownerId: account.ownerId ?? 'none',
    salesRepId: account.salesRepId ?? 'none',
    claimedBy: facts.case.claimedBy ?? 'none',
    entityIds: account.entityIds,
    currency,
    otherCurrencies: facts.balances.map((balance) => balance.currency).filter((other) => other !== currency),
    openCents: main?.openCents ?? 0,
    overdueCents: main?.overdueCents ?? 0,
    contestedCents: main?.contestedCents ?? 0,
    creditCents: main?.creditCents ?? 0,
    netCents: main === undefined ? 0 : netToChase(main),
    overdueRank: overdueRankOf(facts.balances, workspace),
    oldestDueDay: oldestOf(facts.balances) ?? FAR_DAY,
    promise: shownPromise(facts.promises, facts.balances),
    lastContactOn: facts.case.lastContactOn,
    nextAction: facts.case.nextAction,
    nextActionOn: facts.case.nextActionOn ?? FAR_DAY,
    openTasks: open.length,
    recomputeOn: recomputeOnOf(facts, turning),
    computedFor: today,
  };
}

/**
 * The currency that the row shows (rule QUE-1): the one with the most overdue at the reference rate, else with the
 * most open, else the workspace's.
 */
export function mainCurrencyOf(
  balances: readonly Pick<Balance, 'currency' | 'overdueCents' | 'openCents'>[],
  workspace: Pick<Workspace, 'currency' | 'referenceRates'>,
): Currency {
  let best: { currency: Currency; overdue: number; open: number } | null = null;
  for (const balance of balances) {
    const overdue = Math.max(0, referenceCents(balance.overdueCents, balance.currency, workspace));
    const open = Math.abs(referenceCents(balance.openCents, balance.currency, workspace));
    if (best === null || overdue > best.overdue || (overdue === best.overdue && open > best.open)) {
      best = { currency: balance.currency, overdue, open };
    }
  }
  return best?.currency ?? workspace.currency;
}

function overdueRankOf(balances: readonly Balance[], workspace: QueueFacts['workspace']): number {
  return balances.reduce(
    (sum, balance) => sum + referenceCents(Math.max(0, balance.overdueCents), balance.currency, workspace),
    0,
  );
}

function oldestOf(balances: readonly Balance[]): Day | null {
  return earliestDay(balances.map((balance) => balance.oldestDueDay));
}

/** The promise that the row shows (rule QUE-5): a broken one that still matters, else the open one due first. */
function shownPromise(promises: readonly PromiseFacts[], balances: readonly Balance[]): QueueRow['promise'] {
  const byDay = (a: PromiseFacts, b: PromiseFacts): number =>
    a.dueDay < b.dueDay ? -1 : a.dueDay > b.dueDay ? 1 : a.id < b.id ? -1 : 1;
  const broken = [...brokenPromises(promises, balances)].sort(byDay)[0];
  const shown = broken ?? promises.filter((promise) => promise.state === 'open').sort(byDay)[0];
  if (shown === undefined) return null;
  return {
    cents: shown.cents,
    currency: shown.currency,
    dueDay: shown.dueDay,
    state: broken === undefined ? 'open' : 'broken',
  };
}

type TurningPart = Pick<QueueRow, 'state' | 'reasons' | 'priority' | 'priorityParts'>;

/** What of the row moves by the passing of time, as long as the balances stand still. */
function turningPartOf(facts: QueueFacts, derived: DerivedCase, today: Day): TurningPart {
  const { priority, parts } = priorityOf(priorityFactsOf(facts, derived, today));
  return { state: derived.state, reasons: derived.reasons, priority, priorityParts: parts };
}

function priorityFactsOf(facts: QueueFacts, derived: DerivedCase, today: Day): PriorityFacts {
  return {
    state: derived.state,
    overdueRank: overdueRankOf(facts.balances, facts.workspace),
    toChase: facts.balances.some((balance) => netToChase(balance) > 0),
    oldestDueDay: oldestOf(facts.balances),
    lastContactOn: facts.case.lastContactOn,
    promiseBrokenOn: brokenPromises(facts.promises, facts.balances)[0]?.dueDay ?? null,
    taskDueDay: earliestDay(facts.tasks.filter((task) => task.state === 'open').map((task) => task.dueDay)),
    nextActionOn: facts.case.nextActionOn,
    touchedOn: derived.touchedOn,
    untouchedDays: facts.workspace.settings.untouchedDays,
    today,
  };
}

/** First later day on which state, reasons, priority or balances come out otherwise (rule QUE-6). */
function recomputeOnOf(facts: QueueFacts, now: TurningPart): Day {
  const limit = facts.nextAgeingDay ?? FAR_DAY;
  const priorityNow = priorityFactsOf(facts, facts.case, facts.today);
  const candidates = new Set([...caseTurningDays(facts), ...priorityTurningDays(priorityNow)]);
  const unchanged = JSON.stringify(now);
  for (const day of [...candidates].sort()) {
    if (day >= limit) break;
    const later = turningPartOf(facts, deriveCase({ ...facts, today: day }), day);
    if (JSON.stringify(later) !== unchanged) return day;
  }
  return limit;
}
