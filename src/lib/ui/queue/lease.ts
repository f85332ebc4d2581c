import type { Instant } from '#lib/domain/values.ts';

/** The countdown shows when less than this is left. */
export const NEAR_END_MS = 3 * 60_000;

/** What is left of a lease, `2:41`; null while its end is far, or when it is over. @param now ms since the epoch, the server's clock */
export function leaseLeft(until: Instant | null, now: number): string | null {
  if (until === null) return null;
  const left = Date.parse(until) - now;
  if (left <= 0 || left > NEAR_END_MS) return null;
  const seconds = Math.ceil(left / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
