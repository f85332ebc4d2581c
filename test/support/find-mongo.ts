import { findTestMongo } from './mongo.ts';

/** Vitest's global set-up: one replica set for the whole run, when one can be had. */
export async function setup(): Promise<() => Promise<void>> {
  const found = await findTestMongo();
  if (found !== null) process.env.TEST_MONGODB_URI = found.uri;
  return async () => found?.stop();
}
