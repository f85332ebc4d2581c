import type { Item } from '../item/item.ts';
import type { Day, Id } from '../values.ts';
import type { Task } from './task.ts';

/** Working days that a missing document is given, unless somebody says until when (rule TSK-9). */
export const DOCUMENT_DAYS = 2;

/** Until when an open request for a missing document, apart from any dispute, keeps each item out of collection. */
function pausesOf(
  tasks: readonly Pick<Task, 'kind' | 'state' | 'disputeId' | 'dueDay' | 'itemIds'>[],
  today: Day,
): Map<Id, Day> {
  const found = new Map<Id, Day>();
  for (const { kind, state, disputeId, dueDay, itemIds } of tasks) {
    if (kind !== 'send_document' || state !== 'open' || disputeId !== null || dueDay <= today) continue;
    for (const id of itemIds) if ((found.get(id) ?? '') < dueDay) found.set(id, dueDay);
  }
  return found;
}

/**
 * Marks the items that wait for a missing document, and takes the mark off the others (rule TSK-11): not a dispute, but a
 * pause until the request's day, or until it is closed.
 *
 * @returns all items in their order; the same objects where nothing changes
 */
export function pauseItems(
  items: readonly Item[],
  tasks: readonly Pick<Task, 'kind' | 'state' | 'disputeId' | 'dueDay' | 'itemIds'>[],
  today: Day,
): Item[] {
  const pauses = pausesOf(tasks, today);
  return items.map((item) => {
    const until = pauses.get(item.id);
    if (until === item.pausedUntil) return item;
    const { pausedUntil: _, ...rest } = item;
    return until === undefined ? rest : { ...rest, pausedUntil: until };
  });
}
