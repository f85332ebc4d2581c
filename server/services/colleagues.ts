import type { Actor, Department, Member } from '#lib/domain/member/member.ts';
import { standInOf } from '#lib/domain/member/substitution.ts';
import type { Id } from '#lib/domain/values.ts';
import type { Action } from '#lib/policies/actions.ts';
import { inScope } from '#lib/policies/in-scope.ts';
import { may } from '#lib/policies/may.ts';
import { AppError } from '#lib/protocol/errors.ts';
import type { App } from '../app.ts';
import { activeMembers, actorAmong } from '../auth/actor.ts';
import { members } from '../store/kinds/installation.ts';

/** The active members of a workspace with their rights of today. */
export interface Colleagues {
  /** Null for somebody unknown, invited or disabled. */
  actor(memberId: Id): Actor | null;
  member(memberId: Id): Member | null;
  all(): Id[];
  /** Who stands for somebody who is away today, at the end of the chain; null when there is nobody or they are there. */
  standIn(memberId: Id): Id | null;
  /** Those who belong to the department, or replace somebody of it today. */
  inDepartment(department: Department): Id[];
}

/**
 * Reads the workspace's members. They live outside the workspace's transactions, so a command that judges somebody
 * else's rights reads them before it begins.
 */
export async function colleaguesOf(app: App, workspaceId: Id): Promise<Colleagues> {
  const workspace = await app.workspace(workspaceId);
  const today = app.clock.today(workspace.timeZone);
  const active = await activeMembers(app.store.installation.docs(members), workspaceId);
  const byId = new Map(active.map((one) => [one.id, one]));
  const actor = (id: Id): Actor | null => {
    const found = byId.get(id);
    return found === undefined ? null : actorAmong(found, active, today, { credentialId: '', allowedActions: null });
  };
  return {
    member: (id) => byId.get(id) ?? null,
    actor,
    standIn: (id) => standInOf(id, active, today),
    all: () => active.map(({ id }) => id),
    inDepartment: (department) =>
      active.filter(({ id }) => actor(id)?.departments.includes(department) === true).map(({ id }) => id),
  };
}

/** Whether somebody may do it on an account that carries these tokens. */
export function mayOn(actor: Actor | null, action: Action, access: readonly string[]): boolean {
  return actor !== null && may(actor, action) && inScope(actor.rights, access);
}

/** @throws AppError validation_failed for one field */
export function refuseField(path: string, reason: string): never {
  throw new AppError('validation_failed', { issues: [{ path, reason }] });
}
