const EXACT = new Set([
  '/sign-in',
  '/set-up',
  '/healthz',
  '/readyz',
  '/metrics',
  '/api/v1/openapi.json',
  '/api/v1/session',
]);

/** What somebody who is not signed in may ask for. Everything else is refused before a route sees it. */
export function isPublic(path: string): boolean {
  return EXACT.has(path) || path.startsWith('/invitation/');
}
