import { forTimeline, type ChangedRecords, type WireEvent } from '#lib/protocol/events.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import type { AccountSheet } from '#lib/protocol/views/views.ts';

const OPEN_TASKS = 50;
const CLOSED_TASKS = 25;

/** The records that an event changed; of each, what may be erased says more than what may not. */
export function recordsOf(event: WireEvent): ChangedRecords {
  const whole: { [kind: string]: unknown } = { ...event.data.records };
  for (const [kind, said] of Object.entries((event.personal?.records ?? {}) as ChangedRecords)) {
    const bare = whole[kind];
    whole[kind] = Array.isArray(said) && Array.isArray(bare) ? fold(bare as Record[], said as Record[]) : said;
  }
  return whole;
}

/**
 * The account's screen after an event: the same as loading it anew. Idempotent: an event that the sheet already holds
 * changes nothing; one that does not follow, or that was erased, asks to load anew.
 */
export function applyAccountEvent(sheet: AccountSheet, event: WireEvent): AccountSheet | 'refetch' {
  if (event.stream !== accountStream(sheet.account.id) || event.seq <= sheet.seq) return sheet;
  if (event.seq !== sheet.seq + 1 || event.erased) return 'refetch';
  const records = recordsOf(event);
  const account = newer(sheet.account, records.account);
  const known = new Set(sheet.entities.map((entity) => entity.id));
  // an entity's name is not in the event
  if (account.entityIds.some((id) => !known.has(id))) return 'refetch';
  const work = newer(sheet.case, records.case);
  return {
    ...sheet,
    account,
    case: work,
    leaseUntil: leaseAfter(sheet, event, work.claimedBy),
    balances: fold(sheet.balances, records.balances).sort(byId),
    contacts: fold(sheet.contacts, records.contacts)
      .filter((contact) => contact.state !== 'removed')
      .sort(byId),
    tasks: arrangeTasks(fold(sheet.tasks, records.tasks)),
    promises: fold(sheet.promises, records.promises).sort(byId),
    disputes: fold(sheet.disputes, records.disputes).sort(byId),
    proposals: fold(sheet.proposals, records.proposals)
      .filter((proposal) => proposal.state === 'waiting')
      .sort(byId),
    entities: sheet.entities.filter((entity) => account.entityIds.includes(entity.id)),
    seq: event.seq,
    ledgerAsOf: ledgerDay(sheet, event),
    timeline: {
      ...sheet.timeline,
      events: [forTimeline(event), ...sheet.timeline.events.filter((one) => one.id !== event.id)],
    },
  };
}

/** True when the event changed items, which the sheet does not hold: their pages are to be loaded anew. */
export const touchesItems = (event: WireEvent): boolean => (recordsOf(event).items?.length ?? 0) > 0;

/** An import says of which day its file is. */
function ledgerDay(sheet: AccountSheet, event: WireEvent): string | null {
  const { asOf } = event.data;
  if (event.name !== 'account.imported' || typeof asOf !== 'string') return sheet.ledgerAsOf;
  return sheet.ledgerAsOf === null || asOf > sheet.ledgerAsOf ? asOf : sheet.ledgerAsOf;
}

function leaseAfter(sheet: AccountSheet, event: WireEvent, claimedBy: string | null): string | null {
  if (claimedBy === null) return null;
  if (typeof event.data.until === 'string') return event.data.until;
  return claimedBy === sheet.case.claimedBy ? sheet.leaseUntil : null;
}

interface Record {
  id: string;
  version: number;
}

export function newer<T extends Record>(known: T, changed: T | undefined): T {
  return changed !== undefined && changed.version >= known.version ? changed : known;
}

export function fold<T extends Record>(known: readonly T[], changed: readonly T[] | undefined): T[] {
  if (changed === undefined || changed.length === 0) return [...known];
  const byKey = new Map(known.map((one) => [one.id, one]));
  for (const one of changed) {
    const before = byKey.get(one.id);
    byKey.set(one.id, before === undefined ? one : newer(before, one));
  }
  return [...byKey.values()];
}

const byId = (a: Record, b: Record): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** As the sheet is loaded: open ones, the most pressing first, then the last done, the last declined, the last given back. */
function arrangeTasks(tasks: AccountSheet['tasks']): AccountSheet['tasks'] {
  type Task = AccountSheet['tasks'][number];
  const upwards = (a: Task, b: Task): number => (a.dueDay < b.dueDay ? -1 : a.dueDay > b.dueDay ? 1 : byId(a, b));
  const downwards = (a: Task, b: Task): number => (a.dueDay > b.dueDay ? -1 : a.dueDay < b.dueDay ? 1 : byId(a, b));
  const of = (state: Task['state']): Task[] => tasks.filter((task) => task.state === state);
  return [
    ...of('open').sort(upwards).slice(0, OPEN_TASKS),
    ...of('done').sort(downwards).slice(0, CLOSED_TASKS),
    ...of('declined').sort(downwards).slice(0, CLOSED_TASKS),
    ...of('returned').sort(downwards).slice(0, CLOSED_TASKS),
  ];
}
