import type { Attachment } from '#lib/domain/attachment/attachment.ts';
import type { Dispute } from '#lib/domain/dispute/dispute.ts';
import type { Message } from '#lib/domain/thread/thread.ts';
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

/** Text out of a record; what people typed travels in the part that can be erased. */
const BARE = {
  disputes: (one: Dispute): Dispute => ({
    ...one,
    detail: null,
    approval: one.approval === null ? null : { ...one.approval, answer: null },
  }),
  messages: (one: Message): Message => ({ ...one, body: null, text: '' }),
  attachments: (one: Attachment): Attachment => ({ ...one, name: '' }),
};

/**
 * An event of an account's stream with the records that it changed. Contacts, tasks, a case while it holds a typed
 * reason, a dispute's detail, a message's text and a file's name go to the part that can be erased; folding `data.records`, then `personal.records`, by id gives the
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
  const typed = open.disputes?.filter((one) => one.detail !== null || (one.approval?.answer ?? null) !== null) ?? [];
  if (typed.length > 0) erasable.disputes = typed;
  if (open.disputes !== undefined) open.disputes = open.disputes.map(BARE.disputes);
  const posted = open.messages?.filter((one) => one.body !== null) ?? [];
  if (posted.length > 0) erasable.messages = posted;
  if (open.messages !== undefined) open.messages = open.messages.map(BARE.messages);
  if (open.attachments !== undefined) {
    erasable.attachments = open.attachments;
    open.attachments = open.attachments.map(BARE.attachments);
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
