import type { Id } from '#lib/domain/values.ts';
import { importRuns } from '#server/store/kinds/workspace.ts';
import type { TestApp } from './app.ts';
import { until } from './realtime.ts';

/** Waits until an import is applied. */
export async function importWorkDone(app: TestApp, workspaceId: Id, importId: Id): Promise<void> {
  await until(
    async () => (await app.store.workspace(workspaceId).docs(importRuns).get(importId))?.state === 'applied',
    'the import is applied',
    20_000,
  );
}
