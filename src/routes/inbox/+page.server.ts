import type { TaskPage } from '#lib/protocol/views/views.ts';
import { ask } from '#lib/server/page.ts';
import type { PageServerLoad } from './$types';

const LISTS = {
  mine: { whose: 'mine', state: 'open' },
  created: { whose: 'created', state: 'open' },
  closed: { whose: 'mine', state: 'closed' },
} as const;
type List = keyof typeof LISTS;

const isList = (name: string | null): name is List => name !== null && name in LISTS;

/** What waits for whoever looks; the list stands in the address. */
export const load: PageServerLoad = async ({ locals, url, depends }) => {
  depends('encours:tasks');
  const asked = url.searchParams.get('list');
  const list = isList(asked) ? asked : 'mine';
  const page = await ask<TaskPage>(locals, 'task.list', { ...LISTS[list], limit: 200 });
  return { list, tasks: page.tasks };
};
