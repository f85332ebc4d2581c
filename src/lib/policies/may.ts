import type { Role } from '#lib/domain/member/member.ts';
import { ACTIONS, type Action } from './actions.ts';
import { POLICY } from './table.ts';

/**
 * Whether the actor's role may do this action at all, and the API token that speaks for it, if any, was given it.
 * Denies by default: an action that the policy does not name is refused to everybody.
 *
 * @param actor role of this moment, and the actions that an API token is restricted to (null: all of the role's)
 */
export function may(
  actor: { readonly role: Role; readonly allowedActions: readonly string[] | null },
  action: Action,
): boolean {
  if (!Object.hasOwn(POLICY, action)) return false;
  if (actor.allowedActions !== null && !actor.allowedActions.includes(action)) return false;
  return POLICY[action].includes(actor.role);
}

/** Every action that the actor may do, in the order of the list of actions. */
export function actionsOf(actor: { readonly role: Role; readonly allowedActions: readonly string[] | null }): Action[] {
  return ACTIONS.filter((action) => may(actor, action));
}
