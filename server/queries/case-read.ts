import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import { AppError } from '#lib/protocol/errors.ts';
import type { CaseRead } from '#lib/protocol/views/answers.ts';
import { storeOf, type App } from '../app.ts';
import { accessAccount } from '../services/access-account.ts';
import { cases, leases, queueRows } from '../store/kinds/workspace.ts';

/** A case with its row in the queue and the end of its lease. */
export async function caseRead(app: App, actor: Actor, input: { id: Id }): Promise<CaseRead> {
  const store = storeOf(app, actor);
  await accessAccount(store, actor, input.id, 'account.read');
  const [work, row, lease] = await Promise.all([
    store.docs(cases).get(input.id),
    store.docs(queueRows).get(input.id),
    store.docs(leases).get(input.id),
  ]);
  if (work === null || row === null) throw new AppError('not_found');
  return { case: work, row, leaseUntil: work.claimedBy === null ? null : (lease?.until ?? null) };
}
