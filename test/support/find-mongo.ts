import { findTestMongo } from './mongo.ts';
import { openPool } from './mongo-pool.ts';

/** Vitest's global set-up: one replica set for the whole run, when one can be had. */
export async function setup(): Promise<() => Promise<void>> {
  const found = await findTestMongo();
  if (found === null) return async () => undefined;
  process.env.TEST_MONGODB_URI = found.uri;
  const dropAll = openPool(found.uri);
  return async () => {
    await dropAll();
    await found.stop();
  };
}
