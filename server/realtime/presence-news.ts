import type { Id } from '#lib/domain/values.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import type { App } from '../app.ts';
import type { AccountAccess } from './access.ts';
import { encode, type Frame } from './frame.ts';
import type { Peer } from './peer.ts';
import { Presence, presenceFor } from './presence.ts';
import type { Rooms } from './rooms.ts';

/**
 * Presence, told to those who may see the account: watchers of its stream, and followers of the queue with one of its
 * tokens. Several changes of one turn of the loop are told together.
 *
 * @param node this process's name among the nodes
 */
export function openPresence(
  app: App,
  node: string,
  rooms: Rooms,
  access: AccountAccess,
  send: (peer: Peer, frame: Frame) => void,
): Presence {
  const due = new Map<string, { workspaceId: Id; accountId: Id }>();

  const tellOn = (workspaceId: Id, accountId: Id, tokens: readonly string[]): void => {
    const readers = new Set([
      ...rooms.watchers(workspaceId, accountStream(accountId)),
      ...rooms.reached(workspaceId, 'queue', tokens),
    ]);
    if (readers.size === 0) return;
    const entries = presence.on(workspaceId, accountId);
    const frames = new Map<string, Frame>();
    for (const peer of readers) {
      const known = entries.map((entry) => presenceFor(peer.actor, entry));
      const hidden = known.map((entry, at) => (entry === entries[at] ? '' : at)).join();
      const frame = frames.get(hidden) ?? encode('presence', { accountId, entries: known });
      frames.set(hidden, frame);
      send(peer, frame);
    }
  };

  const tell = (): void => {
    const changed = [...due.values()];
    due.clear();
    for (const { workspaceId, accountId } of changed) {
      const known = access.peek(workspaceId, accountId);
      if (known !== null) tellOn(workspaceId, accountId, known);
      else
        access.read(workspaceId, accountId).then(
          (tokens) => tokens !== null && tellOn(workspaceId, accountId, tokens),
          (error: unknown) => app.log.warn({ err: error }, 'presence could not be told'),
        );
    }
  };

  const presence = new Presence(app, node, (workspaceId, accountId) => {
    if (due.size === 0) setImmediate(tell);
    due.set(`${workspaceId}:${accountId}`, { workspaceId, accountId });
  });
  return presence;
}
