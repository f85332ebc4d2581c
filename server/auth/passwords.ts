import * as crypto from 'node:crypto';
import { AppError } from '#lib/protocol/errors.ts';

/** OWASP's second choice for Argon2id; about 70 ms and 19 MiB each. */
const COST = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 };
/** Hashing shares four threads with all file work: two at once, and a short line of those who wait. */
const AT_ONCE = 2;
const MOST_WAITING = 100;

let running = 0;
const waiting: (() => void)[] = [];

async function inTurn<R>(work: () => Promise<R>): Promise<R> {
  if (running >= AT_ONCE) {
    if (waiting.length >= MOST_WAITING) throw new AppError('too_many_requests', { retryAfter: 5 });
    await new Promise<void>((resolve) => waiting.push(resolve));
  } else running += 1;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }
}

function argon2id(password: string, nonce: Buffer, cost: typeof COST): Promise<Buffer> {
  if (typeof crypto.argon2 !== 'function')
    throw new Error('Passwords need Argon2 of node:crypto: run Encours with Node 24.7 or later.');
  const message = Buffer.from(password.normalize('NFC'), 'utf8');
  return inTurn(
    () =>
      new Promise((resolve, reject) => {
        crypto.argon2('argon2id', { message, nonce, ...cost }, (error, tag) => {
          if (error) reject(error);
          else resolve(tag);
        });
      }),
  );
}

const base64 = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');

/** Argon2id in PHC form, `$argon2id$v=19$m=…,t=…,p=…$salt$tag`. */
export async function hashPassword(password: string): Promise<string> {
  const salt = crypto.randomBytes(16);
  const tag = await argon2id(password, salt, COST);
  return `$argon2id$v=19$m=${COST.memory},t=${COST.passes},p=${COST.parallelism}$${base64(salt)}$${base64(tag)}`;
}

const PHC = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/** Compared when there is no password to compare with, so that an unknown e-mail takes as long as a wrong password. */
let nobodysHash: Promise<string> | null = null;

/**
 * Whether this password made that hash. Null, or a hash of another form, takes the same work and answers false.
 *
 * @throws AppError `too_many_requests` when too many wait for their turn
 */
export async function verifyPassword(hash: string | null, password: string): Promise<boolean> {
  const match = hash === null ? null : PHC.exec(hash);
  if (match === null) {
    nobodysHash ??= hashPassword(crypto.randomBytes(16).toString('hex'));
    await verifyPassword(await nobodysHash, password);
    return false;
  }
  const [, memory, passes, parallelism, salt = '', tag = ''] = match;
  const expected = Buffer.from(tag, 'base64');
  const actual = await argon2id(password, Buffer.from(salt, 'base64'), {
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    tagLength: expected.length,
  });
  return crypto.timingSafeEqual(expected, actual);
}
