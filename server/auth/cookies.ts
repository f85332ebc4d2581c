import type { Config } from '../config.ts';

/** Longest life of a session and of its cookie, and how long one lives without use; days. */
export const SESSION_DAYS = 30;
export const IDLE_DAYS = 7;
const DEVICE_DAYS = 365;

/** What a page needs to set a cookie; the shape that SvelteKit's `cookies.set` takes. */
export interface CookieToSet {
  name: string;
  value: string;
  options: { path: '/'; httpOnly: true; sameSite: 'lax'; secure: boolean; maxAge: number };
}

const isSecure = (config: Pick<Config, 'origin'>): boolean => config.origin?.startsWith('https://') ?? false;

/** `__Host-` binds a cookie to this host over https; plain http (loopback) cannot carry it. */
export const sessionCookieName = (config: Pick<Config, 'origin'>): string =>
  isSecure(config) ? '__Host-encours-session' : 'encours-session';
export const deviceCookieName = (config: Pick<Config, 'origin'>): string =>
  isSecure(config) ? '__Host-encours-device' : 'encours-device';

function cookie(config: Pick<Config, 'origin'>, name: string, value: string, days: number): CookieToSet {
  const maxAge = value === '' ? 0 : days * 86_400;
  return { name, value, options: { path: '/', httpOnly: true, sameSite: 'lax', secure: isSecure(config), maxAge } };
}

/** The session's cookie; an empty token takes it away. */
export const sessionCookie = (config: Pick<Config, 'origin'>, token: string): CookieToSet =>
  cookie(config, sessionCookieName(config), token, SESSION_DAYS);
export const deviceCookie = (config: Pick<Config, 'origin'>, mark: string): CookieToSet =>
  cookie(config, deviceCookieName(config), mark, DEVICE_DAYS);

/** A `Set-Cookie` header's value, for answers that are not pages. */
export function serializeCookie({ name, value, options }: CookieToSet): string {
  const secure = options.secure ? '; Secure' : '';
  return `${name}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${options.maxAge}${secure}`;
}

/**
 * The value of one cookie in a `Cookie` header; null when it is absent or not of our making. Ours are URL-safe as they
 * stand, so nothing is decoded and no header can make this throw. The first of several wins, as in browsers' order.
 */
export function readCookie(header: string | null | undefined, name: string): string | null {
  if (typeof header !== 'string' || header.length > 16_384) return null;
  for (const part of header.split(';')) {
    const equals = part.indexOf('=');
    if (equals === -1 || part.slice(0, equals).trim() !== name) continue;
    const value = part.slice(equals + 1).trim();
    return /^[A-Za-z0-9_.-]{1,256}$/.test(value) ? value : null;
  }
  return null;
}
