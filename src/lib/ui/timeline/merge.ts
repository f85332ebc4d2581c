import type { WireEvent } from '#lib/protocol/events.ts';

const newestFirst = (a: WireEvent, b: WireEvent): number =>
  a.at === b.at ? (a.id < b.id ? 1 : a.id > b.id ? -1 : 0) : a.at < b.at ? 1 : -1;

/** Events of several pages, each once, newest first. */
export function mergeEvents(...pages: readonly (readonly WireEvent[])[]): WireEvent[] {
  const byId = new Map(pages.flat().map((event) => [event.id, event]));
  return [...byId.values()].sort(newestFirst);
}
