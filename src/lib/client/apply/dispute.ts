import { forTimeline, type WireEvent } from '#lib/protocol/events.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import type { DisputeSheet } from '#lib/protocol/views/dispute.ts';
import { fold, newer, recordsOf } from './account.ts';

/** What of a dispute's screen comes from the account's internal stream; the threads follow their own. */
export type DisputeFacts = Omit<DisputeSheet, 'threads' | 'strip'>;

/** Whether a timeline of the dispute holds the event. */
const isAbout = (event: WireEvent, disputeId: string): boolean =>
  event.data['disputeId'] === disputeId ||
  (event.data.records?.disputes ?? []).some((dispute) => dispute.id === disputeId && event.name.startsWith('dispute.'));

/**
 * The dispute's screen after an event of the account's internal stream: the same as loading it anew. Idempotent; an event
 * that does not follow, that was erased, or that brings an item which the sheet does not hold asks to load anew.
 */
export function applyDisputeEvent<S extends DisputeFacts>(sheet: S, event: WireEvent): S | 'refetch' {
  const { id, accountId } = sheet.dispute;
  if (event.stream !== accountStream(accountId) || event.seq <= sheet.seq) return sheet;
  if (event.seq !== sheet.seq + 1 || event.erased) return 'refetch';
  const records = recordsOf(event);
  const dispute = newer(
    sheet.dispute,
    records.disputes?.find((one) => one.id === id),
  );
  const wanted = new Set(dispute.items.map(({ itemId }) => itemId));
  const known = new Map(fold(sheet.items, records.items).map((item) => [item.id, item]));
  const items = dispute.items.flatMap(({ itemId }) => known.get(itemId) ?? []);
  if (items.length < wanted.size) return 'refetch';
  const { account } = sheet;
  return {
    ...sheet,
    seq: event.seq,
    dispute,
    items,
    account: {
      ...account,
      account: newer(account.account, records.account),
      case: newer(account.case, records.case),
      balances: fold(account.balances, records.balances),
      contacts: fold(account.contacts, records.contacts).filter((contact) => contact.state !== 'removed'),
    },
    tasks: foldTasks(sheet, event),
    attachments: fold(
      sheet.attachments,
      records.attachments?.filter((one) => one.disputeId === id || (one.itemId !== null && wanted.has(one.itemId))),
    ).filter((one) => one.state === 'posted'),
    timeline: isAbout(event, id)
      ? {
          ...sheet.timeline,
          events: [forTimeline(event), ...sheet.timeline.events.filter((one) => one.id !== event.id)],
        }
      : sheet.timeline,
  };
}

function foldTasks(sheet: DisputeFacts, event: WireEvent): DisputeSheet['tasks'] {
  const { id, accountNumber, accountName } = sheet.dispute;
  const changed = recordsOf(event).tasks?.filter((task) => task.disputeId === id);
  const tasks = fold(
    sheet.tasks.map(({ task }) => task),
    changed,
  );
  return tasks
    .sort((a, b) => (a.dueDay < b.dueDay || (a.dueDay === b.dueDay && a.id < b.id) ? -1 : 1))
    .map((task) => ({ task, accountNumber, accountName }));
}
