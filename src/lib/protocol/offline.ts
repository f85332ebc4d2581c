/** What this browser keeps for the time without a network; shared by the page and its service worker. */

/** Caches of the program's files and of pages; the version follows. */
export const ASSETS = 'encours-assets:';
export const PAGES = 'encours-pages:';
/** Pages kept, data included; the oldest go first. */
export const MOST_PAGES = 60;
/** Says on every page and its data whose they are, and with which rights they were read: another value, other pages. */
export const MEMBER_HEADER = 'x-encours-member';
/**
 * Says with a command for whom it is meant. A tab that is still open while somebody else signs in, or an outbox that is
 * taken up again then, must not act in their name: refused as `unauthenticated`.
 */
export const MEANT_FOR_HEADER = 'encours-member';

/** What a page asks of its service worker. */
export type WorkerMessage = { type: 'forget' } | { type: 'keep'; paths: string[] };

/** Screens that are worth reading without a network; the rest always asks the server. */
const KEPT = [/^\/disputes\/[a-z0-9-]+$/, /^\/disputes$/, /^\/inbox$/, /^\/accounts\/[a-z0-9-]+$/, /^\/queue\/[a-z]+$/];

/** True for the path of such a screen, or of its data. */
export function mayKeep(pathname: string): boolean {
  const screen = pathname.replace(/\/__data\.json$/, '');
  return KEPT.some((pattern) => pattern.test(screen));
}

/** Under which a page is kept: filters in the address are another page, what SvelteKit adds is not. */
export function keyOf(url: URL): string {
  const search = new URLSearchParams(url.search);
  for (const name of [...search.keys()]) if (name.startsWith('x-sveltekit')) search.delete(name);
  const text = search.toString();
  return `${url.pathname}${text === '' ? '' : `?${text}`}`;
}
