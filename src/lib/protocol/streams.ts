import { AUDIENCES, type Audience } from '#lib/domain/thread/audience.ts';
import type { Id } from '#lib/domain/values.ts';

/** `account:<id>:<audience>`, `workspace:<id>`, `member:<id>`. */
export type StreamName = string;

export const accountStream = (accountId: Id, audience: Audience = 'internal'): StreamName =>
  `account:${accountId}:${audience}`;
export const workspaceStream = (workspaceId: Id): StreamName => `workspace:${workspaceId}`;
export const memberStream = (memberId: Id): StreamName => `member:${memberId}`;

/**
 * The installation's own journal (`store.installation`, where members, sessions and workspaces commit): the facts of one
 * member's record, sessions and tokens, and those of one workspace's record. Told apart from `member:` and
 * `workspace:`, which live in the workspace's journal with heads of their own. Their events name `memberId` and
 * `workspaceId` in `data`. No client can watch them: parseStream does not know them.
 */
export const memberRecordStream = (memberId: Id): StreamName => `member-record:${memberId}`;
export const workspaceRecordStream = (workspaceId: Id): StreamName => `workspace-record:${workspaceId}`;

export type ParsedStream =
  | { kind: 'account'; accountId: Id; audience: Audience }
  | { kind: 'workspace'; workspaceId: Id }
  | { kind: 'member'; memberId: Id };

const ID = /^[a-z0-9][a-z0-9-]{0,63}$/;

/** Null for anything that is not exactly a stream's name (`..`, case, Unicode look-alikes included). */
export function parseStream(name: string): ParsedStream | null {
  const parts = name.split(':');
  const [kind, id, audience] = parts;
  if (id === undefined || !ID.test(id)) return null;
  if (kind === 'account' && parts.length === 3 && (AUDIENCES as readonly string[]).includes(audience ?? ''))
    return { kind: 'account', accountId: id, audience: audience as Audience };
  if (kind === 'workspace' && parts.length === 2) return { kind: 'workspace', workspaceId: id };
  if (kind === 'member' && parts.length === 2) return { kind: 'member', memberId: id };
  return null;
}

/** `note:<accountId>:<audience>`: the account's own note, `internal` or `credit`. */
export const noteDocument = (accountId: Id, audience: Audience = 'internal'): string => `note:${accountId}:${audience}`;
/** `thread:<disputeId>:<audience>`: the note and the drafts of a dispute's thread. */
export const threadDocument = (disputeId: Id, audience: Audience): string => `thread:${disputeId}:${audience}`;

export type ParsedDocument =
  { kind: 'note'; accountId: Id; audience: Audience } | { kind: 'thread'; disputeId: Id; audience: Audience };

/** Null for anything that is not exactly a document's name. */
export function parseDocument(name: string): ParsedDocument | null {
  const parts = name.split(':');
  const [kind, id, audience] = parts;
  if (parts.length !== 3 || id === undefined || !ID.test(id)) return null;
  if (!(AUDIENCES as readonly string[]).includes(audience ?? '')) return null;
  if (kind === 'thread') return { kind: 'thread', disputeId: id, audience: audience as Audience };
  if (kind !== 'note' || (audience !== 'internal' && audience !== 'credit')) return null;
  return { kind: 'note', accountId: id, audience };
}
