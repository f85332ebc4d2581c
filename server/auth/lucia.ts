import { Lucia, TimeSpan, type Adapter, type DatabaseSession } from 'lucia';
import type { Member } from '#lib/domain/member/member.ts';
import type { Id, Instant } from '#lib/domain/values.ts';
import { AppError } from '#lib/protocol/errors.ts';
import type { App } from '../app.ts';
import { members, sessions, type SessionDoc } from '../store/kinds/installation.ts';
import { VersionConflict } from '../store/port.ts';
import { IDLE_DAYS, sessionCookieName } from './cookies.ts';
import { momentOf } from './facts.ts';
import { closeSession, closeSessionsOf, openSession } from './session-records.ts';

/** What Lucia carries for us beside a session. */
export interface SessionAttributes {
  workspaceId: Id;
  absoluteExpiresAt: Instant;
  /** A session that this one takes the place of, when it is made (rotation at login). */
  replaces: Id | null;
}
export interface UserAttributes {
  member: Member;
}
export type Sessions = Lucia<SessionAttributes, UserAttributes>;

declare module 'lucia' {
  interface Register {
    Lucia: Sessions;
    DatabaseSessionAttributes: SessionAttributes;
    DatabaseUserAttributes: UserAttributes;
  }
}

const perApp = new WeakMap<App, Sessions>();

/** Lucia on our store. Session ids are digests; cookies and tokens are made elsewhere. */
export function sessionsOf(app: App): Sessions {
  let lucia = perApp.get(app);
  if (lucia === undefined) {
    lucia = new Lucia(storeAdapter(app), {
      sessionExpiresIn: new TimeSpan(IDLE_DAYS, 'd'),
      sessionCookie: { name: sessionCookieName(app.config) },
      getSessionAttributes: (attributes) => attributes,
      getUserAttributes: (attributes) => attributes,
    });
    perApp.set(app, lucia);
  }
  return lucia;
}

/** Lucia reads the machine's clock and cannot be given another: instants of ours are carried over to it and back. */
const toLucia = (app: App, at: Instant): Date => new Date(Date.parse(at) - app.clock.ms() + Date.now());
export const fromLucia = (app: App, at: Date): Instant =>
  new Date(at.getTime() - Date.now() + app.clock.ms()).toISOString();

const toDatabase = (app: App, session: SessionDoc): DatabaseSession => ({
  id: session.id,
  userId: session.memberId,
  expiresAt: toLucia(app, session.expiresAt),
  attributes: { workspaceId: session.workspaceId, absoluteExpiresAt: session.absoluteExpiresAt, replaces: null },
});

function storeAdapter(app: App): Adapter {
  const { installation } = app.store;
  return {
    async getSessionAndUser(id) {
      const session = await installation.docs(sessions).get(id);
      if (session === null) return [null, null];
      const member = await installation.docs(members).get(session.memberId);
      return [toDatabase(app, session), member === null ? null : { id: member.id, attributes: { member } }];
    },
    async getUserSessions(memberId) {
      const page = await installation.docs(sessions).find({ memberId }, { limit: 1000 });
      return page.docs.map((session) => toDatabase(app, session));
    },
    async setSession({ id, userId, attributes }) {
      const moment = await momentOf(app, attributes.workspaceId);
      const { replaces, workspaceId } = attributes;
      await installation.transaction(async (tx) => {
        const member = await tx.docs(members).get(userId);
        if (member?.state !== 'active') throw new AppError('sign_in_failed');
        if (replaces !== null) await closeSession(tx, moment, replaces, 'rotated');
        await openSession(tx, moment, { id: userId, workspaceId }, id);
      });
    },
    async updateSessionExpiration(id, expiresAt) {
      const until = fromLucia(app, expiresAt);
      try {
        await installation.transaction(async (tx) => {
          const session = await tx.docs(sessions).get(id);
          if (session === null) return;
          const end = until < session.absoluteExpiresAt ? until : session.absoluteExpiresAt;
          if (session.expiresAt < end) await tx.docs(sessions).replace({ ...session, expiresAt: end });
        });
      } catch (error) {
        // Two requests of one browser renew it at once: either will do.
        if (!(error instanceof VersionConflict)) throw error;
      }
    },
    async deleteSession(id) {
      const session = await installation.docs(sessions).get(id);
      if (session === null) return;
      const moment = await momentOf(app, session.workspaceId);
      const reason = session.expiresAt <= moment.at ? 'expired' : 'signed_out';
      await installation.transaction((tx) => closeSession(tx, moment, id, reason));
    },
    async deleteUserSessions(memberId) {
      const member = await installation.docs(members).get(memberId);
      if (member === null) return;
      const moment = await momentOf(app, member.workspaceId);
      await installation.transaction((tx) =>
        closeSessionsOf(tx, moment, member, { actor: member.id, keep: null, reason: 'everywhere' }),
      );
    },
    async deleteExpiredSessions() {
      const expired = { expiresAt: { $lte: app.clock.now() } };
      for await (const session of installation.docs(sessions).each(expired)) {
        const moment = await momentOf(app, session.workspaceId);
        await installation.transaction((tx) => closeSession(tx, moment, session.id, 'expired'));
      }
    },
  };
}
