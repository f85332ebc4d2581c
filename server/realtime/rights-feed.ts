import type { Id } from '#lib/domain/values.ts';
import type { Store, StoredEvent } from '#server/store/port.ts';

/** What may have changed who may see what. Whoever holds something open judges it again. */
export type RightsChange =
  /** Rights, role or state of this member. */
  | { kind: 'member'; workspaceId: Id; memberId: Id }
  /** These sessions or tokens of the member are over. */
  | { kind: 'credentials'; workspaceId: Id; memberId: Id; credentialIds: readonly Id[] }
  /** The account's rights tokens as they are now. */
  | { kind: 'account'; workspaceId: Id; accountId: Id; access: readonly string[] }
  /** Everybody of the workspace, or of all workspaces when null: the day changed, or the tail lost its place. */
  | { kind: 'all'; workspaceId: Id | null };

export type RightsListener = (change: RightsChange) => void;

/** Registers a listener and answers how to take it back. */
export type OnRights = (listener: RightsListener) => () => Promise<void>;

const OF_A_MEMBER = new Set(['rights.changed', 'member.changed', 'member.disabled', 'session.closed', 'token.revoked']);

/** What an event of the journal says about rights; null when it says nothing. */
export function rightsChangeOf(event: StoredEvent): RightsChange | null {
  const [kind, id] = event.stream.split(':');
  if (id === undefined) return null;
  const data = event.data as {
    workspaceId?: Id;
    credentialIds?: Id[];
    records?: { account?: { access?: string[] } };
  };
  const workspaceId = data.workspaceId ?? event.workspaceId;
  if ((kind === 'member-record' || kind === 'member') && OF_A_MEMBER.has(event.name)) {
    const { credentialIds } = data;
    if (Array.isArray(credentialIds)) return { kind: 'credentials', workspaceId, memberId: id, credentialIds };
    return { kind: 'member', workspaceId, memberId: id };
  }
  if (kind !== 'account') return null;
  const access = data.records?.account?.access;
  return access === undefined ? null : { kind: 'account', workspaceId, accountId: id, access };
}

/** Changes of rights as the journal tells them, from now on. */
export const rightsFromJournal =
  (store: Store): OnRights =>
  (listener) =>
    store.tail.journal(
      null,
      (events) => {
        for (const event of events) {
          const change = rightsChangeOf(event);
          if (change !== null) listener(change);
        }
      },
      () => listener({ kind: 'all', workspaceId: null }),
    );
