import { randomBytes } from 'node:crypto';
import type { Id } from '#lib/domain/values.ts';

let lastMs = 0;
let counter = 0;
// Asking the system for eight bytes at a time costs more than all the rest.
let pool = new Uint8Array(0);
let poolAt = 0;

function eightRandomBytes(): Buffer {
  if (poolAt >= pool.length) {
    pool = randomBytes(2_048);
    poolAt = 0;
  }
  poolAt += 8;
  return Buffer.from(pool.subarray(poolAt - 8, poolAt));
}

/**
 * A new UUIDv7 (RFC 9562): sorts by time of making, and within one millisecond of this process by order of making.
 *
 * @param ms epoch milliseconds, now when left out
 */
export function newId(ms: number = Date.now()): Id {
  if (ms > lastMs) {
    lastMs = ms;
    counter = 0;
  } else {
    counter += 1;
    if (counter > 0xfff) {
      lastMs += 1;
      counter = 0;
    }
  }
  const random = eightRandomBytes();
  const time = lastMs.toString(16).padStart(12, '0');
  const sequence = counter.toString(16).padStart(3, '0');
  random[0] = ((random[0] ?? 0) & 0x3f) | 0x80;
  const tail = random.toString('hex');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${sequence}-${tail.slice(0, 4)}-${tail.slice(4)}`;
}

/** When an id of `newId` was made, in epoch milliseconds. */
export const instantOf = (id: Id): number => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
