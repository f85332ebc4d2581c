import type { AccountEventName, ChangedRecords, EventName } from '#lib/protocol/events.ts';
import { newId } from '../store/id.ts';
import type { NewEvent, Value } from '../store/port.ts';
import type { Now } from './command.ts';

type Part = { [key: string]: Value };

/** Changed records, and the rights tokens that the account had before they changed. */
export interface Changed extends ChangedRecords {
  formerAccess?: string[];
}

/** An event said now by somebody. Personal text (typed words, names of contacts) belongs in `personal`. */
export function eventOf(
  now: Now,
  actor: { memberId: string },
  name: EventName,
  data: Part = {},
  personal: Part | null = null,
): NewEvent {
  return { id: newId(now.ms), name, at: now.at, day: now.today, actor: actor.memberId, data, personal };
}

/**
 * An event of an account's stream with the records that it changed. Contacts, tasks, and a case while it holds a
 * typed reason, go to the part that can be erased; folding `data.records`, then `personal.records`, by id gives the
 * records as they stand after the event. `data.formerAccess` lets whoever loses the account hear that it left their list.
 */
export function accountEvent(
  now: Now,
  actor: { memberId: string },
  name: AccountEventName,
  changed: Changed,
  extra: { data?: Part; personal?: { [key: string]: Value | null } } = {},
): NewEvent {
  const { contacts, tasks, formerAccess, ...open } = changed;
  const erasable: ChangedRecords = {};
  if (contacts !== undefined && contacts.length > 0) erasable.contacts = contacts;
  if (tasks !== undefined && tasks.length > 0) erasable.tasks = tasks;
  if (open.case !== undefined && open.case.postponeReason !== null) {
    erasable.case = open.case;
    open.case = { ...open.case, postponeReason: null };
  }
  const personal: Part = {};
  for (const [key, value] of Object.entries(extra.personal ?? {})) if (value !== null) personal[key] = value;
  if (Object.keys(erasable).length > 0) personal.records = erasable as unknown as Value;
  return eventOf(
    now,
    actor,
    name,
    { ...extra.data, ...(formerAccess && { formerAccess }), records: open as unknown as Value },
    Object.keys(personal).length > 0 ? personal : null,
  );
}
