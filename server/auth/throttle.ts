import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { AppError } from '#lib/protocol/errors.ts';
import type { App } from '../app.ts';

const WINDOW_S = 15 * 60;
/** Wrong passwords in a quarter of an hour: for one account from one address, from one address at all, from a known browser. */
const PER_ACCOUNT_AND_ADDRESS = 8;
const PER_ADDRESS = 60;
const PER_DEVICE = 12;

/** Who tries: the account's e-mail, where from, and the known browser of that account, if it is one. */
export interface Attempt {
  email: string;
  ip: string;
  device: string | null;
}

/**
 * Slows down guessing at passwords without a lock on the account: failures count against who makes them (address and
 * account, or address alone), never against the account alone, and a browser where the owner has signed in before has
 * tries of its own. In memory: each node counts for itself.
 */
export interface Throttle {
  /** Takes a try before the password is looked at, so that parallel guesses are counted too. @throws AppError `too_many_requests` with `retryAfter` in seconds */
  take(attempt: Attempt): Promise<void>;
  /** The password was right: gives the try back. */
  succeeded(attempt: Attempt): Promise<void>;
}

/** The address to count against: one household of IPv6 is a /64. */
export function addressKey(ip: string): string {
  const plain = ip.replace(/^::ffff:/i, '').replace(/%.*$/, '');
  if (!plain.includes(':')) return plain;
  const [head = '', tail] = plain.toLowerCase().split('::');
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - first.length - last.length);
  const groups = [...first, ...Array.from({ length: zeros }, () => '0'), ...last];
  return groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}

export function createThrottle(): Throttle {
  const limiter = (keyPrefix: string, points: number): RateLimiterMemory =>
    new RateLimiterMemory({ keyPrefix, points, duration: WINDOW_S });
  const pairs = limiter('pair', PER_ACCOUNT_AND_ADDRESS);
  const addresses = limiter('address', PER_ADDRESS);
  const devices = limiter('device', PER_DEVICE);

  const countersOf = (attempt: Attempt): [RateLimiterMemory, string][] => {
    if (attempt.device !== null) return [[devices, `${attempt.email} ${attempt.device}`]];
    const address = addressKey(attempt.ip);
    return [
      [pairs, `${attempt.email} ${address}`],
      [addresses, address],
    ];
  };

  return {
    async take(attempt) {
      for (const [counter, key] of countersOf(attempt)) await consume(counter, key);
    },
    async succeeded(attempt) {
      for (const [counter, key] of countersOf(attempt))
        if (counter === addresses) await counter.reward(key);
        else await counter.delete(key);
    },
  };
}

const REQUEST_WINDOW_S = 10;

/**
 * Keeps one session's or token's requests from taking the server away from everybody else.
 *
 * @param most requests of one session or token in ten seconds; the usual limit is far above what people and their screens do
 */
export function createRequestMeter(most: number): { count(credentialId: string): Promise<void> } {
  const requests = new RateLimiterMemory({ keyPrefix: 'request', points: most, duration: REQUEST_WINDOW_S });
  return { count: (credentialId) => consume(requests, credentialId) };
}

async function consume(counter: RateLimiterMemory, key: string): Promise<void> {
  try {
    await counter.consume(key);
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal;
    throw new AppError('too_many_requests', { retryAfter: Math.max(1, Math.ceil(refusal.msBeforeNext / 1000)) });
  }
}

const perApp = new WeakMap<App, Throttle>();

/** The throttle of this process. */
export function throttleOf(app: App): Throttle {
  let throttle = perApp.get(app);
  if (throttle === undefined) {
    throttle = createThrottle();
    perApp.set(app, throttle);
  }
  return throttle;
}
