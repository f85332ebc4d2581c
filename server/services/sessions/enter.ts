import type { Locale, Member, Role } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import type { App } from '../../app.ts';
import {
  deviceCookie,
  deviceCookieName,
  readCookie,
  sessionCookie,
  sessionCookieName,
  type CookieToSet,
} from '../../auth/cookies.ts';
import { knownDevice, newDeviceMark } from '../../auth/device.ts';
import { sessionsOf } from '../../auth/lucia.ts';
import { digestOf, newSecret } from '../../auth/secrets.ts';

/** Where somebody comes from: the client's address, and the `Cookie` header as it came. */
export interface Visitor {
  ip: string;
  cookie: string | null;
}

/** A fresh session: cookies for the page to set, and the session's token for whoever wants to send it otherwise. */
export interface SignedIn {
  memberId: Id;
  workspaceId: Id;
  role: Role;
  locale: Locale;
  token: string;
  cookies: CookieToSet[];
}

/**
 * Opens a session for a member who has shown who they are. The token is new at each login, and the session that the browser
 * held before ends: a token planted beforehand is worth nothing afterwards.
 */
export async function enter(app: App, member: Member, visitor: Visitor): Promise<SignedIn> {
  const former = readCookie(visitor.cookie, sessionCookieName(app.config));
  const token = newSecret();
  await sessionsOf(app).createSession(
    member.id,
    { workspaceId: member.workspaceId, absoluteExpiresAt: '', replaces: former === null ? null : digestOf(former) },
    { sessionId: digestOf(token) },
  );
  const cookies = [sessionCookie(app.config, token)];
  const mark = readCookie(visitor.cookie, deviceCookieName(app.config));
  if (member.passwordHash !== null && knownDevice(member, mark) === null)
    cookies.push(deviceCookie(app.config, newDeviceMark(member)));
  const { id: memberId, workspaceId, role, locale } = member;
  return { memberId, workspaceId, role, locale, token, cookies };
}
