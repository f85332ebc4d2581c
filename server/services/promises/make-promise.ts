import { withdrawPromise } from '#lib/domain/promise/judge-promise.ts';
import type { PromiseToPay } from '#lib/domain/promise/promise.ts';
import type { Cents, Currency, Day, Id } from '#lib/domain/values.ts';
import { newId } from '../../store/id.ts';
import { promises } from '../../store/kinds/workspace.ts';
import type { Tx } from '../../store/port.ts';
import { refuseField } from '../colleagues.ts';
import type { Now } from '../command.ts';

export interface MadePromise {
  promise: PromiseToPay;
  /** Open promises in the same currency that it took the place of. */
  replaced: Id[];
  /** What was stored. */
  changed: PromiseToPay[];
  /** All promises of the account as they stand now. */
  promises: PromiseToPay[];
}

/**
 * Stores a promise to pay. It confirms or moves the open ones in its currency, which are withdrawn, so that one payment
 * never counts for two of them (rule PRO-8).
 *
 * @throws AppError validation_failed at promise.dueDay: `day_in_past`
 */
export async function makePromise(
  tx: Tx,
  now: Now,
  actor: { memberId: Id },
  accountId: Id,
  told: { cents: Cents; currency: Currency; dueDay: Day },
  known: readonly PromiseToPay[],
): Promise<MadePromise> {
  if (told.dueDay < now.today) refuseField('promise.dueDay', 'day_in_past');
  const { promiseGraceDays, promiseToleranceCents } = now.workspace.settings;
  const promise: PromiseToPay = {
    id: newId(now.ms),
    version: 1,
    accountId,
    ...told,
    createdOn: now.today,
    createdBy: actor.memberId,
    graceDays: promiseGraceDays,
    toleranceCents: promiseToleranceCents,
    state: 'open',
    keptCents: 0,
    judgedOn: null,
  };
  const withdrawn: PromiseToPay[] = [];
  for (const one of known) {
    if (one.currency !== told.currency) continue;
    const taken = withdrawPromise(one, now.today);
    if (taken.ok) withdrawn.push(await tx.docs(promises).replace(taken.promise));
  }
  await tx.docs(promises).insert(promise);
  const kept = known.map((one) => withdrawn.find((other) => other.id === one.id) ?? one);
  return {
    promise,
    replaced: withdrawn.map((one) => one.id),
    changed: [...withdrawn, promise],
    promises: [...kept, promise],
  };
}
