import { isAudience, type Audience } from '#lib/domain/thread/audience.ts';
import type { Id } from '#lib/domain/values.ts';
import { PAGES, type WorkerMessage } from '#lib/protocol/offline.ts';

const DATABASES = 'encours:';
const CACHES = PAGES;
const NOTES = `${DATABASES}note:`;
const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('encours:session');

/** Lets pages be read without a network from now on; where that is not possible, nothing happens. */
export async function registerOffline(): Promise<void> {
  if (!('serviceWorker' in navigator) || import.meta.env.DEV) return;
  try {
    await navigator.serviceWorker.register('/service-worker.js');
  } catch {
    // a private window, a policy of the firm: everything else works
  }
}

/** Asks that these pages be kept, though nobody has opened them here yet. @param paths `/disputes/<id>`, at most 20 */
export async function keepPages(paths: readonly string[]): Promise<void> {
  await tellWorker({ type: 'keep', paths: paths.slice(0, 20) });
}

async function tellWorker(message: WorkerMessage): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  const registration = await navigator.serviceWorker.getRegistration();
  registration?.active?.postMessage(message);
}

/** Takes away the pages that this browser keeps: what their reader may see has changed. */
export async function forgetPages(): Promise<void> {
  await tellWorker({ type: 'forget' });
  if (typeof caches === 'undefined') return;
  for (const name of await caches.keys()) if (name.startsWith(CACHES)) await caches.delete(name);
}

/** Takes away this member's copies of what is written for audiences that they do not read (any more). */
export async function forgetUnreadable(memberId: Id, readable: readonly Audience[]): Promise<void> {
  if (typeof indexedDB === 'undefined' || indexedDB.databases === undefined) return;
  for (const { name } of await indexedDB.databases()) {
    const audience = name?.startsWith(`${NOTES}${memberId}:`) ? name.split(':').at(-2) : undefined;
    if (name !== undefined && isAudience(audience) && !readable.includes(audience)) indexedDB.deleteDatabase(name);
  }
}

/** Takes away everything that this browser keeps: notes and drafts, what was not sent, pages. */
export async function forgetEverything(): Promise<void> {
  await forgetPages();
  if (typeof indexedDB === 'undefined' || indexedDB.databases === undefined) return;
  for (const { name } of await indexedDB.databases()) if (name?.startsWith(DATABASES)) indexedDB.deleteDatabase(name);
}

/** Signs out here and in every other tab; `leave` goes to the sign-in page. */
export async function signOutEverywhereHere(): Promise<void> {
  await fetch('/api/v1/session', { method: 'DELETE' });
  channel?.postMessage('signed_out');
  await forgetEverything();
}

/** Calls back when another tab signed out; this one forgets what it keeps first. @returns a function that stops it */
export function onSignedOutElsewhere(leave: () => void): () => void {
  if (channel === null) return () => undefined;
  const hear = (): void => void forgetEverything().finally(leave);
  channel.addEventListener('message', hear);
  return () => channel.removeEventListener('message', hear);
}
