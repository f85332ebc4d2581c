import { AppError } from '#lib/protocol/errors.ts';
import type { Id } from '#lib/domain/values.ts';
import type { App } from '../../app.ts';
import { deviceCookieName, readCookie } from '../../auth/cookies.ts';
import { knownDevice } from '../../auth/device.ts';
import { verifyPassword } from '../../auth/passwords.ts';
import { throttleOf } from '../../auth/throttle.ts';
import { members } from '../../store/kinds/installation.ts';
import { enter, type SignedIn, type Visitor } from './enter.ts';

/**
 * Signs in with e-mail and password. Whatever is wrong (e-mail, password, a disabled or not yet joined member) is answered
 * alike, after the same work.
 *
 * @throws AppError sign_in_failed; too_many_requests with `retryAfter` in seconds
 */
export async function signIn(
  app: App,
  input: { email: string; password: string },
  visitor: Visitor,
): Promise<SignedIn> {
  const email = input.email.trim().toLowerCase();
  const [member = null] = (await app.store.installation.docs(members).find({ email }, { limit: 1 })).docs;
  const mark = readCookie(visitor.cookie, deviceCookieName(app.config));
  const attempt = { email, ip: visitor.ip, device: member === null ? null : knownDevice(member, mark) };
  const throttle = throttleOf(app);
  await throttle.take(attempt);
  const hash = member?.state === 'active' ? member.passwordHash : null;
  if (!(await verifyPassword(hash, input.password)) || member === null) {
    app.log.warn({ memberId: member?.id ?? null }, 'sign-in refused');
    throw new AppError('sign_in_failed');
  }
  await throttle.succeeded(attempt);
  return enter(app, member, visitor);
}

/**
 * Signs in as somebody of a demonstration, by one click.
 *
 * @throws AppError not_found in any other workspace
 */
export async function signInAs(app: App, memberId: Id, visitor: Visitor): Promise<SignedIn> {
  const member = await app.store.installation.docs(members).get(memberId);
  if (member?.state !== 'active') throw new AppError('not_found');
  if (!(await app.workspace(member.workspaceId)).demo) throw new AppError('not_found');
  return enter(app, member, visitor);
}
