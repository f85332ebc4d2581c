import type { Id } from '#lib/domain/values.ts';
import { readableAudiences } from '#lib/policies/audience.ts';
import type { PresenceEntry } from '#lib/protocol/realtime.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import type { App } from '../app.ts';
import type { AccountAccess } from './access.ts';
import { encode, type Frame } from './frame.ts';
import type { Peer } from './peer.ts';
import { Presence, seenBy } from './presence.ts';
import type { Rooms } from './rooms.ts';

/**
 * Presence, told to those who may see the account: watchers of its stream, and followers of the queue with one of its
 * tokens. Several changes of one turn of the loop are told together; whoever would hear again what they know hears nothing,
 * so that what is hidden from them does not show as news without content.
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
  /** Who was there when it was last told. */
  const told = new Map<string, PresenceEntry[]>();

  const tellOn = (workspaceId: Id, accountId: Id, tokens: readonly string[]): void => {
    const key = `${workspaceId}:${accountId}`;
    const entries = presence.on(workspaceId, accountId);
    const before = told.get(key) ?? [];
    if (entries.length > 0) told.set(key, entries);
    else told.delete(key);
    const readers = new Set([
      ...rooms.watchers(workspaceId, accountStream(accountId)),
      ...rooms.reached(workspaceId, 'queue', tokens),
    ]);
    if (readers.size === 0) return;
    const frames = new Map<string, Frame | null>();
    for (const peer of readers) {
      const sight = readableAudiences(peer.actor).join();
      let frame = frames.get(sight);
      if (frame === undefined) {
        const known = seenBy(peer.actor, entries);
        const news = JSON.stringify(known) !== JSON.stringify(seenBy(peer.actor, before));
        frame = news ? encode('presence', { accountId, entries: known }) : null;
        frames.set(sight, frame);
      }
      if (frame !== null) send(peer, frame);
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
