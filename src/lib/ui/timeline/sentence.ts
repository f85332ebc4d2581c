import type { Formats } from '#lib/i18n/format.ts';
import type { timeline } from '#lib/i18n/groups/timeline.ts';
import type { TermList } from '#lib/i18n/terms.ts';
import type { Say } from '#lib/i18n/words.ts';
import type { Contact } from '#lib/domain/contact/contact.ts';
import type { Dispute } from '#lib/domain/dispute/dispute.ts';
import type { PromiseToPay } from '#lib/domain/promise/promise.ts';
import type { Task } from '#lib/domain/task/task.ts';
import type { AccountEventName, ChangedRecords, WireEvent } from '#lib/protocol/events.ts';

/** What the words of an event need besides the event. */
export interface Speech {
  t: Say<(typeof timeline)['fr']>;
  term: (list: TermList, value: string) => string;
  f: Formats;
  /** A member's name; for the system and for strangers what they are called. */
  person: (id: unknown) => string;
  /** The contact's name while it is known. */
  contact: (id: unknown) => string | null;
}

type Sentence = (event: WireEvent, speech: Speech) => string;
type Data = { [key: string]: unknown };

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
const day = (value: unknown, { f }: Speech): string => f.day(text(value));
const open = (event: WireEvent): ChangedRecords => event.data.records ?? {};
const personal = (event: WireEvent): ChangedRecords => (event.personal?.records as ChangedRecords | undefined) ?? {};

/** The contact that the event is about, as it stood then. */
function contactIn(event: WireEvent): Contact | undefined {
  return personal(event).contacts?.find((one) => one.id === event.data.contactId);
}
function promiseIn(event: WireEvent): PromiseToPay | undefined {
  const list = open(event).promises ?? [];
  return list.find((one) => one.id === event.data.promiseId) ?? list[0];
}
const taskIn = (event: WireEvent): Partial<Task> => (event.data.task as Partial<Task> | undefined) ?? {};
const taskKind = (event: WireEvent, { term }: Speech): string => term('task', String(taskIn(event).kind ?? 'other'));

/** The dispute that the event is about, as it stood then. */
function disputeIn(event: WireEvent): Partial<Dispute> {
  const list = open(event).disputes ?? [];
  return list.find((one) => one.id === event.data.disputeId) ?? list[0] ?? {};
}
/** Who settles it: the person, else the department. */
function ownerIn(event: WireEvent, s: Speech): string {
  const { memberId, department } = disputeIn(event);
  return memberId === null || memberId === undefined
    ? s.term('department', department ?? 'credit')
    : s.person(memberId);
}
const disputeNumber = (event: WireEvent): string => String(disputeIn(event).number ?? '');
const lower = (list: TermList, value: unknown, s: Speech): string =>
  s.term(list, String(value)).toLocaleLowerCase(s.f.locale);

function ofContact(event: WireEvent, speech: Speech, plain: string, named: (name: string) => string): string {
  const name = contactIn(event)?.name ?? speech.contact(event.data.contactId);
  return name === null ? plain : named(name);
}

/** One sentence for each event: an event without words does not compile. */
const SENTENCES: Record<AccountEventName, Sentence> = {
  'account.created': (event, s) =>
    event.data.source === 'einvoice'
      ? s.t('account_created_invoice', { item: String(event.data.itemNumber) })
      : text(event.data.asOf) === null
        ? s.t('account_created')
        : s.t('account_created_import', { day: day(event.data.asOf, s) }),
  'account.imported': (event, s) =>
    event.data.source === 'einvoice'
      ? s.t('account_invoice', { item: String(event.data.itemNumber) })
      : s.t('account_imported', { day: day(event.data.asOf ?? event.day, s) }),
  'account.reassigned': ({ data }, s) => {
    if (data.to === null) return s.t('account_reassigned_none', { from: s.person(data.from) });
    const to = s.person(data.to);
    return data.from === null
      ? s.t('account_reassigned_first', { to })
      : s.t('account_reassigned', { to, from: s.person(data.from) });
  },
  'case.opened': (event, s) => {
    const reasons = ((event.data.reasons as string[] | undefined) ?? []).map((one) =>
      s.term('reason', one).toLocaleLowerCase(s.f.locale),
    );
    return reasons.length === 0 ? s.t('case_opened') : s.t('case_opened_why', { reasons: s.f.list(reasons) });
  },
  'case.parked': (event, s) => {
    const until = text(open(event).case?.nextActionOn);
    return until === null ? s.t('case_parked') : s.t('case_parked_until', { day: day(until, s) });
  },
  'case.idled': (_, s) => s.t('case_idled'),
  'case.claimed': (_, s) => s.t('case_claimed'),
  'case.released': ({ data }, s) =>
    data.cause === 'rights_lost'
      ? s.t('case_released_rights', { name: s.person(data.holderId) })
      : s.t('case_released'),
  'case.handed_over': ({ data }, s) => s.t('case_handed_over', { to: s.person(data.to) }),
  'case.claim_broken': ({ data }, s) => s.t('case_claim_broken', { name: s.person(data.holderId) }),
  'case.claim_expired': ({ data }, s) => s.t('case_claim_expired', { name: s.person(data.holderId) }),
  'case.finished': ({ data }, s) => {
    const action = text(data.nextAction);
    return action === null
      ? s.t('case_finished')
      : s.t('case_finished_next', { action: next(action, s), day: day(data.nextActionOn, s) });
  },
  'case.postponed': ({ data }, s) => s.t('case_postponed', { day: day(data.nextActionOn, s) }),
  'call.started': (event, s) => ofContact(event, s, s.t('call_started'), (name) => s.t('call_started_with', { name })),
  'contact.recorded': ({ data }, s) => {
    const said = {
      channel: s.term('channel', String(data.channel)).toLocaleLowerCase(s.f.locale),
      outcome: s.term('outcome', String(data.outcome)).toLocaleLowerCase(s.f.locale),
    };
    return data.direction === 'received' ? s.t('contact_received', said) : s.t('contact_made', said);
  },
  'contact.added': (event, s) =>
    ofContact(event, s, s.t('contact_added'), (name) => s.t('contact_added_name', { name })),
  'contact.changed': (event, s) =>
    ofContact(event, s, s.t('contact_changed'), (name) => s.t('contact_changed_name', { name })),
  'contact.removed': (event, s) =>
    ofContact(event, s, s.t('contact_removed'), (name) => s.t('contact_removed_name', { name })),
  'promise.made': ({ data }, s) => {
    const said = { amount: s.f.money(Number(data.cents), String(data.currency)), day: day(data.dueDay, s) };
    return Array.isArray(data.replaced) && data.replaced.length > 0
      ? s.t('promise_made_again', said)
      : s.t('promise_made', said);
  },
  'promise.settled': (event, s) => {
    const promise = promiseIn(event);
    const state = s.term('promise', promise?.state ?? String(event.data.state)).toLocaleLowerCase(s.f.locale);
    return promise === undefined
      ? s.t('promise_settled', { state })
      : s.t('promise_settled_amount', { amount: s.f.money(promise.cents, promise.currency), state });
  },
  'promise.withdrawn': (event, s) => {
    const promise = promiseIn(event);
    return promise === undefined
      ? s.t('promise_withdrawn')
      : s.t('promise_withdrawn_amount', { amount: s.f.money(promise.cents, promise.currency) });
  },
  'task.created': (event, s) => {
    const { memberId, department, dueDay } = taskIn(event);
    const to = department === null || department === undefined ? s.person(memberId) : s.term('department', department);
    return s.t('task_created', { to, kind: taskKind(event, s), day: day(dueDay, s) });
  },
  'task.done': (event, s) => s.t('task_done', { kind: taskKind(event, s) }),
  'task.declined': (event, s) => s.t('task_declined', { kind: taskKind(event, s) }),
  'task.accepted': (event, s) => s.t('task_accepted', { kind: taskKind(event, s) }),
  'task.returned': (event, s) => s.t('task_returned', { kind: taskKind(event, s) }),
  'task.escalated': (event, s) => s.t('task_escalated', { kind: taskKind(event, s) }),
  'dispute.opened': (event, s) =>
    s.t('dispute_opened', {
      number: disputeNumber(event),
      reason: lower('motive', disputeIn(event).reason, s),
      amount: s.f.money(Number(disputeIn(event).disputedCents ?? 0), String(disputeIn(event).currency ?? 'EUR')),
    }),
  'dispute.changed': (event, s) => s.t('dispute_changed', { number: disputeNumber(event) }),
  'dispute.qualified': (event, s) =>
    s.t('dispute_qualified', {
      number: disputeNumber(event),
      reason: lower('motive', disputeIn(event).reason, s),
      department: lower('department', disputeIn(event).department, s),
    }),
  'dispute.assigned': (event, s) => s.t('dispute_assigned', { number: disputeNumber(event), to: ownerIn(event, s) }),
  'dispute.waiting': (event, s) => s.t('dispute_waiting', { number: disputeNumber(event) }),
  'dispute.resumed': (event, s) =>
    s.t(event.data['cause'] === 'day' ? 'dispute_resumed_day' : 'dispute_resumed', { number: disputeNumber(event) }),
  'dispute.answered': (event, s) => {
    const { answer } = disputeIn(event);
    const said = { number: disputeNumber(event), cause: lower('cause', answer?.rootCause ?? 'other', s) };
    return answer?.decision === 'refused'
      ? s.t('dispute_answered_refused', said)
      : s.t('dispute_answered_accepted', said);
  },
  'dispute.approval_asked': (event, s) => s.t('dispute_approval_asked', { number: disputeNumber(event) }),
  'dispute.approval_refused': (event, s) => s.t('dispute_approval_refused', { number: disputeNumber(event) }),
  'dispute.resolved': (event, s) => s.t('dispute_resolved', { number: disputeNumber(event) }),
  'dispute.credit_note_received': (event, s) => s.t('dispute_credit_note_received', { number: disputeNumber(event) }),
  'dispute.closed': (event, s) => s.t('dispute_closed', { number: disputeNumber(event) }),
  'dispute.reopened': (event, s) => s.t('dispute_reopened', { number: disputeNumber(event) }),
  'dispute.escalated': (event, s) => s.t('dispute_escalated', { number: disputeNumber(event) }),
  'dispute.closure_proposed': (event, s) => s.t('dispute_closure_proposed', { number: disputeNumber(event) }),
  'proposal.made': ({ data }, s) => s.t('proposal_made', { item: String(data.itemNumber ?? '') }),
  'proposal.dismissed': ({ data }, s) => s.t('proposal_dismissed', { item: String(data.itemNumber ?? '') }),
  'einvoice.received': ({ data }, s) =>
    s.t('einvoice_received', { state: lower('einvoice', data.state, s), item: String(data.itemNumber ?? '') }),
  'einvoice.matched': ({ data }, s) =>
    s.t('einvoice_matched', { state: lower('einvoice', data.state, s), item: String(data.itemNumber ?? '') }),
  'attachment.added': (_, s) => s.t('attachment_added'),
  'attachment.removed': (_, s) => s.t('attachment_removed'),
  'message.copied': ({ data }, s) => s.t('message_copied', { audience: lower('audience', data.audience, s) }),
  'text.erased': (_, s) => s.t('text_erased'),
  'message.posted': ({ data }, s) => s.t('message_posted', { audience: lower('audience', data.audience, s) }),
  'message.edited': ({ data }, s) => s.t('message_edited', { audience: lower('audience', data.audience, s) }),
  'message.deleted': ({ data }, s) => s.t('message_deleted', { audience: lower('audience', data.audience, s) }),
  'message.reacted': ({ data }, s) => s.t('message_reacted', { audience: lower('audience', data.audience, s) }),
  'message.erased': ({ data }, s) => s.t('message_erased', { audience: lower('audience', data.audience, s) }),
};

const next = (action: string, s: Speech): string => s.term('next', action).toLocaleLowerCase(s.f.locale);

/** What happened, to stand behind the actor's name. An event of a later version says its name. */
export function sentenceOf(event: WireEvent, speech: Speech): string {
  const sentence = (SENTENCES as Record<string, Sentence | undefined>)[event.name];
  return sentence === undefined ? event.name : sentence(event, speech);
}

/** Lines below the sentence: what was typed, and what follows. */
export function linesOf(event: WireEvent, speech: Speech): { text: string; typed: boolean }[] {
  const said = (event.personal ?? {}) as Data;
  const lines: { text: string; typed: boolean }[] = [];
  const add = (value: unknown, typed: boolean): void => {
    const found = text(value);
    if (found !== null) lines.push({ text: found, typed });
  };
  if (event.name === 'contact.recorded') {
    const name = contactIn(event)?.name ?? speech.contact(event.data.contactId);
    if (name !== null) add(speech.t('contact_with', { name }), false);
  }
  add(said['text'], true);
  add(said['reason'], true);
  if (event.name.startsWith('task.')) {
    const id = taskIn(event).id;
    const task = personal(event).tasks?.find((one) => one.id === id);
    add(event.name === 'task.created' ? task?.text : task?.answer, true);
  }
  if (event.name === 'contact.recorded') {
    const action = text(event.data.nextAction);
    if (action !== null)
      add(speech.t('contact_next', { action: next(action, speech), day: day(event.data.nextActionOn, speech) }), false);
  }
  if ((event.name === 'account.imported' || event.name === 'account.created') && event.data.source !== 'einvoice') {
    const count = open(event).items?.length ?? Number(event.data.itemCount ?? 0);
    if (count > 0) add(speech.t('account_imported_counts', { count }), false);
  }
  return lines;
}
