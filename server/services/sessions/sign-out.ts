import type { Actor } from '#lib/domain/member/member.ts';
import type { App } from '../../app.ts';
import { sessionCookie, type CookieToSet } from '../../auth/cookies.ts';
import { sessionsOf } from '../../auth/lucia.ts';
import { purgeIdempotency } from '../purge.ts';

/** Ends the session that speaks and everything open with it. An API token ends by being revoked, not here. */
export async function signOut(app: App, actor: Actor): Promise<CookieToSet[]> {
  await sessionsOf(app).invalidateSession(actor.credentialId);
  return [sessionCookie(app.config, '')];
}

/** Ends every session of the member, on every device. API tokens stay. */
export async function signOutEverywhere(app: App, actor: Actor): Promise<CookieToSet[]> {
  await sessionsOf(app).invalidateUserSessions(actor.memberId);
  return [sessionCookie(app.config, '')];
}

/**
 * Forgets the sessions that came to their end, and the idempotency records of commands on people; a job asks for it from
 * time to time.
 */
export async function sweepSessions(app: App): Promise<void> {
  await sessionsOf(app).deleteExpiredSessions();
  await purgeIdempotency(app, app.store.installation.workspaceId);
}
