import type { Actor } from '#lib/domain/member/member.ts';
import type { Task } from '#lib/domain/task/task.ts';
import type { TaskListInput } from '#lib/protocol/commands/queries.ts';
import { AppError } from '#lib/protocol/errors.ts';
import type { TaskPage } from '#lib/protocol/views/views.ts';
import { storeOf, type App } from '../app.ts';
import { accessAccount } from '../services/access-account.ts';
import { accounts, tasks } from '../store/kinds/workspace.ts';
import { scopeOf, type PlainFilter } from './scope.ts';

const CLOSED = ['done', 'declined', 'returned'] as const;

/**
 * Tasks that wait for the actor or the actor's departments (`mine`), that the actor asked for (`created`), or of one account,
 * by the day before which they must be done.
 */
export async function taskList(app: App, actor: Actor, input: TaskListInput): Promise<TaskPage> {
  const store = storeOf(app, actor);
  const docs = store.docs(tasks);
  const scope = scopeOf(actor);
  const states = input.state === 'open' ? (['open'] as const) : CLOSED;
  const bases: PlainFilter[] = [];
  if (input.whose === 'account') {
    if (input.accountId === undefined)
      throw new AppError('validation_failed', { issues: [{ path: 'accountId', reason: 'missing' }] });
    const account = await accessAccount(store, actor, input.accountId, 'task.read');
    bases.push({ accountId: account.id });
  } else if (input.whose === 'created') bases.push({ ...scope, createdBy: actor.memberId });
  else {
    bases.push(...actor.owners.map((memberId) => ({ ...scope, memberId })));
    bases.push(...actor.departments.map((department) => ({ ...scope, department })));
  }
  const pages = await Promise.all(
    bases.flatMap((base) =>
      states.map((state) => docs.find({ ...base, state }, { sort: ['dueDay'], limit: input.limit })),
    ),
  );
  const found = new Map<string, Task>();
  for (const page of pages) for (const task of page.docs) found.set(task.id, task);
  const sorted = [...found.values()]
    .sort((a, b) => (a.dueDay < b.dueDay ? -1 : a.dueDay > b.dueDay ? 1 : a.id < b.id ? -1 : 1))
    .slice(0, input.limit);
  const of = new Map(
    (await store.docs(accounts).getMany([...new Set(sorted.map((task) => task.accountId))])).map((account) => [
      account.id,
      account,
    ]),
  );
  return {
    tasks: sorted.map((task) => ({
      task,
      accountNumber: of.get(task.accountId)?.number ?? '',
      accountName: of.get(task.accountId)?.name ?? '',
    })),
  };
}
