import type { Actor, Member } from '#lib/domain/member/member.ts';
import type { Id, Instant } from '#lib/domain/values.ts';
import type { App } from '../app.ts';
import { apiTokens, members, sessions, type ApiTokenDoc } from '../store/kinds/installation.ts';
import { VersionConflict } from '../store/port.ts';
import { actorOf } from './actor.ts';
import { readCookie, sessionCookieName } from './cookies.ts';
import { fromLucia, sessionsOf } from './lucia.ts';
import { digestOf } from './secrets.ts';

/** What speaks for a member. `id` is a digest: it opens nothing, and names the credential to sockets and events. */
export interface Credential {
  kind: 'session' | 'token';
  id: Id;
  /** Instant after which it says nothing more; null: until it is revoked. */
  expiresAt: Instant | null;
}

export interface Authenticated {
  actor: Actor;
  credential: Credential;
}

/**
 * Who speaks: a bearer token if there is one (a bad one is not made good by a cookie), else the session's cookie. Used by
 * every channel: pages and API, Socket.IO and Yjs upgrades. A session in use lives on, never beyond its absolute end.
 *
 * @param headers the request's `cookie` and `authorization`, as they came
 * @returns the actor with the rights of this moment; null for anybody unknown, expired, revoked or disabled
 */
export async function authenticate(
  app: App,
  headers: { cookie?: string | null | undefined; authorization?: string | null | undefined },
): Promise<Authenticated | null> {
  if (headers.authorization !== null && headers.authorization !== undefined) return byToken(app, headers.authorization);
  const token = readCookie(headers.cookie, sessionCookieName(app.config));
  return token === null ? null : bySession(app, token);
}

async function bySession(app: App, token: string): Promise<Authenticated | null> {
  const lucia = sessionsOf(app);
  const { session, user } = await lucia.validateSession(digestOf(token));
  if (session === null) return null;
  if (session.absoluteExpiresAt <= app.clock.now()) {
    await lucia.invalidateSession(session.id);
    return null;
  }
  const end = fromLucia(app, session.expiresAt);
  const expiresAt = end < session.absoluteExpiresAt ? end : session.absoluteExpiresAt;
  return admit(app, user.member, { kind: 'session', id: session.id, expiresAt }, null);
}

async function byToken(app: App, header: string): Promise<Authenticated | null> {
  const secret = /^Bearer +([A-Za-z0-9_-]{20,128}) *$/i.exec(header)?.[1];
  if (secret === undefined) return null;
  const found = await liveToken(app, digestOf(secret));
  if (found === null) return null;
  await markUsed(app, found.token, found.today);
  return admit(app, found.member, { kind: 'token', id: found.token.id, expiresAt: null }, found.token.actions);
}

async function liveToken(app: App, id: Id): Promise<{ token: ApiTokenDoc; member: Member; today: string } | null> {
  const { installation } = app.store;
  const token = await installation.docs(apiTokens).get(id);
  if (token === null || token.revokedAt !== null) return null;
  const member = await installation.docs(members).get(token.memberId);
  if (member === null) return null;
  // The real day: a fixed business day must not keep a token alive.
  const today = app.clock.now().slice(0, 10);
  if (token.expiresOn !== null && token.expiresOn < today) return null;
  return { token, member, today };
}

/** Once a day is enough to see which tokens are still needed. */
async function markUsed(app: App, token: ApiTokenDoc, today: string): Promise<void> {
  if (token.lastUsedOn === today) return;
  try {
    await app.store.installation.transaction((tx) => tx.docs(apiTokens).replace({ ...token, lastUsedOn: today }));
  } catch (error) {
    if (!(error instanceof VersionConflict)) throw error;
  }
}

async function admit(
  app: App,
  member: Member,
  credential: Credential,
  allowedActions: string[] | null,
): Promise<Authenticated | null> {
  if (member.state !== 'active') return null;
  return { actor: await actorOf(app, member, { credentialId: credential.id, allowedActions }), credential };
}

/**
 * The same person again, with the rights of this moment: for a socket that stays open while rights change.
 *
 * @returns null when the credential ended or the member was disabled: the socket must be closed
 */
export async function actorFor(app: App, memberId: Id, credentialId: Id): Promise<Actor | null> {
  const { installation } = app.store;
  const session = await installation.docs(sessions).get(credentialId);
  if (session !== null) {
    const now = app.clock.now();
    if (session.memberId !== memberId || session.expiresAt <= now || session.absoluteExpiresAt <= now) return null;
    const member = await installation.docs(members).get(memberId);
    if (member === null || member.state !== 'active') return null;
    return actorOf(app, member, { credentialId, allowedActions: null });
  }
  const found = await liveToken(app, credentialId);
  if (found === null || found.member.id !== memberId || found.member.state !== 'active') return null;
  return actorOf(app, found.member, { credentialId, allowedActions: found.token.actions });
}
