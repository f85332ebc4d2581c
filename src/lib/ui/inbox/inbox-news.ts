import type { InboxView, NotificationPage } from '#lib/protocol/views/inbox.ts';

interface Shown {
  inbox: InboxView;
  news: Pick<NotificationPage, 'notifications'>;
}

/** How many lines came, went or changed between what is shown and what stands there now. */
export function differing(shown: Shown, now: Shown): number {
  const before = marksOf(shown);
  const after = marksOf(now);
  return [...new Set([...before.keys(), ...after.keys()])].filter((id) => before.get(id) !== after.get(id)).length;
}

function marksOf({ inbox, news }: Shown): Map<string, string> {
  const marks = new Map<string, string>();
  for (const { task } of inbox.tasks) marks.set(`task ${task.id}`, String(task.version));
  for (const { dispute } of inbox.approvals) marks.set(`approval ${dispute.id}`, String(dispute.version));
  for (const thread of inbox.threads)
    marks.set(`thread ${thread.dispute.id} ${thread.audience}`, `${thread.lastSeq} ${thread.unread}`);
  // a page more or less has been read since: only the newest ones say what is new
  for (const one of news.notifications.slice(0, 10)) marks.set(`notification ${one.id}`, String(one.read));
  return marks;
}
