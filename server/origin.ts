import type { Config } from './config.ts';

const LOOPBACK = /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/;

/** True for a Host header that names this machine's loopback. */
export const isLoopbackHost = (host: string | undefined): boolean => host !== undefined && LOOPBACK.test(host);

/**
 * The one Origin list: for changing requests with a cookie, for Socket.IO and for /collab.
 * A browser always sends `Origin` on these; a request without one comes from a program, which no page can forge.
 * `null` (sandboxed frames, some redirects) is refused.
 *
 * @param origin the Origin header, undefined when there is none
 * @param host the Host header
 */
export function isOriginAllowed(config: Config, origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined) return true;
  if (config.origin !== null) return origin === config.origin;
  return isLoopbackHost(host) && origin === `http://${host}`;
}
