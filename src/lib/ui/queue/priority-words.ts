import { explainPriority } from '#lib/domain/queue/priority.ts';
import type { PriorityPart, QueueRow } from '#lib/domain/queue/queue-row.ts';
import { FAR_DAY, type Day } from '#lib/domain/values.ts';
import type { Formats } from '#lib/i18n/format.ts';
import type { queue } from '#lib/i18n/groups/queue.ts';
import type { Say } from '#lib/i18n/words.ts';

type Words = Say<(typeof queue)['fr']>;

/** The parts of a row's priority, with the figures of today. */
export function partsOf(row: QueueRow, today: Day): PriorityPart[] {
  const known = (day: Day) => (day === FAR_DAY ? null : day);
  return explainPriority(row.priorityParts, {
    overdueCents: row.overdueCents,
    oldestDueDay: known(row.oldestDueDay),
    lastContactOn: row.lastContactOn,
    nextActionOn: known(row.nextActionOn),
    touchedOn: null,
    promiseDueDay: row.promise?.state === 'broken' ? row.promise.dueDay : null,
    today,
  });
}

/** One part in words: `47 jours de retard`. */
export function partText(part: PriorityPart, row: QueueRow, t: Words, f: Formats): string {
  switch (part.kind) {
    case 'amount':
      return t('part_amount', { amount: f.roundMoney(part.value, row.currency) });
    case 'delay':
      return t('part_delay', { count: part.value });
    case 'no_contact':
      return t('part_no_contact', { count: part.value });
    case 'promise_broken':
      return t('part_promise_broken', { count: part.value });
    case 'task_overdue':
      return t('part_task_overdue', { count: part.value });
    case 'next_action_due':
      return t('part_next_action_due', { count: part.value });
    case 'untouched':
      return t('part_untouched', { count: part.value });
    case 'nothing_to_chase':
      return t('part_nothing_to_chase');
  }
}

/** The points that are compared between cases; a case that nobody touched for long comes first whatever they are. */
export function pointsOf(row: QueueRow): { points: number; first: boolean } {
  let points = 0;
  let first = false;
  for (const part of row.priorityParts)
    if (part.kind === 'untouched') first = true;
    else points += part.points;
  return { points, first };
}
