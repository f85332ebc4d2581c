import { build, files, version } from '$service-worker';
import { ASSETS, keyOf, mayKeep, MEMBER_HEADER, MOST_PAGES, PAGES, type WorkerMessage } from '#lib/protocol/offline.ts';

/**
 * Lets the last screens be read without a network: the program's own files from the cache, pages from the network and,
 * where there is none, as they were last seen. Pages belong to the member who saw them: another member, a sign-out or
 * a page that the server now refuses takes them away.
 */
const worker = globalThis as unknown as ServiceWorkerGlobalScope;
const assets = `${ASSETS}${version}`;
const pages = `${PAGES}${version}`;
/** Drawing a PDF needs as much as all the rest together, and the PDF itself is not kept. */
const wanted = build.filter((path) => !/pdf/.test(path));
const known = new Set([...wanted, ...files]);
/** Where the pages' cache keeps whose they are. */
const OWNER = '/owner-of-these-pages';

worker.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(assets)
      .then((cache) => cache.addAll(wanted))
      .then(() => worker.skipWaiting()),
  );
});

worker.addEventListener('activate', (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) if (name !== assets && name !== pages) await caches.delete(name);
      await worker.clients.claim();
    })(),
  );
});

worker.addEventListener('message', (event) => {
  const message = event.data as WorkerMessage;
  if (message.type === 'forget') event.waitUntil(caches.delete(pages));
  else event.waitUntil(keepAll(message.paths));
});

worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== worker.location.origin) return;
  if (known.has(url.pathname)) event.respondWith(asset(request));
  else if (mayKeep(url.pathname) && (request.mode === 'navigate' || url.pathname.endsWith('/__data.json')))
    event.respondWith(page(request, url));
});

async function asset(request: Request): Promise<Response> {
  const kept = await caches.match(request, { ignoreSearch: true });
  return kept ?? fetch(request);
}

async function page(request: Request, url: URL): Promise<Response> {
  const key = keyOf(url);
  let response: Response;
  try {
    response = await fetch(request);
  } catch (error) {
    const kept = await (await caches.open(pages)).match(key);
    if (kept !== undefined) return kept;
    if (request.mode === 'navigate') return notHere();
    throw error;
  }
  await keep(key, response.clone());
  return response;
}

/** Keeps a page that a member saw; forgets what the server refuses now, and everything once somebody else is there. */
async function keep(key: string, response: Response): Promise<void> {
  const member = response.headers.get(MEMBER_HEADER);
  if (response.redirected || response.type === 'opaqueredirect' || member === null) {
    if (response.status < 500) await caches.delete(pages);
    return;
  }
  let cache = await caches.open(pages);
  const owner = await (await cache.match(OWNER))?.text();
  if (owner !== member) {
    await caches.delete(pages);
    cache = await caches.open(pages);
    await cache.put(OWNER, new Response(member));
  }
  await cache.delete(key);
  if (!response.ok) return;
  await cache.put(key, response);
  const kept = (await cache.keys()).filter(({ url }) => !url.endsWith(OWNER));
  for (const old of kept.slice(0, Math.max(0, kept.length - MOST_PAGES))) await cache.delete(old);
}

/** Fetches pages that somebody will want without a network. */
async function keepAll(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const url = new URL(path, worker.location.origin);
    if (url.origin !== worker.location.origin || !mayKeep(url.pathname)) continue;
    try {
      await keep(keyOf(url), await fetch(url, { headers: { accept: 'text/html' } }));
    } catch {
      return;
    }
  }
}

/** Without a network, a page that was never seen: which ones were. */
async function notHere(): Promise<Response> {
  const kept = await (await caches.open(pages)).keys();
  const links = kept
    .map(({ url }) => new URL(url).pathname)
    .filter((path) => path !== OWNER && !path.endsWith('__data.json'))
    .map((path) => `<li><a href="${encodeURI(path)}">${encodeURI(path)}</a></li>`);
  const html = `<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Encours</title>
<main style="font:16px/1.5 system-ui;max-width:34rem;margin:4rem auto;padding:0 1rem">
<h1 style="font-size:1.25rem">Hors ligne · Offline</h1>
<p lang="fr">Cette page n’a pas été ouverte sur cet appareil. Elle s’affichera dès que le réseau revient. Lisibles sans réseau :</p>
<p lang="en">This page was not opened on this device. It will show as soon as the network is back. Readable without it:</p>
<ul>${links.join('')}</ul></main>`;
  return new Response(html, { status: 503, headers: { 'content-type': 'text/html; charset=utf-8' } });
}
