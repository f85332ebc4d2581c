import type { Actor } from '#lib/domain/member/member.ts';
import type { Action } from '#lib/policies/actions.ts';
import { may } from '#lib/policies/may.ts';
import { AppError } from '#lib/protocol/errors.ts';

/**
 * Lets the command go on, or refuses it. Page, form, API, Socket.IO, Yjs and export all ask here; which account it is
 * done on is judged apart, by access-account.ts or in the store's filter.
 *
 * @throws AppError `forbidden`
 */
export function authorize(actor: Actor, action: Action): void {
  if (!may(actor, action)) throw new AppError('forbidden', { action });
}
