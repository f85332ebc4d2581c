import { onMount } from 'svelte';
import type { Connection } from '#lib/client/connection.svelte.ts';

const REFRESH_MS = 2_000;

/** Asks for a page's figures again soon after they changed, once however often they did. Call it while a component is set up. */
export function renewFigures(connection: Connection, topic: 'team' | 'disputes', renew: () => void): void {
  onMount(() => {
    let due: ReturnType<typeof setTimeout> | undefined;
    const soon = (): void => {
      due ??= setTimeout(() => {
        due = undefined;
        renew();
      }, REFRESH_MS);
    };
    const stops = [
      connection.follow(topic, soon),
      connection.on(topic, soon),
      connection.on('day', soon),
      connection.on('rights', soon),
    ];
    return () => {
      clearTimeout(due);
      stops.forEach((stop) => stop());
    };
  });
}

/** The address of the same page with other choices; none, or an empty one, is left out. */
export function addressWith(present: URLSearchParams, changes: { [name: string]: string | null }): string {
  const search = new URLSearchParams(present);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === '') search.delete(name);
    else search.set(name, value);
  }
  return `?${search}`;
}
