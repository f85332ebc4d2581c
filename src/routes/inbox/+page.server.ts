import type { InboxView, NotificationPage } from '#lib/protocol/views/inbox.ts';
import type { TaskPage } from '#lib/protocol/views/views.ts';
import { ask } from '#lib/server/page.ts';
import type { PageServerLoad } from './$types';

const LISTS = ['mine', 'news', 'threads', 'created', 'closed'] as const;
type List = (typeof LISTS)[number];

const isList = (name: string | null): name is List => LISTS.some((list) => list === name);

/** What waits for whoever looks, and what they were told; the list stands in the address. */
export const load: PageServerLoad = async ({ locals, url, depends }) => {
  depends('encours:inbox');
  const asked = url.searchParams.get('list');
  const list = isList(asked) ? asked : 'mine';
  const unread = list === 'mine';
  const [inbox, news, tasks] = await Promise.all([
    ask<InboxView>(locals, 'inbox.read'),
    ask<NotificationPage>(locals, 'notification.list', { unread, limit: unread ? 10 : 50 }),
    list === 'created' || list === 'closed'
      ? ask<TaskPage>(locals, 'task.list', {
          whose: list === 'created' ? 'created' : 'mine',
          state: list === 'created' ? 'open' : 'closed',
          limit: 200,
        })
      : { tasks: [] },
  ]);
  return { list, inbox, news, tasks: tasks.tasks };
};
