import { setImmediate as turn } from 'node:timers/promises';
import { addMonths, daysBetween } from '#lib/domain/calendar/calendar.ts';
import { ageOf, amountOf } from '#lib/domain/dispute/bands.ts';
import { LIVE_STATES, type Dispute } from '#lib/domain/dispute/dispute.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Currency, Day } from '#lib/domain/values.ts';
import type { DisputeInsightInput } from '#lib/protocol/commands/dispute.ts';
import type { DisputeInsight } from '#lib/protocol/views/dispute.ts';
import { storeOf, type App } from '../app.ts';
import { disputes } from '../store/kinds/disputes.ts';
import type { Docs, Page } from '../store/port.ts';
import { scopeOf, type PlainFilter } from './scope.ts';

type Row = DisputeInsight['rows'][number];
interface Tally extends Row {
  resolved: number;
  days: number;
}

const MONTHS = 12;
/** Key of the disputes whose cause is not known yet. */
const UNKNOWN = 'unknown';

/** Disputes in memory at a time: what is kept of them is a line per reason, cause, department, age or account. */
const PAGE = 500;

/**
 * Figures of the disputes opened within the days (the last twelve months when none are given), by what they are about:
 * greatest contested amount first, with the running share of the whole, per currency and never summed across. They are
 * read page by page in the order in which they were opened, which never changes: each counts once, whatever moves
 * meanwhile, and what was opened before those days is not looked at.
 *
 * @param page disputes read at a time
 */
export async function disputeInsight(
  app: App,
  actor: Actor,
  input: DisputeInsightInput,
  page = PAGE,
): Promise<DisputeInsight> {
  const workspace = await app.workspace(actor.workspaceId);
  const today = app.clock.today(workspace.timeZone);
  const until = input.until ?? today;
  const from = input.from ?? addMonths(until, -MONTHS);
  const filter: PlainFilter = { ...scopeOf(actor), openedOn: { $gte: from, $lte: until } };
  if (input.currency !== undefined) filter.currency = input.currency;
  const tallies = new Map<string, Tally>();
  const totals = new Map<Currency, DisputeInsight['totals'][number]>();
  for await (const dispute of opened(storeOf(app, actor).docs(disputes), filter, page)) {
    add(tallyOf(tallies, dispute, input.by, today), dispute, today);
    addTotal(totals, dispute);
  }
  const home = (currency: Currency): string => (currency === workspace.currency ? '' : currency);
  const byHome = (a: { currency: Currency }, b: { currency: Currency }): number =>
    home(a.currency) < home(b.currency) ? -1 : home(a.currency) > home(b.currency) ? 1 : 0;
  const sorted = [...tallies.values()].sort(
    (a, b) => byHome(a, b) || b.claimedCents - a.claimedCents || b.count - a.count || (a.key < b.key ? -1 : 1),
  );
  return { from, until, by: input.by, rows: shared(sorted, totals), totals: [...totals.values()].sort(byHome) };
}

/** Every match in the order of opening; between two pages others have their turn. */
async function* opened(docs: Docs<Dispute>, filter: PlainFilter, limit: number): AsyncGenerator<Dispute> {
  let after: string | null = null;
  do {
    const page: Page<Dispute> = await docs.find(filter, { sort: ['openedOn'], limit, after });
    yield* page.docs;
    after = page.next;
    if (after !== null) await turn();
  } while (after !== null);
}

function keyOf(dispute: Dispute, by: DisputeInsightInput['by'], today: Day): string {
  switch (by) {
    case 'reason':
      return dispute.reason;
    case 'rootCause':
      return dispute.rootCause ?? UNKNOWN;
    case 'department':
      return dispute.department;
    case 'account':
      return dispute.accountId;
    case 'age':
      return ageOf(dispute.openedOn, today);
    case 'amount':
      return amountOf(claimedOf(dispute));
  }
}

function tallyOf(tallies: Map<string, Tally>, dispute: Dispute, by: DisputeInsightInput['by'], today: Day): Tally {
  const key = keyOf(dispute, by, today);
  const id = `${dispute.currency}\n${key}`;
  const known = tallies.get(id);
  if (known !== undefined) return known;
  const made: Tally = {
    key,
    label: by === 'account' ? `${dispute.accountNumber} ${dispute.accountName}` : key,
    currency: dispute.currency,
    count: 0,
    live: 0,
    claimedCents: 0,
    liveCents: 0,
    creditedCents: 0,
    rejectedCents: 0,
    writtenOffCents: 0,
    meanDays: null,
    late: 0,
    share: 0,
    runningShare: 0,
    resolved: 0,
    days: 0,
  };
  tallies.set(id, made);
  return made;
}

const isLive = ({ state }: Dispute): boolean => (LIVE_STATES as readonly string[]).includes(state);
const claimedOf = (dispute: Dispute): number => dispute.items.reduce((sum, one) => sum + one.claimedCents, 0);

function add(tally: Tally, dispute: Dispute, today: Day): void {
  tally.count += 1;
  tally.claimedCents += claimedOf(dispute);
  if (isLive(dispute)) {
    tally.live += 1;
    tally.liveCents += dispute.disputedCents;
    if (dispute.dueDay < today) tally.late += 1;
  }
  const ended = dispute.resolution;
  if (ended === null) return;
  tally.creditedCents += ended.creditNoteCents;
  tally.rejectedCents += ended.rejectedCents;
  tally.writtenOffCents += ended.writeOffCents;
  tally.resolved += 1;
  tally.days += daysBetween(dispute.openedOn, ended.on);
}

function addTotal(totals: Map<Currency, DisputeInsight['totals'][number]>, dispute: Dispute): void {
  const { currency } = dispute;
  const total = totals.get(currency) ?? { currency, count: 0, live: 0, claimedCents: 0, liveCents: 0 };
  totals.set(currency, total);
  total.count += 1;
  total.claimedCents += claimedOf(dispute);
  if (!isLive(dispute)) return;
  total.live += 1;
  total.liveCents += dispute.disputedCents;
}

/** Shares of the currency's whole; the running one sums cents first, so that the last row comes to exactly 1. */
function shared(sorted: readonly Tally[], totals: ReadonlyMap<Currency, { claimedCents: number }>): Row[] {
  const running = new Map<Currency, number>();
  return sorted.map(({ resolved, days, ...row }) => {
    const whole = totals.get(row.currency)?.claimedCents ?? 0;
    const sofar = (running.get(row.currency) ?? 0) + row.claimedCents;
    running.set(row.currency, sofar);
    return {
      ...row,
      meanDays: resolved === 0 ? null : Math.round((days / resolved) * 10) / 10,
      share: whole === 0 ? 0 : row.claimedCents / whole,
      runningShare: whole === 0 ? 0 : sofar / whole,
    };
  });
}
