import type { Actor } from '#lib/domain/member/member.ts';
import type { AccountItemsInput } from '#lib/protocol/commands/queries.ts';
import type { ItemPage } from '#lib/protocol/views/views.ts';
import { storeOf, type App } from '../app.ts';
import { accessAccount } from '../services/access-account.ts';
import { items } from '../store/kinds/workspace.ts';
import type { Filter } from '../store/port.ts';
import type { PlainFilter } from './scope.ts';

const COUNT_CAP = 10_000;
/** Something of it is out of collection: disputed, awaited, or contested as the ledger says and nobody took it up. */
const BLOCKED = [{ disputedCents: { $gt: 0 } }, { awaitingCents: { $gt: 0 } }, { disputed: true, flagTaken: false }];

/** One page of an account's items: the open ones by due day, the others newest first. */
export async function accountItems(app: App, actor: Actor, input: AccountItemsInput): Promise<ItemPage> {
  const store = storeOf(app, actor);
  const account = await accessAccount(store, actor, input.id, 'account.read');
  const today = app.clock.today((await app.workspace(actor.workspaceId)).timeZone);
  const filter: PlainFilter = { accountId: account.id };
  if (input.state === 'settled') filter.state = 'settled';
  else if (input.state !== 'all') filter.state = 'open';
  if (input.state === 'overdue') {
    filter.dueDay = { $lt: today };
    filter.openCents = { $gt: 0 };
  }
  if (input.state === 'credit') filter.openCents = { $lt: 0 };
  if (input.kind !== undefined) filter.kind = input.kind;
  if (input.currency !== undefined) filter.currency = input.currency;
  const sort = input.state === 'all' ? ['-issueDay'] : input.state === 'settled' ? ['-dueDay'] : ['dueDay'];
  const docs = store.docs(items);
  const asked: Filter = input.state === 'disputed' ? { ...filter, $or: BLOCKED } : filter;
  const [page, count] = await Promise.all([
    docs.find(asked, { sort, limit: input.limit, after: input.after }),
    docs.count(asked, { upTo: COUNT_CAP }),
  ]);
  return { items: page.docs, next: page.next, count };
}
