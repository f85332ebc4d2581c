import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readConfig, type Config } from '../config.ts';
import { createWorkspace } from '../services/members/create-workspace.ts';
import { workspaces } from '../store/kinds/installation.ts';
import { ALL_KINDS } from '../store/kinds/all.ts';
import { accounts } from '../store/kinds/workspace.ts';
import { openStore } from '../store/open.ts';
import type { Store } from '../store/port.ts';
import { makeDemo } from './make-demo.ts';
import { makeTeam } from './people.ts';
import { seedDemo } from './seed-demo.ts';

const log = pino({ level: 'silent' });
let config: Config;

beforeEach(async () => {
  config = readConfig({ DATA_DIR: await mkdtemp(join(tmpdir(), 'encours-demo-')), LOG_LEVEL: 'silent' });
});
afterEach(() => rm(config.dataDir, { recursive: true, force: true }));

async function inStore<R>(look: (store: Store) => Promise<R>): Promise<R> {
  const store = await openStore(config, ALL_KINDS, log);
  try {
    return await look(store);
  } finally {
    await store.close();
  }
}

it('leaves nothing when it was stopped between two phases; the next start makes it whole', async () => {
  // an installation that has been started before, and has nobody yet
  expect(await inStore((store) => store.schema.workspaces())).toEqual([]);
  const stopped = makeDemo(config, log, async (app) => {
    const made = await createWorkspace(app, { name: 'À moitié', demo: true });
    await makeTeam(app, made.id);
    throw new Error('stopped');
  });
  await expect(stopped).rejects.toThrow('stopped');
  expect(await inStore((store) => store.schema.workspaces())).toEqual([]);
  await makeDemo(config, log, (app) => seedDemo(app, { size: 'tiny' }));
  await inStore(async (store) => {
    const names = [];
    for await (const one of store.installation.docs(workspaces).each({})) {
      names.push(one.name);
      expect(await store.workspace(one.id).docs(accounts).count({})).toBeGreaterThan(30);
    }
    expect(names).toEqual(['Manufacture Brévalis']);
  });
  expect(existsSync(join(config.dataDir, 'demo.making'))).toBe(false);
}, 300_000);
