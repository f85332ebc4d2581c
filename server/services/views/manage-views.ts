import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import { TEAM, type SavedView } from '#lib/domain/view/saved-view.ts';
import { may } from '#lib/policies/may.ts';
import type { SaveViewInput } from '#lib/protocol/commands/inbox.ts';
import { AppError } from '#lib/protocol/errors.ts';
import type { App } from '../../app.ts';
import { newId } from '../../store/id.ts';
import { savedViews } from '../../store/kinds/disputes.ts';
import type { Tx } from '../../store/port.ts';
import { authorize } from '../authorize.ts';
import { refuseField } from '../colleagues.ts';
import { command, expectVersion, type CommandMeta } from '../command.ts';

/** Of one screen and one owner. */
const MOST = 50;

export interface ViewAnswer {
  id: Id;
  version: number;
}

/**
 * Keeps filters, sort and columns under a name: for oneself, or for the team with `view.share`. The same name of the same
 * owner again: its address is replaced.
 *
 * @throws AppError forbidden; validation_failed at name (`too_many`)
 */
export async function saveView(app: App, actor: Actor, input: SaveViewInput, meta: CommandMeta): Promise<ViewAnswer> {
  if (input.team) authorize(actor, 'view.share');
  const { screen, name, query } = input;
  const ownerId = input.team ? TEAM : actor.memberId;
  return command(app, actor, meta, { name: 'view.save', input }, async (tx, now) => {
    const docs = tx.docs(savedViews);
    const known = (await docs.find({ screen, ownerId }, { sort: ['name'], limit: MOST })).docs;
    const same = known.find((view) => view.name === name);
    if (same !== undefined) {
      const { id, version } = await docs.replace({ ...same, query });
      return { id, version };
    }
    if (known.length >= MOST) refuseField('name', 'too_many');
    const view: SavedView = {
      id: newId(now.ms),
      version: 1,
      screen,
      name,
      query,
      ownerId,
      createdBy: actor.memberId,
      createdAt: now.at,
    };
    await docs.insert(view);
    return { id: view.id, version: 1 };
  });
}

/** Renames a view or gives it another address. @throws AppError not_found; version_conflict */
export function changeView(
  app: App,
  actor: Actor,
  input: { id: Id; name: string; query: string },
  meta: CommandMeta,
): Promise<ViewAnswer> {
  return command(app, actor, meta, { name: 'view.change', input }, async (tx) => {
    const view = await viewIn(tx, actor, input.id);
    expectVersion(meta, view);
    const { id, version } = await tx.docs(savedViews).replace({ ...view, name: input.name, query: input.query });
    return { id, version };
  });
}

/** Removes a view. @throws AppError not_found; version_conflict */
export function removeView(app: App, actor: Actor, input: { id: Id }, meta: CommandMeta): Promise<ViewAnswer> {
  return command(app, actor, meta, { name: 'view.remove', input }, async (tx) => {
    const view = await viewIn(tx, actor, input.id);
    expectVersion(meta, view);
    await tx.docs(savedViews).remove(view.id, view.version);
    return { id: view.id, version: view.version };
  });
}

/** A view that is the actor's to change: their own, or the team's for those who share views. Others' are not there. */
async function viewIn(tx: Tx, actor: Actor, id: Id): Promise<SavedView> {
  const view = await tx.docs(savedViews).get(id);
  const mine = view?.ownerId === actor.memberId || (view?.ownerId === TEAM && may(actor, 'view.share'));
  if (view === null || !mine) throw new AppError('not_found');
  return view;
}
