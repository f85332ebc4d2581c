import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { openEmbeddedStore } from '#server/store/embedded/open.ts';
import { ALL_KINDS } from '#server/store/kinds/all.ts';
import { SCHEMA_VERSION } from '#server/store/migrations/version.ts';
import { fillKinds } from './fill-kinds.ts';

/**
 * Makes test/fixtures/store/v<version>.db.gz: the embedded file as this version writes it. Run it once for each version
 * of the shape, when the version is released, and never again: `node test/support/make-store-fixture.ts`.
 */
const directory = await mkdtemp(join(tmpdir(), 'encours-fixture-'));
const store = await openEmbeddedStore({ directory, kinds: ALL_KINDS });
await fillKinds(store, ALL_KINDS);
const copy = join(directory, 'copy.db');
await store.backup(copy);
await store.close();
await writeFile(
  new URL(`../fixtures/store/v${SCHEMA_VERSION}.db.gz`, import.meta.url),
  gzipSync(await readFile(copy), { level: 9 }),
);
await rm(directory, { recursive: true });
