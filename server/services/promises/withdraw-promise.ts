import { withdrawPromise as decideWithdraw } from '#lib/domain/promise/judge-promise.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { PromiseState } from '#lib/domain/promise/promise.ts';
import type { Id } from '#lib/domain/values.ts';
import { AppError } from '#lib/protocol/errors.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import type { App } from '../../app.ts';
import { promises } from '../../store/kinds/workspace.ts';
import { accessCase } from '../access-account.ts';
import { accountEvent } from '../account-event.ts';
import { command, expectVersion, type CommandMeta } from '../command.ts';
import { settleAccount } from '../settle-account.ts';

export interface PromiseAnswer {
  id: Id;
  version: number;
  accountId: Id;
  state: PromiseState;
}

/**
 * Takes a promise back, with a reason; the case is no longer parked for it (rule PRO-7).
 *
 * @throws AppError not_found; version_conflict with the promise's version; promise_closed
 */
export function withdrawPromise(
  app: App,
  actor: Actor,
  input: { id: Id; promiseId: Id; reason: string },
  meta: CommandMeta,
): Promise<PromiseAnswer> {
  return command(app, actor, meta, { name: 'promise.withdraw', input }, async (tx, now) => {
    const found = await accessCase(tx, actor, input.id, 'promise.withdraw');
    const promise = await tx.docs(promises).get(input.promiseId);
    if (promise === null || promise.accountId !== input.id) throw new AppError('not_found');
    expectVersion(meta, promise);
    const decided = decideWithdraw(promise, now.today);
    if (!decided.ok) throw new AppError('promise_closed');
    const withdrawn = await tx.docs(promises).replace(decided.promise);
    const settled = await settleAccount(tx, now, found);
    await tx.append(accountStream(input.id), [
      accountEvent(
        now,
        actor,
        'promise.withdrawn',
        { ...settled.changed, promises: [withdrawn] },
        { data: { promiseId: withdrawn.id }, personal: { reason: input.reason } },
      ),
    ]);
    return { id: withdrawn.id, version: withdrawn.version, accountId: input.id, state: withdrawn.state };
  });
}
