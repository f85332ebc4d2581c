import type { Member } from '#lib/domain/member/member.ts';
import type { Workspace } from '#lib/domain/workspace/workspace.ts';
import type { Day, Id, Instant } from '#lib/domain/values.ts';
import { kind } from './kind.ts';

/** Kinds of the installation: they commit together, across workspaces. */

export const workspaces = kind<Workspace>({ name: 'workspace', fields: {} });

export const members = kind<Member>({
  name: 'member',
  fields: { workspaceId: 'string', email: 'string', state: 'string' },
  indexes: [
    { name: 'byEmail', fields: ['email'], unique: true },
    { name: 'byWorkspace', fields: ['workspaceId', 'state'] },
  ],
});

/** A signed-in browser. `id` is SHA-256 of the cookie's token: the token itself is never stored. */
export interface SessionDoc {
  id: Id;
  version: number;
  memberId: Id;
  workspaceId: Id;
  createdAt: Instant;
  /** Sliding end. */
  expiresAt: Instant;
  /** End that no use moves. */
  absoluteExpiresAt: Instant;
}
export const sessions = kind<SessionDoc>({
  name: 'session',
  fields: { memberId: 'string', expiresAt: 'instant' },
  indexes: [
    { name: 'byMember', fields: ['memberId'] },
    { name: 'byExpiry', fields: ['expiresAt'] },
  ],
});

/** A bearer token for /api/v1. `id` is SHA-256 of the secret. */
export interface ApiTokenDoc {
  id: Id;
  version: number;
  memberId: Id;
  workspaceId: Id;
  name: string;
  /** First characters, to recognise it by. */
  hint: string;
  actions: string[] | null;
  createdAt: Instant;
  expiresOn: Day | null;
  revokedAt: Instant | null;
  lastUsedOn: Day | null;
}
export const apiTokens = kind<ApiTokenDoc>({
  name: 'apiToken',
  fields: { memberId: 'string' },
  indexes: [{ name: 'byMember', fields: ['memberId'] }],
});

/** An invitation's link. `id` is SHA-256 of the link's secret. */
export interface InvitationDoc {
  id: Id;
  version: number;
  memberId: Id;
  workspaceId: Id;
  createdAt: Instant;
  expiresAt: Instant;
  usedAt: Instant | null;
}
export const invitations = kind<InvitationDoc>({
  name: 'invitation',
  fields: { memberId: 'string' },
  indexes: [{ name: 'byMember', fields: ['memberId'] }],
});

/** The one-time code that lets the first visitor make the first workspace. One document, `set-up`, while there is none. */
export interface SetUpCodeDoc {
  id: Id;
  version: number;
  /** SHA-256 of the code, which only the log has. */
  digest: string;
}
export const setUpCodes = kind<SetUpCodeDoc>({ name: 'setUpCode', fields: {} });

export const INSTALLATION_KINDS = [workspaces, members, sessions, apiTokens, invitations, setUpCodes];
