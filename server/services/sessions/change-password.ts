import type { Actor } from '#lib/domain/member/member.ts';
import { AppError } from '#lib/protocol/errors.ts';
import type { App } from '../../app.ts';
import { momentOf } from '../../auth/facts.ts';
import { hashPassword, verifyPassword } from '../../auth/passwords.ts';
import { closeSessionsOf } from '../../auth/session-records.ts';
import { throttleOf } from '../../auth/throttle.ts';
import { members, sessions } from '../../store/kinds/installation.ts';
import { removeInvitations } from '../members/invite-member.ts';
import { memberIn, storeMember } from '../members/member-records.ts';

/**
 * Changes one's own password, and signs out everywhere else: who knew the old one is out. Nothing of the input is kept under
 * an idempotency key: a digest of a password could be guessed at. Sent twice, the second finds the new password in place.
 *
 * @returns how many other sessions ended
 * @throws AppError forbidden to API tokens; validation_failed at `current`; too_many_requests
 */
export async function changePassword(
  app: App,
  actor: Actor,
  input: { current: string; next: string },
): Promise<{ closedSessions: number }> {
  const { installation } = app.store;
  const member = await installation.docs(members).get(actor.memberId);
  if (member === null) throw new AppError('unauthenticated');
  // A token is handed to programs: it must not be able to shut its own member out.
  if ((await installation.docs(sessions).get(actor.credentialId)) === null)
    throw new AppError('forbidden', { action: 'password.change' });
  const attempt = { email: member.email, ip: '', device: actor.credentialId };
  const throttle = throttleOf(app);
  await throttle.take(attempt);
  if (!(await verifyPassword(member.passwordHash, input.current))) {
    if (await verifyPassword(member.passwordHash, input.next)) return { closedSessions: 0 };
    throw new AppError('validation_failed', { issues: [{ path: 'current', reason: 'wrong_password' }] });
  }
  await throttle.succeeded(attempt);
  const passwordHash = await hashPassword(input.next);
  const moment = await momentOf(app, actor.workspaceId);
  return installation.transaction(async (tx) => {
    const found = await memberIn(tx, actor, actor.memberId);
    if (found.passwordHash !== member.passwordHash || found.state !== 'active') throw new AppError('conflict');
    const fact = { name: 'member.changed', reason: 'changed' } as const;
    const stored = await storeMember(tx, moment, actor.memberId, { ...found, passwordHash }, fact);
    await removeInvitations(tx, stored.id);
    const ending = { actor: actor.memberId, keep: actor.credentialId, reason: 'password' } as const;
    return { closedSessions: await closeSessionsOf(tx, moment, stored, ending) };
  });
}
