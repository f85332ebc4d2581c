import type { AccountEventName } from '#lib/protocol/events.ts';

export const TIMELINE_FILTERS = [
  'all',
  'contacts',
  'promises',
  'tasks',
  'disputes',
  'messages',
  'claims',
  'ledger',
] as const;
export type TimelineFilter = (typeof TIMELINE_FILTERS)[number];

/** Under which filter an event stands: one each, so that a new event must choose. */
const FILTER_OF: Record<AccountEventName, Exclude<TimelineFilter, 'all'>> = {
  'account.created': 'ledger',
  'account.imported': 'ledger',
  'account.reassigned': 'claims',
  'case.opened': 'claims',
  'case.parked': 'claims',
  'case.idled': 'claims',
  'case.claimed': 'claims',
  'case.released': 'claims',
  'case.handed_over': 'claims',
  'case.claim_broken': 'claims',
  'case.claim_expired': 'claims',
  'case.finished': 'claims',
  'case.postponed': 'claims',
  'call.started': 'contacts',
  'contact.recorded': 'contacts',
  'contact.added': 'contacts',
  'contact.changed': 'contacts',
  'contact.removed': 'contacts',
  'promise.made': 'promises',
  'promise.settled': 'promises',
  'promise.withdrawn': 'promises',
  'task.created': 'tasks',
  'task.done': 'tasks',
  'task.declined': 'tasks',
  'task.accepted': 'tasks',
  'task.returned': 'tasks',
  'task.escalated': 'tasks',
  'dispute.opened': 'disputes',
  'dispute.changed': 'disputes',
  'dispute.qualified': 'disputes',
  'dispute.assigned': 'disputes',
  'dispute.waiting': 'disputes',
  'dispute.resumed': 'disputes',
  'dispute.answered': 'disputes',
  'dispute.approval_asked': 'disputes',
  'dispute.approval_refused': 'disputes',
  'dispute.resolved': 'disputes',
  'dispute.credit_note_received': 'disputes',
  'dispute.closed': 'disputes',
  'dispute.reopened': 'disputes',
  'dispute.escalated': 'disputes',
  'dispute.closure_proposed': 'disputes',
  'proposal.made': 'disputes',
  'proposal.dismissed': 'disputes',
  'einvoice.received': 'disputes',
  'einvoice.matched': 'disputes',
  'attachment.added': 'messages',
  'attachment.removed': 'messages',
  'message.copied': 'messages',
  'text.erased': 'messages',
  'message.posted': 'messages',
  'message.edited': 'messages',
  'message.deleted': 'messages',
  'message.reacted': 'messages',
  'message.erased': 'messages',
};

/** Names of the events that a filter shows; null for all of them. */
export function namesOf(filter: TimelineFilter): AccountEventName[] | null {
  if (filter === 'all') return null;
  return (Object.keys(FILTER_OF) as AccountEventName[]).filter((name) => FILTER_OF[name] === filter);
}

export const kindOf = (name: string): Exclude<TimelineFilter, 'all'> =>
  (FILTER_OF as Record<string, Exclude<TimelineFilter, 'all'>>)[name] ?? 'ledger';
