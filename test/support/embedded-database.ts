import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedStore } from '#server/store/embedded/open.ts';
import type { EmbeddedOptions, EmbeddedStore } from '#server/store/embedded/open.ts';

/** A directory for an embedded store, opened as often as the test likes and removed by `destroy`. */
export async function temporaryDatabase(): Promise<{
  directory: string;
  open(options: Omit<EmbeddedOptions, 'directory'>): Promise<EmbeddedStore>;
  destroy(): Promise<void>;
}> {
  const directory = await mkdtemp(join(tmpdir(), 'encours-store-'));
  const opened: EmbeddedStore[] = [];
  return {
    directory,
    open: async (options) => {
      const store = await openEmbeddedStore({ directory, ...options });
      opened.push(store);
      return store;
    },
    destroy: async () => {
      for (const store of opened) await store.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
