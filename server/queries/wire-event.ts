import type { EventName, WireEvent } from '#lib/protocol/events.ts';
import type { StoredEvent } from '../store/port.ts';

/** An event as clients get it: without workspace, hashes and digests. */
export function wireEvent(stored: StoredEvent): WireEvent {
  return {
    id: stored.id,
    stream: stored.stream,
    seq: stored.seq,
    name: stored.name as EventName,
    at: stored.at,
    day: stored.day,
    actor: stored.actor,
    data: stored.data,
    personal: stored.personal,
    erased: stored.erased,
  };
}
