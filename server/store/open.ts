import { openEmbeddedStore } from '#server/store/embedded/open.ts';
import { MIGRATIONS } from '#server/store/migrations/all.ts';
import { migrate } from '#server/store/migrations/migrate.ts';
import type { StoreLog } from '#server/store/embedded/open.ts';
import type { Kind, Store, Versioned } from '#server/store/port.ts';

export interface StoreConfig {
  /** Null: the embedded store. */
  mongodbUri: string | null;
  mongodbDb: string;
  dataDir: string;
}

/**
 * Opens the store that the settings ask for (MongoDB when there is an address, else the embedded one) and brings its
 * documents up to the shape that this code knows.
 *
 * @throws Error with what to do when it cannot be opened
 */
export async function openStore(
  config: StoreConfig,
  kinds: readonly Kind<Versioned>[],
  log?: StoreLog,
): Promise<Store> {
  const store = await openAdapter(config, kinds, log);
  try {
    await migrate(store, MIGRATIONS, ({ to, name }) =>
      log?.warn({ to, name }, 'bringing the stored documents up to date'),
    );
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function openAdapter(config: StoreConfig, kinds: readonly Kind<Versioned>[], log?: StoreLog): Promise<Store> {
  if (config.mongodbUri === null) return await openEmbeddedStore({ directory: config.dataDir, kinds, log });
  // Loaded only when asked for: the driver is large, and most installations never need it.
  const { openMongoStore } = await import('#server/store/mongo/open.ts');
  return await openMongoStore({ uri: config.mongodbUri, database: config.mongodbDb, kinds, log });
}
