/** What one client may ask of the gateway. */
export interface RealtimeLimits {
  /** Messages per second and member, all tabs together, and how many may come at once. */
  messagesPerSecond: number;
  burst: number;
  /** Sockets of one member. */
  socketsPerMember: number;
  /** Largest message; the connection of whoever sends a larger one is closed (1009). */
  messageBytes: number;
  /** Bytes that may wait for a slow client before it is given up. */
  waitingBytes: number;
}

export const REALTIME_LIMITS: RealtimeLimits = {
  messagesPerSecond: 20,
  burst: 100,
  socketsPerMember: 40,
  messageBytes: 131_072,
  waitingBytes: 1_048_576,
};

interface Bucket {
  tokens: number;
  at: number;
}

/** Token buckets by key; a full bucket is forgotten. */
export class RateLimit {
  readonly #buckets = new Map<string, Bucket>();
  readonly #perSecond: number;
  readonly #burst: number;

  constructor(perSecond: number, burst: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
  }

  /** Takes one token; false when there is none. @param ms the clock's milliseconds */
  take(key: string, ms: number): boolean {
    const bucket = this.#buckets.get(key) ?? { tokens: this.#burst, at: ms };
    bucket.tokens = Math.min(this.#burst, bucket.tokens + (Math.max(0, ms - bucket.at) / 1_000) * this.#perSecond);
    bucket.at = ms;
    this.#buckets.set(key, bucket);
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }

  /** Forgets whoever has been quiet long enough to have a full bucket. */
  sweep(ms: number): void {
    const idle = (this.#burst / this.#perSecond) * 1_000;
    for (const [key, bucket] of this.#buckets) if (ms - bucket.at > idle) this.#buckets.delete(key);
  }

  get size(): number {
    return this.#buckets.size;
  }
}

/** True when a received value holds more than `max` values or is nested deeper than `depth`. Never recurses. */
export function isTooComplex(value: unknown, max: number, depth: number): boolean {
  let count = 0;
  let level: unknown[] = [value];
  for (let d = 0; level.length > 0; d += 1) {
    if (d > depth) return true;
    const next: unknown[] = [];
    for (const one of level) {
      count += 1;
      if (count > max) return true;
      if (typeof one !== 'object' || one === null) continue;
      if (Buffer.isBuffer(one)) return true;
      for (const child of Object.values(one)) next.push(child);
      if (next.length > max) return true;
    }
    level = next;
  }
  return false;
}
