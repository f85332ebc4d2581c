import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import type { View } from '#lib/protocol/commands/queries.ts';
import { AppError } from '#lib/protocol/errors.ts';
import type { App } from '../../app.ts';
import { queueRows } from '../../store/kinds/workspace.ts';
import type { Tx } from '../../store/port.ts';
import { authorize } from '../authorize.ts';
import { command, type CommandMeta } from '../command.ts';
import type { CaseAnswer } from '#lib/protocol/views/answers.ts';
import { claimWithin } from './claim-case.ts';

/**
 * Claims the best free open case: one's own by priority, then those of colleagues one replaces, then the pool without
 * an owner (rule QUE-7); in the view `everything` then anybody's. Within one's rights only. Whoever loses a case to
 * somebody faster is given the next one.
 *
 * @throws AppError queue_empty when no case is free
 */
export function takeNext(app: App, actor: Actor, input: { view: View }, meta: CommandMeta): Promise<CaseAnswer> {
  return command(app, actor, meta, { name: 'queue.next', input }, async (tx, now) => {
    authorize(actor, 'case.claim');
    for (const ownerIds of stagesOf(actor, input.view)) {
      const id = await bestFree(tx, actor, ownerIds);
      if (id !== null) return claimWithin(tx, now, actor, id);
    }
    throw new AppError('queue_empty');
  });
}

/** Whose cases, in turn; null: whoever's. */
function stagesOf(actor: Actor, view: View): (Id[] | null)[] {
  const replaced = actor.owners.filter((id) => id !== actor.memberId);
  const own: (Id[] | null)[] = view === 'unassigned' ? [] : [[actor.memberId]];
  if (view !== 'unassigned' && replaced.length > 0) own.push(replaced);
  if (view === 'mine') return own;
  const pool = [...own, ['none']];
  return view === 'everything' ? [...pool, null] : pool;
}

/** The first free open case by priority; several owners' lists are merged. */
async function bestFree(tx: Tx, actor: Actor, ownerIds: Id[] | null): Promise<Id | null> {
  let best: { id: Id; priority: number } | null = null;
  for (const ownerId of ownerIds ?? [null]) {
    const row = await firstFree(tx, actor, ownerId);
    if (row !== null && (best === null || row.priority > best.priority)) best = row;
  }
  return best?.id ?? null;
}

async function firstFree(tx: Tx, actor: Actor, ownerId: Id | null): Promise<{ id: Id; priority: number } | null> {
  const free = { state: 'open', claimedBy: 'none', ...(ownerId === null ? {} : { ownerId }) };
  const reachesAll = actor.rights === null || (ownerId !== null && actor.rights.includes(`owner:${ownerId}`));
  const filter = reachesAll ? free : { access: { $in: actor.rights ?? [] }, ...free };
  const page = await tx.docs(queueRows).find(filter, { sort: ['-priority'], limit: 1 });
  return page.docs[0] ?? null;
}
