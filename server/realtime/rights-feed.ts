import type { Id } from '#lib/domain/values.ts';
import type { StoredEvent } from '#server/store/port.ts';

/** What may have changed who may see what. Whoever holds something open judges it again. */
export type RightsChange =
  /** Rights, role, state or a session of this member. */
  | { kind: 'member'; workspaceId: Id; memberId: Id }
  /** The account's rights tokens as they are now. */
  | { kind: 'account'; workspaceId: Id; accountId: Id; access: readonly string[] }
  /** Everybody of the workspace, or of all workspaces when null: the day changed, or the tail lost its place. */
  | { kind: 'all'; workspaceId: Id | null };

export type RightsListener = (change: RightsChange) => void;

/** Registers a listener and answers how to take it back. */
export type OnRights = (listener: RightsListener) => () => void;

const OF_A_MEMBER = new Set(['rights.changed', 'session.closed', 'token.revoked', 'member.changed', 'member.disabled']);

/** What an event of the journal says about rights; null when it says nothing. */
export function rightsChangeOf(event: StoredEvent): RightsChange | null {
  const { workspaceId } = event;
  const [kind, id] = event.stream.split(':');
  if (id === undefined) return null;
  if (kind === 'member' && OF_A_MEMBER.has(event.name)) return { kind: 'member', workspaceId, memberId: id };
  if (kind !== 'account') return null;
  const { records } = event.data as { records?: { account?: { access?: string[] } } };
  const access = records?.account?.access;
  return access === undefined ? null : { kind: 'account', workspaceId, accountId: id, access };
}

/** One emitter between who reads the journal and who holds connections open. */
export function createRightsFeed(onError: (error: unknown) => void): { emit: RightsListener; onRights: OnRights } {
  const listeners = new Set<RightsListener>();
  return {
    emit: (change) => {
      for (const listener of listeners)
        try {
          listener(change);
        } catch (error) {
          onError(error);
        }
    },
    onRights: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
