import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import { readableAudiences } from '#lib/policies/audience.ts';
import { AppError } from '#lib/protocol/errors.ts';
import { forTimeline, type ChangedRecords, type WireEvent } from '#lib/protocol/events.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import type { TimelinePage } from '#lib/protocol/views/views.ts';
import { storeOf, type App } from '../app.ts';
import { accessAccount } from '../services/access-account.ts';
import { accessDispute } from '../services/disputes/access-dispute.ts';
import type { StoredEvent } from '../store/port.ts';
import { wireEvent } from './wire-event.ts';

interface TimelineInput {
  id: Id;
  before: string | null;
  names?: string | undefined;
  disputeId?: Id | undefined;
  limit: number;
}

/**
 * Newest first, of every audience that the actor may read; `before` is the cursor of the page before, `names` the events
 * wanted, separated by commas, `disputeId` the dispute that they must be about.
 */
export async function accountTimeline(app: App, actor: Actor, input: TimelineInput): Promise<TimelinePage> {
  const store = storeOf(app, actor);
  if (input.disputeId === undefined) await accessAccount(store, actor, input.id, 'account.read');
  else {
    const { dispute } = await accessDispute(store, actor, input.disputeId, 'dispute.read');
    if (dispute.accountId !== input.id) throw new AppError('not_found');
  }
  return readTimeline(app, actor, input);
}

/** Events looked through at a time, and most of them, for those of one dispute. */
const LOOK = 200;
const MAX_LOOKS = 25;

/** The same for a caller who has already shown that the actor may read the account, or the dispute that is asked for. */
export async function readTimeline(app: App, actor: Actor, input: TimelineInput): Promise<TimelinePage> {
  const names = input.names === undefined || input.names === '' ? null : input.names.split(',');
  const streams = readableAudiences(actor).map((audience) => accountStream(input.id, audience));
  const read = (before: TimelineCursor | null, limit: number): Promise<StoredEvent[]> =>
    storeOf(app, actor).journal.page(streams, { names, before, limit });
  const before = input.before === null ? null : parseCursor(input.before);
  if (input.disputeId === undefined) {
    const events = await read(before, input.limit);
    return pageOf(events, events.at(-1), events.length === input.limit);
  }
  return ofDispute(read, input.disputeId, before, input.limit);
}

type TimelineCursor = { at: string; id: string };

/** An account's events belong to several disputes: what is about another is passed over, up to a bound per page. */
async function ofDispute(
  read: (before: TimelineCursor | null, limit: number) => Promise<StoredEvent[]>,
  disputeId: Id,
  before: TimelineCursor | null,
  limit: number,
): Promise<TimelinePage> {
  const found: StoredEvent[] = [];
  let last: StoredEvent | undefined;
  let cursor = before;
  for (let looks = 0; looks < MAX_LOOKS; looks += 1) {
    const events = await read(cursor, LOOK);
    for (const event of events) {
      last = event;
      if (event.data.disputeId === disputeId) found.push(event);
      if (found.length === limit) return aboutDispute(pageOf(found, event, true), disputeId);
    }
    if (events.length < LOOK) return aboutDispute(pageOf(found, last, false), disputeId);
    cursor = last === undefined ? null : { at: last.at, id: last.id };
  }
  return aboutDispute(pageOf(found, last, true), disputeId);
}

/**
 * Of the records that an event carries, those of this dispute: its reader may see it and not the account, whose figures
 * changed with it.
 */
function aboutDispute(page: TimelinePage, disputeId: Id): TimelinePage {
  const events = page.events.map((event): WireEvent => {
    const personal = event.personal === null ? null : { ...event.personal };
    if (personal?.records !== undefined) personal.records = recordsAbout(personal.records as ChangedRecords, disputeId);
    const { records, formerAccess: _former, ...data } = event.data;
    const about = records === undefined ? {} : { records: recordsAbout(records, disputeId) };
    return { ...event, data: { ...data, ...about }, personal };
  });
  return { ...page, events };
}

function recordsAbout({ disputes, tasks, messages, attachments }: ChangedRecords, disputeId: Id): ChangedRecords {
  const of = <T extends { disputeId: Id | null }>(list: readonly T[]): T[] =>
    list.filter((one) => one.disputeId === disputeId);
  return {
    ...(disputes && { disputes: disputes.filter((one) => one.id === disputeId) }),
    ...(tasks && { tasks: of(tasks) }),
    ...(messages && { messages: of(messages) }),
    ...(attachments && { attachments: of(attachments) }),
  };
}

function pageOf(events: StoredEvent[], last: StoredEvent | undefined, more: boolean): TimelinePage {
  return {
    events: events.map((event): WireEvent => forTimeline(wireEvent(event))),
    next: last === undefined || !more ? null : `${last.at}|${last.id}`,
  };
}

function parseCursor(cursor: string): TimelineCursor {
  const [at, id] = cursor.split('|');
  if (at === undefined || id === undefined || !/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(at))
    throw new AppError('bad_request', { issues: [{ path: 'before', reason: 'cursor' }] });
  return { at, id };
}
